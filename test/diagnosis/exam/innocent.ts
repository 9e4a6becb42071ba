import type { Dice } from "./dice.ts";
import { codeLine, constant, type Language, type Service, sourcePath, testPath } from "./languages.ts";
import { kebab, pascal, snake } from "./names.ts";
import type { Change, Patch } from "./story.ts";
import type { World } from "./world.ts";

/** Somebody's everyday work on something of a service. */
type Work = {
  dice: Dice;
  world: World;
  service: Service;
  entity: string;
  name: string;
  file: string;
  test: string;
  any: (...words: string[]) => string;
  code: (lines: number) => string[];
  one: (type: string, says: string, patch: Patch) => Change;
};

/** An everyday change. */
export const everyday = (world: World, service: Service): Change => {
  const { dice } = world;
  const entity = world.entity();
  const name = `${entity} ${dice.pick(parts)}`;
  const line = (): string => `${dice.chance(0.65) ? "+" : "-"}${codeLine(dice, service, entity)}`;
  return dice.pick(works)({
    ...{ dice, world, service, entity, name },
    file: sourcePath(service, name),
    test: testPath(service, name),
    any: (...words) => dice.pick(words),
    code: (length) => Array.from({ length }, line),
    one: (type, says, patch) => ({ type, scope: dice.pick([service.name, entity]), says, patch }),
  });
};
const parts = "service handler view builder query policy exporter importer index form".split(" ");

