import { sourcePath } from "../../languages.ts";
import { daily, line, ramp, step, type TellGuilty } from "../../story.ts";

/** Only in half B: settings of the platform. */
export const platform = {
  body_limit(world) {
    const { dice, service } = world;
    const now = dice.pick(["1m", "2m"]);
    return {
      alerts: [
        `${service.name} uploads failing (synthetic check)`,
        `4xx ratio ${service.name} POST ${dice.int(5, 30)}%`,
      ],
      hours: [0.1, 10],
      change: {
        type: "chore",
        scope: "proxy",
        says: dice.pick([
          "same proxy settings everywhere",
          "defaults from the platform chart",
          "proxy template",
        ]),
        patch: [
          [
            world.configOf(service).replace(/[^/]+$/, "nginx.conf"),
            "http",
            ["-  client_max_body_size 50m;", `+  client_max_body_size ${now};`, "+  server_tokens off;"],
          ],
        ],
      },
      lines: [
        line(
          "error",
          13,
          `client intended to send too large body: ${dice.int(2200000, 30000000)} bytes, client: 10.9.${dice.int(1, 9)}.${dice.int(1, 250)}, server: ${service.name}.${world.domain.org}.io`,
          { service: "ingress-nginx" },
        ),
      ],
      series: [step('http_responses_total{code="413"}', 0, 18)],
      needs: ["logs", "patch"],
      words: `${service.name} uploads 4xx`,
    };
  },

  poll_batch(world) {
    const { dice, service } = world;
    const now = dice.pick([5000, 4000, 10000]);
    return {
      alerts: [`KafkaConsumerLag group=${service.name} > 100k`, `${service.name} lag growing`],
      hours: [1, 12],
      when: "peak",
      change: {
        type: "perf",
        scope: "consumer",
        says: dice.pick(["fewer round trips", "throughput", "cheaper consumption"]),
        patch: [
          [
            dice.chance(0.5) ? world.configOf(service) : sourcePath(service, "consumer config"),
            "kafka",
            ["-    max.poll.records: 500", `+    max.poll.records: ${now}`],
          ],
        ],
      },
      lines: [
        line(
          "warn",
          8,
          `consumer poll timeout has expired: the time between subsequent calls to poll() was longer than max.poll.interval.ms, reduce max.poll.records (${now})`,
        ),
        line("info", 8, `(Re-)joining group ${service.name}`),
      ],
      series: [
        ramp("kafka_consumergroup_lag", 400, 180000, { from: "onset" }),
        daily("messages_in_per_second", 300),
      ],
      needs: ["logs", "patch"],
      words: `${service.name} lag kafka`,
    };
  },

  min_replicas(world) {
    const { dice, service } = world;
    return {
      alerts: [`${service.name} saturation > 90%`, `${service.name} slow (p95 ${dice.int(2, 7)}s)`],
      hours: [3, 16],
      when: "peak",
      change: {
        type: "chore",
        scope: "finops",
        says: dice.pick(["weekend savings", "scale to what we need", "budget review"]),
        patch: [
          [
            world.configOf(service),
            "autoscaling",
            ["-  minReplicas: 8", "+  minReplicas: 2", "-  maxReplicas: 24", "+  maxReplicas: 4"],
          ],
        ],
      },
      lines: [
        line(
          "warn",
          6,
          `HorizontalPodAutoscaler ${service.name}: the desired replica count is more than the maximum replica count (desired ${dice.int(9, 14)}, max 4)`,
          { service: "hpa-controller" },
        ),
      ],
      series: [
        step("kube_deployment_status_replicas", 9, 4, { from: "deploy" }),
        step("cpu_usage", 0.45, 0.97),
        daily("http_requests_per_second", 260),
      ],
      needs: ["series", "patch"],
      words: `${service.name} saturation p95`,
    };
  },

  service_port(world) {
    const { dice, service, upstream } = world;
    const was = 8080;
    const now = dice.pick([9090, 8443, 3000]);
    return {
      alerts: [
        `${service.name} errors calling dependencies`,
        `${service.name} success rate ${dice.int(40, 90)}%`,
      ],
      owner: upstream,
      dependent: true,
      hours: [0.03, 0.4],
      change: {
        type: "chore",
        scope: upstream.name,
        says: dice.pick(["non-root friendly defaults", "follow the platform chart", "chart v4"]),
        patch: [[world.configOf(upstream), "service", [`-  targetPort: ${was}`, `+  targetPort: ${now}`]]],
      },
      lines: [
        line(
          "error",
          16,
          service.language === "go"
            ? `dial tcp 172.20.${dice.int(1, 99)}.8:${now}: connect: connection refused`
            : service.language === "ts"
              ? `connect ECONNREFUSED 172.20.4.${dice.int(2, 99)}:${now}`
              : `Connection refused: ${upstream.name}.prod.svc/172.20.1.${dice.int(2, 99)}:${now}`,
        ),
      ],
      series: [
        step("http_5xx_ratio", 0.002, 0.4),
        step("http_requests_per_second", 80, 0, { service: upstream }),
      ],
      needs: ["logs", "patch", "dependsOn"],
      words: `${service.name} errors dependencies`,
    };
  },
} satisfies Record<string, TellGuilty>;
