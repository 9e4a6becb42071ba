import { codeLine, constant, sourcePath, testBeside } from "../languages.ts";
import { camel, kebab, pascal, snake, upper } from "../names.ts";
import { flat, line, ramp, step, type TellGuilty } from "../story.ts";
import { trace } from "../traces.ts";

/** Changes of a service that the alerting one depends on. */
export const neighbours = {
  upstream_field(world) {
    const { dice, service, upstream } = world;
    const entity = world.entity();
    const old = camel(`${entity} ${dice.pick(["amount", "state", "code", "ref"])}`);
    const renamed = camel(`${dice.pick(["net", "current", "public"])} ${old}`);
    const message = {
      go: `decode ${upstream.name} response: missing required field "${old}"`,
      java: `com.fasterxml.jackson.databind.exc.MismatchedInputException: Missing required creator property '${old}' (index 2)`,
      py: `KeyError: '${old}'`,
      ts: `ZodError: [{"code":"invalid_type","path":["items",0,"${old}"],"message":"Required"}]`,
      ruby: `KeyError: key not found: "${old}"`,
    }[service.language];
    return {
      alerts: [
        `${service.name} error ratio > 5%`,
        `HighErrorRate severity=critical service=${service.name} namespace=prod`,
      ],
      owner: upstream,
      hours: [0.02, 0.3],
      dependent: true,
      change: {
        type: "refactor",
        scope: entity,
        says: dice.pick([
          `clearer names in the ${entity} view`,
          `tidy the ${entity} serializer`,
          "API naming pass",
        ]),
        patch: [
          [
            sourcePath(upstream, `${entity} serializer`),
            "toJson",
            [`-    "${old}": ${camel(entity)}.${old},`, `+    "${renamed}": ${camel(entity)}.${old},`],
          ],
          [
            testBeside(upstream, `${entity} serializer`),
            "it",
            [`-    expect(body.${old})`, `+    expect(body.${renamed})`],
          ],
        ],
      },
      lines: [
        line("error", 18, message, {
          trace: trace(world, message, [
            [`${upstream.name} mapper`, "decode"],
            [`${world.entity()} service`, "load"],
          ]),
        }),
      ],
      series: [step("http_5xx_ratio", 0.002, 0.2), flat("http_5xx_ratio", 0.001, { service: upstream })],
      needs: ["logs", "patch", "dependsOn"],
      words: `${service.name} error ratio ${upstream.name}`,
    };
  },

  enum_new(world) {
    const { dice, service, upstream } = world;
    const entity = world.entity();
    const status = upper(
      `${dice.pick(["partially", "conditionally", "provisionally"])} ${dice.pick(["released", "settled", "approved"])}`,
    );
    const message = {
      go: `unknown ${snake(entity)} status "${status}"`,
      java: `java.lang.IllegalArgumentException: No enum constant com.${world.domain.org}.${pascal(entity)}Status.${status}`,
      py: `ValueError: '${status}' is not a valid ${pascal(entity)}Status`,
      ts: `Error: unreachable: ${status}`,
      ruby: `ArgumentError: '${status.toLowerCase()}' is not a valid status`,
    }[service.language];
    return {
      alerts: [
        `${service.name} dead letters > 0`,
        `DLQ depth ${service.name}-events-dlq > 50`,
        `${service.name} consumer errors`,
      ],
      owner: upstream,
      dependent: true,
      hours: [0.5, 9],
      change: {
        type: "feat",
        scope: entity,
        says: dice.pick([
          `${entity} lifecycle, part 2`,
          "next step of the lifecycle work",
          `model half-done ${entity}s`,
        ]),
        patch: [
          [
            sourcePath(upstream, `${entity} status`),
            "",
            [`+    ${upstream.language === "ruby" ? status.toLowerCase() : status},`],
          ],
          [sourcePath(upstream, `${entity} publisher`), "publish", [`+${codeLine(dice, upstream, entity)}`]],
        ],
      },
      lines: [
        line("error", 14, message, {
          trace: dice.chance(0.5)
            ? trace(world, message, [[`${upstream.name} event consumer`, "handle"]])
            : undefined,
        }),
      ],
      series: [ramp("dlq_depth", 0, 400, { from: "onset" })],
      needs: ["logs", "patch", "dependsOn"],
      words: `${service.name} dead letters consumer`,
    };
  },

  queue_name(world) {
    const { dice, service, upstream } = world;
    const entity = world.entity();
    const old = `${kebab(entity)}.${dice.pick(["created", "changed"])}`;
    const renamed = `${world.domain.org}.${kebab(entity)}.v2`;
    return {
      alerts: [
        `${service.name} has processed nothing for 15m`,
        `NoMessagesConsumed consumer_group=${service.name}`,
      ],
      owner: upstream,
      dependent: true,
      hours: [0.05, 1],
      change: {
        type: "chore",
        scope: "events",
        says: dice.pick(["naming convention for events", "one prefix for everything we emit", "tidy names"]),
        patch: [
          [
            sourcePath(upstream, `${entity} publisher`),
            "",
            [
              `-${constant(upstream, "topic", `"${old}"`)}`,
              `+${constant(upstream, "topic", `"${renamed}"`)}`,
            ],
          ],
        ],
      },
      lines: [line("warn", 8, `no records on topic ${old} for 900s, partitions idle`)],
      series: [
        step("messages_consumed_per_minute", 340, 0),
        flat("messages_published_per_minute", 340, { service: upstream }),
      ],
      needs: ["logs", "patch", "dependsOn"],
      words: `${service.name} consumer messages`,
    };
  },
} satisfies Record<string, TellGuilty>;
