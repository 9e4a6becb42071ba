import { sourcePath } from "../languages.ts";
import { snake } from "../names.ts";
import { daily, line, step, type TellGuilty } from "../story.ts";
import { trace } from "../traces.ts";
import type { World } from "../world.ts";

/** Queries and schemas. */
export const data = {
  migration_drop(world) {
    const { dice, service } = world;
    const table = dice.pick(world.domain.tables);
    const column = snake(
      `${dice.pick(["legacy", "old", "ext"])} ${dice.pick(["status", "ref", "currency", "source"])}`,
    );
    const [migration, message] = droppedFrom(world, table, column);
    return {
      alerts: [
        `${service.name} job nightly-report failed`,
        `KubeJobFailed job_name=${service.name}-export-${dice.int(28000000, 28999999)}`,
      ],
      hours: [4, 20],
      change: {
        type: "chore",
        scope: "db",
        says: dice.pick([
          "clean up the schema",
          `drop what nobody reads from ${table}`,
          "schema housekeeping",
        ]),
        patch: [
          [
            migration,
            "",
            service.language === "ruby"
              ? [`+    remove_column :${table}, :${column}`, `+    add_index :${table}, :updated_at`]
              : [`+ALTER TABLE ${table} DROP COLUMN ${column};`],
          ],
        ],
      },
      lines: [
        line("error", 5, message, {
          trace: dice.chance(0.6)
            ? trace(world, message, [
                ["nightly export", "run"],
                ["job runner", "perform"],
              ])
            : undefined,
        }),
      ],
      series: [step("job_failures_total", 0, 3)],
      needs: ["logs", "patch"],
      words: "nightly report export job",
    };
  },

  slow_query(world) {
    const { dice, service } = world;
    const table = dice.pick(world.domain.tables);
    const entity = world.entity();
    const column = dice.pick(["email", "external_ref", "postal_code", "display_name"]);
    const query = `SELECT * FROM ${table} WHERE lower(${column}) = $1 ORDER BY created_at DESC`;
    return {
      alerts: [
        `RDS CPUUtilization > 90% for ${service.name}-db`,
        `p95 latency of ${service.name} > 1.5s`,
        `${service.name} database load high`,
      ],
      hours: [1, 9],
      when: "peak",
      change: {
        type: "fix",
        scope: entity,
        says: dice.pick([
          `case-insensitive ${entity} lookup`,
          `find ${entity}s regardless of case`,
          "support ticket follow-up",
        ]),
        patch: [
          [
            sourcePath(service, `${entity} repository`),
            "find",
            [
              `-  ... FROM ${table} WHERE ${column} = $1`,
              `+  ... FROM ${table} WHERE lower(${column}) = $1 ORDER BY created_at DESC`,
            ],
          ],
        ],
      },
      lines: [
        line(
          "warn",
          16,
          `duration: ${dice.int(4000, 22000)}.${dice.int(100, 999)} ms  execute <unnamed>: ${query}`,
          { service: `${service.name}-db`, from: "deploy" },
        ),
        line("error", 7, "canceling statement due to statement timeout"),
      ],
      series: [step("db_cpu_utilization", 35, 96), step("http_request_duration_seconds_p95", 0.2, 2.4)],
      needs: ["logs", "patch"],
      words: `${service.name} database CPU`,
    };
  },

  n_plus_one(world) {
    const { dice, service } = world;
    const entity = world.entity();
    // A draw that decides nothing any more; the cases of a seed depend on it.
    dice.next();
    return {
      alerts: [
        `${service.name} p95 > 2s`,
        `${service.name}-db connections 95% used`,
        `Apdex ${service.name} 0.6`,
      ],
      hours: [1, 12],
      when: "peak",
      change: {
        type: "feat",
        scope: entity,
        says: dice.pick([`show names in the ${entity} list`, `${entity} list columns`, "product feedback"]),
        patch: [
          [
            sourcePath(service, `${entity} list`),
            "rows",
            {
              ruby: ["-    scope.includes(:owner)", "+    scope.map { |x| x.owner.name }"],
              java: [
                "+        rows.forEach(x -> x.setOwnerName(ownerRepository.findById(x.getOwnerId()).getName()));",
              ],
              py: [
                "-        .options(selectinload(Row.owner))",
                '+        row["owner"] = session.get(Owner, row.owner_id).name',
              ],
              go: ["+\t\towner, err := s.db.Owner(ctx, row.OwnerID)"],
              ts: ["+    row.owner = (await this.owners.findOne(row.ownerId)).name"],
            }[service.language],
          ],
        ],
      },
      lines: [
        line(
          "warn",
          14,
          `slow request: ${dice.int(180, 900)} queries, last: SELECT name FROM owners WHERE id = $1`,
          { from: "deploy" },
        ),
      ],
      series: [
        step("db_queries_per_request", 6, 210, { from: "deploy" }),
        step("http_request_duration_seconds_p95", 0.3, 2.6),
        daily("http_requests_per_second", 160),
      ],
      needs: ["logs", "series"],
      words: `${service.name} p95 apdex`,
    };
  },
} satisfies Record<string, TellGuilty>;

/** Where a column is dropped, and what is said of it after. */
const droppedFrom = ({ dice, service }: World, table: string, column: string): [string, string] => {
  const { dir, language } = service;
  const sql = `ERROR: column ${table}.${column} does not exist (SQLSTATE 42703)`;
  if (language === "ruby")
    return [
      `${dir}/db/migrate/2026${dice.int(1000000000, 1299999999)}_clean_up_${table}.rb`,
      `PG::UndefinedColumn: ERROR:  column ${table}.${column} does not exist`,
    ];
  if (language === "java")
    return [`${dir}/src/main/resources/db/migration/V${dice.int(80, 400)}__clean_up_${table}.sql`, sql];
  const file = `${dir}/migrations/${dice.int(100, 900)}_clean_up_${table}.sql`;
  if (language !== "py") return [file, sql];
  return [
    file,
    `psycopg2.errors.UndefinedColumn: column "${column}" does not exist LINE 1: SELECT id, ${column} FROM ${table}`,
  ];
};