const works: ((work: Work) => Change)[] = [
  ({ dice, any, one, entity, file, name, test, code }) =>
    one(
      "feat",
      `${any("add", "support", "allow")} ${entity} ${any("filters", "sorting", "bulk edit", "notes", "export", "preview", "history")}`,
      [
        [file, name, code(dice.int(3, 8))],
        [test, "spec", code(2)],
      ],
    ),
  ({ dice, world, any, one, file, name, code }) =>
    one(
      "feat",
      `${dice.pick(world.domain.features)}: ${any("first cut", "wire up the form", "empty state", "copy", "behind a switch", "analytics events")}`,
      [[file, name, code(dice.int(3, 9))]],
    ),
  ({ dice, any, one, entity, file, name, test, code }) =>
    one(
      "fix",
      `${any("wrong", "missing", "duplicate", "stale")} ${entity} ${any("in the list", "after edit", "when empty", "on retry", "for guests")}`,
      [
        [file, name, code(dice.int(2, 4))],
        [test, "spec", code(2)],
      ],
    ),
  ({ dice, any, one, file, name, code }) =>
    one("refactor", `${any("extract", "split", "inline", "rename", "move")} ${name}`, [
      [file, name, code(dice.int(4, 9))],
    ]),
  ({ service, any, one, entity }) =>
    one(
      "docs",
      `${any("document", "README for", "describe", "ADR about")} ${entity} ${any("flow", "states", "ownership", "API")}`,
      [
        [
          `docs/${kebab(entity)}.md`,
          "",
          [`+The ${entity} belongs to team ${service.name}.`, "+See also the runbook."],
        ],
      ],
    ),
  ({ dice, any, one, name, test, code }) =>
    one("test", `${any("cover", "deflake", "more cases for", "speed up tests of")} ${name}`, [
      [test, "spec", code(dice.int(2, 6))],
    ]),
  ({ any, one, entity, file }) =>
    one("chore", any("typo", "comment", "formatting", "fix lint", "unused imports", "gofmt", "rubocop -a"), [
      [file, "", [`-// the ${entity} wil be`, `+// the ${entity} will be`]],
    ]),
  ({ dice, service, one }) => {
    const bump = bumpOf(dice, service);
    const { library, from, to } = bump;
    return {
      ...one("build", "", [
        [
          `${service.dir}/${libraries[service.language].file}`,
          "",
          [`-${library} ${from}`, `+${library} ${to}`],
        ],
      ]),
      bump,
    };
  },
  ({ any, one }) =>
    one(
      "ci",
      `${any("cache", "parallel", "pin", "retry")} ${any("build step", "e2e job", "docker layer", "lint job")}`,
      [
        [
          ".github/workflows/ci.yml",
          "jobs",
          ["-      timeout-minutes: 20", "+      timeout-minutes: 30", "+      cache: true"],
        ],
      ],
    ),
  ({ any, one, entity, file, name, code }) =>
    one("feat", `metrics for ${entity} ${any("size", "latency", "outcome")}`, [
      [file, name, [...code(2), `+    metrics.observe("${snake(entity)}_seconds", elapsed)`]],
    ]),
  ({ one, entity, file, name }) =>
    one("chore", `log ${entity} id`, [[file, name, [`+    log.info("${entity} accepted id=" + id)`]]]),
  ({ dice, world, service, any, one, entity }) =>
    one("feat", `${entity} table: new columns`, [
      [
        `${service.dir}/migrations/${dice.int(100, 900)}_add_${snake(entity)}_columns.sql`,
        "",
        [
          `+ALTER TABLE ${dice.pick(world.domain.tables)} ADD COLUMN ${any("note", "origin", "locale", "tags")} text;`,
        ],
      ],
    ]),
  ({ dice, service, any, one, file }) =>
    one(
      "chore",
      `${any("raise", "tune", "adjust")} ${any("worker concurrency", "batch window", "upload chunk", "page size")}`,
      [
        [
          file,
          "",
          [
            `-${constant(service, "page size", dice.pick([50, 100]))}`,
            `+${constant(service, "page size", dice.pick([120, 200]))}`,
          ],
        ],
      ],
    ),
  ({ service, any, one, entity }) =>
    one("feat", `i18n: ${any("nl", "de", "pl", "pt-BR")} strings`, [
      [
        `${service.dir}/locales/${any("nl", "de", "pl", "pt-BR")}.json`,
        "",
        [`+  "${snake(entity)}.title": "…",`, `+  "${snake(entity)}.empty": "…"`],
      ],
    ]),
  ({ service: { name }, any, one }) =>
    one("chore", `${name}: ${any("bump chart", "new dashboard", "owners", "alert wording", "codeowners")}`, [
      [
        any("CODEOWNERS", `monitoring/${name}/dashboard.json`, `charts/${name}/Chart.yaml`),
        "",
        ["-version: 1.4.1", "+version: 1.4.2"],
      ],
    ]),
  ({ dice, service, any, one, entity, file, name }) =>
    one("refactor", `${any("drop", "remove")} dead ${entity} code`, [
      [file, name, Array.from({ length: dice.int(3, 7) }, () => `-${codeLine(dice, service, entity)}`)],
    ]),
  ({ any, one, entity }) =>
    one("style", any("spacing", "dark mode", "button colours", "responsive header", "a11y labels"), [
      [
        `web/src/components/${pascal(entity)}Card.tsx`,
        "",
        ['-  <div className="p-2">', '+  <div className="p-4">'],
      ],
    ]),
  ({ any, one, file, name, test, code }) =>
    one("fix", `handle ${any("timeout", "empty answer", "conflict", "duplicate key")} in ${name}`, [
      [file, name, code(3)],
      [test, "spec", code(2)],
    ]),
  ({ service, any, one }) =>
    one("chore", `staging: ${any("more replicas", "seed data", "new secret", "debug logs")}`, [
      [`deploy/${service.name}/values-staging.yaml`, "", ["-  replicas: 1", "+  replicas: 2"]],
    ]),
];

const bumpOf = (dice: Dice, { language }: Service): { library: string; from: string; to: string } => {
  const library = dice.pick(libraries[language].names);
  const version = `${dice.int(1, 4)}.${dice.int(0, 20)}`;
  return { library, from: `${version}.0`, to: `${version}.${dice.int(1, 9)}` };
};
const libraries: Record<Language, { file: string; names: string[] }> = {
  go: {
    file: "go.mod",
    names: ["golang.org/x/net", "google.golang.org/grpc", "github.com/prometheus/client_golang"],
  },
  java: {
    file: "pom.xml",
    names: ["com.google.guava:guava", "io.micrometer:micrometer-core", "org.mockito:mockito-core"],
  },
  py: { file: "requirements.txt", names: ["pydantic", "boto3", "pytest"] },
  ts: { file: "package-lock.json", names: ["zod", "eslint", "@types/node", "pino"] },
  ruby: { file: "Gemfile.lock", names: ["rack", "rubocop", "puma"] },
};
