import { sourcePath } from "../languages.ts";
import { pascal, snake, upper } from "../names.ts";
import { daily, line, step, stepDaily, type TellGuilty } from "../story.ts";
import { trace } from "../traces.ts";
import type { World } from "../world.ts";

/** Settings of the service. */
export const configuration = {
  pool_config(world) {
    const { dice, service } = world;
    const was = dice.pick([40, 50, 64]);
    const now = dice.pick([8, 10, 12]);
    const key = {
      go: "DB_MAX_OPEN_CONNS",
      java: "maximumPoolSize",
      py: "SQLALCHEMY_POOL_SIZE",
      ts: "PGPOOL_MAX",
      ruby: "pool",
    }[service.language];
    const message = exhausted(world, now);
    return {
      alerts: [`${service.name} p99 latency above SLO`, `HighRequestLatency p99 > 2s job=${service.name}`],
      hours: [2, 14],
      when: "peak",
      change: {
        type: "chore",
        scope: dice.pick(["prod", "values", service.name]),
        says: dice.pick([
          "align prod values with staging",
          "tidy up values",
          "trim settings we no longer need",
          "follow the platform defaults",
        ]),
        patch: [
          [
            world.configOf(service),
            "env",
            [`-  ${key}: ${was}`, `+  ${key}: ${now}`, "-  LOG_FORMAT: text", "+  LOG_FORMAT: json"],
          ],
        ],
      },
      lines: [line("error", 18, message)],
      series: [
        stepDaily("db_connections_in_use", was * 0.5, now, { cap: now, from: "deploy" }),
        step("http_request_duration_seconds_p99", 0.3, 4.5),
        daily("http_requests_per_second", 200),
      ],
      needs: ["logs", "patch"],
      words: `${service.name} p99 latency`,
    };
  },

  env_rename(world) {
    const { dice, service } = world;
    const old = upper(`${service.name} ${dice.pick(["dsn", "redis url", "broker", "signing key"])}`);
    const renamed = upper(`${dice.pick(["app", "svc"])} ${old}`);
    const read = {
      go: (name: string) => `\tdsn := mustEnv("${name}")`,
      java: (name: string) =>
        `        String dsn = Objects.requireNonNull(System.getenv("${name}"), "${name}");`,
      py: (name: string) => `DSN = os.environ["${name}"]`,
      ts: (name: string) => `const dsn = required('${name}')`,
      ruby: (name: string) => `  DSN = ENV.fetch("${name}")`,
    }[service.language];
    const message = {
      go: `panic: environment variable ${renamed} is not set`,
      java: `java.lang.NullPointerException: ${renamed}`,
      py: `KeyError: '${renamed}'`,
      ts: `Error: missing required environment variable ${renamed}`,
      ruby: `KeyError: key not found: "${renamed}"`,
    }[service.language];
    return {
      alerts: [
        `KubeDeploymentReplicasMismatch deployment=${service.name}-worker`,
        `${service.name}-worker: 0 of ${dice.int(2, 6)} replicas available`,
      ],
      hours: [0.5, 12],
      change: {
        type: "refactor",
        scope: "config",
        says: dice.pick(["one naming scheme for settings", "settings cleanup", "read settings in one place"]),
        patch: [
          [sourcePath(service, "app settings"), "", [`-${read(old)}`, `+${read(renamed)}`]],
          [world.configOf(service), "env", [`-    - name: ${old}`, `+    - name: ${renamed}`]],
        ],
      },
      lines: [
        line("fatal", 9, message, { service: service.name }),
        line(
          "warn",
          5,
          `Back-off restarting failed container worker in pod ${service.name}-worker-${dice.hex(5)}`,
          { service: "kubelet" },
        ),
        line("info", 1, `scale-down: node ip-10-0-${dice.int(1, 99)}-12 removed, pods evicted`, {
          service: "cluster-autoscaler",
        }),
      ],
      series: [step(`kube_deployment_status_replicas_available{deployment="${service.name}-worker"}`, 4, 0)],
      needs: ["logs", "patch"],
      words: `${service.name} worker replicas`,
    };
  },

  flag_in_code(world) {
    const { dice, service } = world;
    const feature = dice.pick(world.domain.features);
    const field = snake(feature);
    const engine = pascal(`${feature} engine`);
    const message = {
      go: `${feature}: unsupported currency "JPY"`,
      java: `${engine}Exception: no rule for segment B2B`,
      py: `${engine}Error: no rule for segment B2B`,
      ts: `${engine}: unsupported locale nl-BE`,
      ruby: `${engine}::Unsupported: segment B2B`,
    }[service.language];
    return {
      alerts: [
        `${service.name} conversion drop`,
        `business metric: completed ${world.entity()}s -${dice.int(20, 60)}% vs last week`,
        `HighErrorRate ${service.name}`,
      ],
      hours: dice.pick([
        [0.03, 0.3],
        [1, 6],
      ]),
      change: {
        type: "chore",
        scope: "config",
        says: dice.pick([
          "sync settings with staging",
          "weekly settings sync",
          "GA switches for this sprint",
        ]),
        patch: [
          [
            dice.chance(0.5) ? "config/features.yaml" : `${service.dir}/config/features.json`,
            service.name,
            [`-  ${field}: false`, `+  ${field}: true`, "-  new_footer: false", "+  new_footer: true"],
          ],
        ],
      },
      lines: [
        line("error", 12, message, {
          trace: dice.chance(0.5)
            ? trace(world, message, [
                [`${feature} engine`, "evaluate"],
                [`${world.entity()} handler`, "create"],
              ])
            : undefined,
        }),
      ],
      series: [step(`${snake(world.entity())}_completed_per_minute`, 210, 95)],
      needs: ["logs", "patch"],
      words: `${service.name} conversion`,
    };
  },
} satisfies Record<string, TellGuilty>;

/** The error of a pool of that size when all connections are in use. */
const exhausted = ({ dice, service: { language } }: World, size: number): string => {
  if (language === "java")
    return `HikariPool-1 - Connection is not available, request timed out after 30000ms (total=${size}, active=${size}, idle=0, waiting=${dice.int(20, 90)})`;
  if (language === "py")
    return `sqlalchemy.exc.TimeoutError: QueuePool limit of size ${size} overflow 0 reached, connection timed out, timeout 30.00`;
  if (language === "ruby")
    return `ActiveRecord::ConnectionTimeoutError: could not obtain a connection from the pool within 5.000 seconds (pool size ${size}); all pooled connections were in use`;
  return `timeout waiting for a free database connection (${size} of ${size} in use)`;
};
