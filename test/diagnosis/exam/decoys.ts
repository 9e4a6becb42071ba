import { codeLine, type Service, sourcePath, testPath } from "./languages.ts";
import { kebab } from "./names.ts";
import type { Change, Patch } from "./story.ts";
import type { World } from "./world.ts";

const change =
  (type: string, scope: string, says: string) =>
  (patch: Patch): Change => ({
    ...{ type, scope, says, patch },
  });

/** A change that looks dangerous and is not. */
export const risky = (world: World, service: Service): Change => {
  const { dice } = world;
  const entity = world.entity();
  const name = `${entity} ${dice.pick(["pipeline", "orchestrator", "gateway", "cache", "store"])}`;
  const file = sourcePath(service, name);
  const line = (): string => `${dice.chance(0.6) ? "+" : "-"}${codeLine(dice, service, entity)}`;
  const code = (length: number): string[] => Array.from({ length }, line);
  return dice.pick<() => Change>([
    () => change("refactor", entity, `rewrite ${name}`)([[file, name, code(14)]]),
    () => change("feat", entity, `switch ${name} to the new client`)([[file, name, code(9)]]),
    () => change("perf", entity, `load ${entity}s in parallel`)([[file, name, code(7)]]),
    () =>
      change(
        "fix",
        entity,
        `error handling in ${name}`,
      )([
        [file, name, code(6)],
        [testPath(service, name), "spec", code(3)],
      ]),
    () =>
      change(
        "feat",
        entity,
        `${dice.pick(world.domain.features)} for everyone in beta`,
      )([[sourcePath(service, `${entity} ${dice.pick(["page", "banner"])}`), "", code(8)]]),
    () =>
      change(
        "chore",
        "config",
        "prod: new sampling rate for traces",
      )([
        [
          world.configOf(service),
          "otel",
          ['-  OTEL_TRACES_SAMPLER_ARG: "0.05"', '+  OTEL_TRACES_SAMPLER_ARG: "0.1"'],
        ],
      ]),
    () =>
      change(
        "feat",
        entity,
        `${entity} v2 endpoint`,
      )([
        [file, name, code(10)],
        [`${service.dir}/openapi.yaml`, "", [`+  /v2/${kebab(entity)}s:`]],
      ]),
    () => change("refactor", entity, `typed errors for ${entity}`)([[file, name, code(8)]]),
  ])();
};

/** A change that only shares the alert's words. */
export const soundingAlike = (world: World, service: Service, words: string): Change => {
  const { dice } = world;
  const slug = kebab(words).slice(0, 30);
  return dice.pick<() => Change>([
    () =>
      change(
        "docs",
        "runbook",
        `runbook: ${words}`,
      )([
        [
          `docs/runbooks/${slug}.md`,
          "",
          [`+# ${words}`, "+1. Look at the dashboard.", "+2. Ask in the channel."],
        ],
      ]),
    () =>
      change(
        "test",
        service.name,
        `load test for ${words}`,
      )([[testPath(service, `${slug} load`), "", [`+  it("survives ${words}")`]]]),
    () =>
      change(
        "chore",
        "alerts",
        `alert wording: ${words}`,
      )([
        [
          `monitoring/${service.name}/rules.yaml`,
          "",
          [`-      summary: ${words}`, `+      summary: "${words} (see runbook)"`],
        ],
      ]),
    () =>
      change(
        "chore",
        service.name,
        `comment about ${words}`,
      )([
        [
          sourcePath(service, `${world.entity()} service`),
          "",
          [`+// note on ${words}: see the post-mortem of January`],
        ],
      ]),
    () =>
      change(
        "feat",
        "dashboards",
        `dashboard panel: ${words}`,
      )([[`monitoring/${service.name}/dashboard.json`, "", [`+  "title": "${words}",`]]]),
  ])();
};

/** A change by which somebody tries to mend the trouble. */
export const lateFix = (world: World, service: Service, words: string): Change => {
  const { dice } = world;
  const says = dice.pick([
    `mitigate ${words}`,
    `hotfix: ${words}`,
    `guard against ${words}`,
    `try: ${words}`,
  ]);
  const path = sourcePath(service, `${world.entity()} handler`);
  const line = (): string => `+${codeLine(dice, service, world.entity())}`;
  return { type: "fix", scope: service.name, says, patch: [[path, "", [line(), line()]]] };
};
