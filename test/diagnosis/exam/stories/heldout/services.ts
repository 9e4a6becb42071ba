import { constant, sourcePath } from "../../languages.ts";
import { camel } from "../../names.ts";
import { daily, line, step, type TellGuilty } from "../../story.ts";

/** Only in half B: code of services. */
export const services = {
  big_header(world) {
    const { dice, service, upstream } = world;
    return {
      alerts: [
        `${service.name} 502 ratio on ingress`,
        `some users cannot open ${service.name} (status page reports)`,
      ],
      owner: upstream,
      dependent: true,
      hours: [0.1, 6],
      change: {
        type: "feat",
        scope: "session",
        says: dice.pick(["carry roles with the session", "save a round trip", "fewer calls per page"]),
        patch: [
          [
            sourcePath(upstream, "session cookie"),
            "issue",
            [
              `+    claims["roles"] = user.allRoles()`,
              `+    claims["entitlements"] = user.entitlements()`,
              `     setCookie("${world.domain.org}_session", sign(claims))`,
            ],
          ],
        ],
      },
      lines: [
        line(
          "error",
          14,
          `upstream sent too big header while reading response header from upstream, cookie "${world.domain.org}_session", upstream: "${upstream.name}"`,
          { service: "ingress-nginx" },
        ),
      ],
      series: [step("http_502_ratio", 0.0005, 0.04)],
      needs: ["logs", "patch", "dependsOn"],
      words: `${service.name} 502`,
    };
  },

  regex_cpu(world) {
    const { dice, service } = world;
    const entity = world.entity();
    const name = `${entity} sanitizer`;
    return {
      alerts: [`${service.name} CPU saturation ${dice.int(93, 100)}%`, `HPA ${service.name} at max replicas`],
      hours: [0.3, 9],
      change: {
        type: "fix",
        scope: entity,
        says: dice.pick([
          `accept trailing spaces in ${entity} names`,
          "input trimming",
          "accept more inputs",
        ]),
        patch: [[sourcePath(service, name), "clean", ["-  ^[\\w ]+$", "+  ^(\\s*[\\w]+\\s*)+$"]]],
      },
      lines: [line("warn", 12, `slow call ${camel(name)}.clean took ${dice.int(3, 28)}s`)],
      series: [step("cpu_usage", 0.35, 0.99), daily("http_requests_per_second", 140)],
      needs: ["logs"],
      words: `${service.name} CPU replicas`,
    };
  },

  jwks_cached(world) {
    const { dice, service } = world;
    return {
      alerts: [`${service.name} 401 ratio ${dice.int(20, 90)}%`, `logins failing on ${service.name}`],
      hours: [6, 26],
      change: {
        type: "perf",
        scope: "auth",
        says: dice.pick(["load keys once", "one request less on every call", "speed up token checks"]),
        patch: [
          [
            sourcePath(service, "jwks keys"),
            "load",
            [
              `-${constant(service, "keys refresh", "300 s")}`,
              `+${constant(service, "keys refresh", "0 s")}`,
              "+  // keys are read at start",
            ],
          ],
        ],
      },
      lines: [
        line(
          "error",
          15,
          `token rejected: kid ${dice.hex(8)} not among the known jwks keys (${dice.int(2, 3)} loaded at start)`,
        ),
        line("info", 1, "signing key rotated (scheduled)", { service: "identity" }),
      ],
      series: [step('http_responses_ratio{code="401"}', 0.01, 0.7)],
      needs: ["logs", "patch"],
      words: `${service.name} 401 logins`,
    };
  },

  keepalive(world) {
    const { dice, service } = world;
    return {
      alerts: [`${service.name} 502 > 0.5%`, `intermittent 502 on ${service.name}.${world.domain.org}.io`],
      hours: [0.5, 8],
      change: {
        type: "chore",
        scope: "server",
        says: dice.pick(["drop idle sockets sooner", "server housekeeping", "fewer idle sockets"]),
        patch: [
          [
            sourcePath(service, "http server"),
            "listen",
            [
              `-${constant(service, "keep alive timeout", "75000 ms")}`,
              `+${constant(service, "keep alive timeout", "5000 ms")}`,
            ],
          ],
        ],
      },
      lines: [
        line(
          "error",
          12,
          `upstream prematurely closed connection while reading response header from upstream (keepalive connection reused after ${dice.int(5, 58)}s idle), upstream: "${service.name}"`,
          { service: "ingress-nginx", from: "deploy" },
        ),
      ],
      series: [step("http_502_ratio", 0.0002, 0.012, { from: "deploy" })],
      needs: ["logs", "patch"],
      words: `${service.name} 502 intermittent`,
    };
  },
} satisfies Record<string, TellGuilty>;
