import { constant, sourcePath } from "../languages.ts";
import { kebab, snake, upper } from "../names.ts";
import { daily, line, step, type TellGuilty } from "../story.ts";
import { trace } from "../traces.ts";

/** How long, how often, how much: timeouts, retries, limits, caches. */
export const limits = {
  timeout_const(world) {
    const { dice, service, upstream } = world;
    const was = dice.pick([5000, 8000, 3000]);
    const now = dice.pick([350, 500, 800]);
    const name = `${upstream.name} client`;
    const inSeconds = service.language === "py" || service.language === "ruby";
    const shown = (ms: number): string => (inSeconds ? `${ms / 1000}` : `${ms} ms`);
    const message = {
      go: `Get "http://${upstream.name}:8080/v1/${kebab(world.entity())}s": context deadline exceeded (Client.Timeout exceeded after ${now}ms)`,
      java: `java.net.http.HttpTimeoutException: request timed out after ${now} ms: http://${upstream.name}/v1`,
      py: `requests.exceptions.ReadTimeout: HTTPConnectionPool(host='${upstream.name}', port=80): Read timed out. (read timeout=${now / 1000})`,
      ts: `TimeoutError: ${upstream.name} did not answer within ${now}ms`,
      ruby: `Faraday::TimeoutError: ${upstream.name}: execution expired (${now / 1000}s)`,
    }[service.language];
    return {
      alerts: [
        `5xx ratio on ${service.name} is ${dice.int(3, 20)}%`,
        `${service.name} ErrorBudgetBurn long=1h short=5m`,
      ],
      hours: dice.pick([
        [0.05, 0.4],
        [3, 10],
      ]),
      when: "peak",
      change: {
        type: "perf",
        scope: upstream.name,
        says: dice.pick(["fail fast", "do not let slow neighbours hold threads", "tighten client defaults"]),
        patch: [
          [
            sourcePath(service, name),
            "defaults",
            [
              `-${constant(service, "request timeout", shown(was))}`,
              `+${constant(service, "request timeout", shown(now))}`,
            ],
          ],
        ],
      },
      lines: [
        line("error", 20, message, {
          trace: dice.chance(0.4)
            ? trace(world, message, [
                [name, "send"],
                [`${world.entity()} controller`, "index"],
              ])
            : undefined,
        }),
      ],
      series: [
        step("http_5xx_ratio", 0.003, 0.09),
        daily("http_request_duration_seconds_p99", 0.42, { service: upstream }),
      ],
      needs: ["logs"],
      words: `${service.name} 5xx ${upstream.name}`,
    };
  },

  retry_storm(world) {
    const { dice, service, upstream } = world;
    const was = dice.pick([1, 2]);
    const now = dice.pick([8, 10, 15]);
    return {
      alerts: [
        `${upstream.name} overloaded: CPU > 95%`,
        `HighRequestRate ${upstream.name} (${dice.int(3, 9)}x)`,
      ],
      hours: [0.3, 6],
      when: "peak",
      change: {
        type: "fix",
        scope: upstream.name,
        says: dice.pick([
          "ride out short blips",
          "be more patient with neighbours",
          "no more failed pages on restarts",
        ]),
        patch: [
          [
            sourcePath(service, `${upstream.name} client`),
            "",
            [
              `-${constant(service, "max attempts", was)}`,
              `+${constant(service, "max attempts", now)}`,
              `-${constant(service, "backoff", "250 ms")}`,
              `+${constant(service, "backoff", "10 ms")}`,
            ],
          ],
        ],
      },
      lines: [
        line("warn", 20, `${upstream.name}: attempt ${now - 1} of ${now} failed: 503, retrying in 10ms`),
        line("error", 8, `503 shed load client=${service.name}`, { service: upstream }),
      ],
      series: [
        step(`http_requests_per_second{client="${service.name}"}`, 60, 900, { service: upstream }),
        step("cpu_usage", 0.4, 0.97, { service: upstream }),
        daily("http_requests_per_second", 70),
      ],
      needs: ["logs", "patch"],
      words: `${upstream.name} overloaded CPU`,
    };
  },

  rate_limit(world) {
    const { dice, service } = world;
    const was = dice.pick([500, 1000, 2000]);
    const now = dice.pick([50, 60, 100]);
    return {
      alerts: [
        `${service.name} 429 responses above threshold`,
        `4xx ratio on ${service.name} ingress ${dice.int(10, 45)}%`,
        `partner traffic to ${service.name} dropped`,
      ],
      hours: [1, 9],
      when: "peak",
      change: {
        type: "chore",
        scope: "ingress",
        says: dice.pick([
          "ingress annotations per the security review",
          "harden defaults",
          "apply the new ingress template",
        ]),
        patch: [
          [
            world.configOf(service).replace(/[^/]+$/, "ingress.yaml"),
            "annotations",
            [
              `-    nginx.ingress.kubernetes.io/limit-rpm: "${was}"`,
              `+    nginx.ingress.kubernetes.io/limit-rpm: "${now}"`,
              '+    nginx.ingress.kubernetes.io/ssl-redirect: "true"',
            ],
          ],
        ],
      },
      lines: [
        line(
          "error",
          20,
          `limiting requests, excess: ${now / 10}.4${dice.int(10, 99)} by zone "prod_${service.name}_rpm", server: ${service.name}.${world.domain.org}.io`,
          { service: "ingress-nginx" },
        ),
      ],
      series: [step('http_responses_total{code="429"}', 0, 40), daily("http_requests_per_second", 130)],
      needs: ["logs", "patch"],
      words: `${service.name} 429 4xx ratio`,
    };
  },

  cache_ttl(world) {
    const { dice, service, upstream } = world;
    const entity = world.entity();
    const was = dice.pick([3600, 1800, 900]);
    const now = dice.pick([5, 10, 36]);
    const key = `${entity} cache ttl`;
    const configured = dice.chance(0.5);
    return {
      alerts: [
        `${upstream.name} saturated: ${dice.int(85, 99)}% of workers busy`,
        `HighRequestRate on ${upstream.name}`,
        `${service.name} latency p95 > 1s`,
      ],
      hours: dice.pick([
        [0.2, 0.8],
        [3, 8],
      ]),
      change: {
        type: "fix",
        scope: entity,
        says: dice.pick([
          `fresher ${entity}s`,
          `customers see stale ${entity}s for too long`,
          "follow-up from support",
        ]),
        patch: [
          configured
            ? [
                world.configOf(service),
                "config",
                [`-  ${upper(key)}_SECONDS: ${was}`, `+  ${upper(key)}_SECONDS: ${now}`],
              ]
            : [
                sourcePath(service, `${entity} cache`),
                "",
                [`-${constant(service, key, `${was} s`)}`, `+${constant(service, key, `${now} s`)}`],
              ],
        ],
      },
      lines: [
        line("warn", 26, `${entity} cache miss, asking ${upstream.name}`, { from: "deploy", old: 3 }),
        line("error", 10, `worker queue full, rejecting request from ${service.name}`, { service: upstream }),
      ],
      series: [
        step(`cache_hit_ratio{cache="${snake(entity)}"}`, 0.96, 0.31, { from: "deploy" }),
        step("http_requests_per_second", 90, 800, { service: upstream, from: "deploy" }),
        daily("http_requests_per_second", 300),
      ],
      needs: ["series", "patch", "dependsOn"],
      words: `${upstream.name} saturated workers`,
    };
  },
} satisfies Record<string, TellGuilty>;
