import { codeLine, sourcePath } from "../languages.ts";
import { camel, snake } from "../names.ts";
import { line, ramp, step, type TellGuilty } from "../story.ts";
import { exceptions, trace } from "../traces.ts";

/** Mistakes in the service's own code. */
export const code = {
  cron_code(world) {
    const { dice, service } = world;
    const entity = world.entity();
    const name = `${entity} reconciler`;
    const message = {
      go: "panic: runtime error: index out of range [0] with length 0",
      java: "java.util.NoSuchElementException: No value present",
      py: "IndexError: list index out of range",
      ts: "TypeError: Cannot read properties of undefined (reading 'at')",
      ruby: "NoMethodError: undefined method `first' for nil:NilClass",
    }[service.language];
    return {
      alerts: [
        `CronJobFailed ${service.name}-reconcile`,
        `${service.name} reconcile did not finish (last success 26h ago)`,
      ],
      hours: [7, 30],
      when: "night",
      change: {
        type: "refactor",
        scope: entity,
        says: dice.pick([`simplify ${entity} batches`, "less nesting", "address review comments"]),
        patch: [
          [
            sourcePath(service, name),
            "batches",
            [
              `-${codeLine(dice, service, entity)}`,
              `+${codeLine(dice, service, entity)}`,
              `+${codeLine(dice, service, entity)}`,
            ],
          ],
        ],
      },
      lines: [
        line("error", 4, message, {
          trace: trace(world, message, [
            [name, "next batch"],
            ["cron entry", "main"],
          ]),
        }),
      ],
      series: [ramp("cronjob_last_success_age_seconds", 40000, 95000, { from: "onset" })],
      needs: ["logs"],
      words: `${service.name} reconcile`,
    };
  },

  date_bug(world) {
    const { dice, service } = world;
    const name = `${dice.pick(["period", "window", "calendar"])} helper`;
    const message = {
      go: 'parsing time "2026-02-30": day out of range',
      java: "java.time.DateTimeException: Invalid date 'FEBRUARY 30'",
      py: "ValueError: day is out of range for month",
      ts: "RangeError: Invalid time value",
      ruby: "Date::Error: invalid date",
    }[service.language];
    return {
      alerts: [`${service.name} 500s since midnight`, `HighErrorRate service=${service.name} env=prod`],
      hours: [5, 40],
      when: "midnight",
      change: {
        type: "refactor",
        scope: "time",
        says: dice.pick(["one place for period maths", "drop the date library", "remove moment"]),
        patch: [
          [
            sourcePath(service, name),
            "endOf",
            {
              go: [
                "-\treturn start.AddDate(0, 1, -1)",
                '+\treturn time.Parse("2006-01-02", fmt.Sprintf("%d-%02d-%02d", y, m+1, d))',
              ],
              java: [
                "-        return start.plusMonths(1).minusDays(1);",
                "+        return LocalDate.of(start.getYear(), start.getMonthValue() + 1, start.getDayOfMonth());",
              ],
              py: [
                "-    return (start + relativedelta(months=1)) - timedelta(days=1)",
                "+    return start.replace(month=start.month + 1, day=start.day)",
              ],
              ts: [
                "-  return endOfMonth(start)",
                `+  return new Date(\`\${y}-\${m + 1}-\${d}\`).toISOString()`,
              ],
              ruby: ["-    start.next_month - 1", "+    Date.new(start.year, start.month + 1, start.day)"],
            }[service.language],
          ],
        ],
      },
      lines: [
        line("error", 14, message, {
          trace: trace(world, message, [
            [name, "end of"],
            [`${world.entity()} service`, "list"],
          ]),
        }),
      ],
      series: [step("http_5xx_ratio", 0.002, 0.31)],
      needs: ["logs"],
      words: `${service.name} 500s midnight`,
    };
  },

  null_edge(world) {
    const { dice, service } = world;
    const entity = world.entity();
    const name = `${entity} ${dice.pick(["assembler", "mapper", "planner", "formatter"])}`;
    const field = camel(dice.pick(["discount", "locale", "parent", "quota", "contact"]));
    const detail = {
      ...{ go: "", java: "", py: ` '${snake(field)}'`, ts: ` (reading '${field}')` },
      ruby: ` \`${snake(field)}' for nil:NilClass`,
    }[service.language];
    const message = `${exceptions[service.language]}${detail}`;
    return {
      alerts: [
        `HighErrorRate ${service.name} 5xx > 1%`,
        `Sentry spike: ${dice.int(40, 900)} events in ${service.name}`,
      ],
      hours: dice.pick([
        [0.05, 0.5],
        [1, 12],
      ]),
      change: {
        type: "feat",
        scope: entity,
        says: dice.pick([
          `show ${field} with the ${entity}`,
          `${entity} details`,
          "small improvements",
          `${world.domain.key.toLowerCase()} polish`,
        ]),
        patch: [
          [
            sourcePath(service, name),
            "assemble",
            [
              `+${codeLine(dice, service, entity).replace(/status|total|label/g, field)}`,
              `+        ${camel(entity)}.${field}.${dice.pick(["code", "name", "value"])}`,
            ],
          ],
        ],
      },
      lines: [
        line("error", 15, message, {
          trace: trace(world, message, [
            [name, "assemble"],
            [`${entity} service`, "get"],
            ["request handler", "dispatch"],
          ]),
        }),
      ],
      series: [step("http_5xx_ratio", 0.001, 0.03)],
      needs: ["logs"],
      words: `${service.name} 5xx sentry`,
    };
  },

  canary_split(world) {
    const { dice, service } = world;
    const entity = world.entity();
    const name = `${entity} ${dice.pick(["codec", "ranker", "validator"])}`;
    return {
      alerts: [`${service.name} error ratio creeping up`, `ErrorBudgetBurn ${service.name} 2% in 1h`],
      hours: [1, 5],
      rollout: true,
      change: {
        type: "feat",
        scope: entity,
        says: dice.pick([`stricter ${entity} checks`, `new ${entity} encoding`, `rework the ${name}`]),
        patch: [
          [
            sourcePath(service, name),
            "encode",
            [
              `+${codeLine(dice, service, entity)}`,
              `-${codeLine(dice, service, entity)}`,
              `+${codeLine(dice, service, entity)}`,
            ],
          ],
        ],
      },
      lines: [
        line("error", 12, `${entity} rejected: checksum mismatch`, {
          trace: dice.chance(0.6)
            ? trace(world, `${entity} rejected: checksum mismatch`, [
                [name, "encode"],
                [`${entity} handler`, "post"],
              ])
            : undefined,
          from: "deploy",
        }),
      ],
      split: { metric: "http_5xx_ratio", base: 0.002, to: 0.14 },
      beside: "other",
      series: [ramp("http_5xx_ratio", 0.002, 0.06, { from: "deploy" })],
      needs: ["logs", "series"],
      words: `${service.name} error ratio`,
    };
  },
} satisfies Record<string, TellGuilty>;
