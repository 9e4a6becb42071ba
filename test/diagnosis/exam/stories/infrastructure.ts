import { kebab } from "../names.ts";
import { daily, line, step, stepDaily, type TellGuilty } from "../story.ts";

/** Stories about infrastructure: the edge, CPU, permissions. */
export const infrastructure = {
  tls_min(world) {
    const { dice, service } = world;
    return {
      alerts: [
        `${service.name} partner callbacks missing`,
        `webhook deliveries to ${service.name} -${dice.int(30, 90)}%`,
        `TLS handshake errors on ${service.name} edge`,
      ],
      hours: [0.5, 11],
      change: {
        type: "sec",
        scope: "edge",
        says: dice.pick(["audit finding 14", "pentest follow-up", "raise the bar at the edge"]),
        patch: [
          [
            dice.chance(0.5)
              ? "infra/terraform/edge/listeners.tf"
              : world.configOf(service).replace(/[^/]+$/, "gateway.yaml"),
            "listener",
            [
              '-  ssl_policy = "ELBSecurityPolicy-TLS-1-2-2017-01"',
              '+  ssl_policy = "ELBSecurityPolicy-TLS13-1-3-2021-06"',
              '+  min_tls_version = "1.3"',
            ],
          ],
        ],
      },
      lines: [
        line(
          "error",
          16,
          `TLS handshake failed: client offered TLSv1.2, minimum is TLSv1.3 remote=${dice.int(20, 200)}.${dice.int(1, 250)}.14.9 sni=${service.name}.${world.domain.org}.io`,
          { service: "edge" },
        ),
      ],
      series: [step("webhook_requests_per_minute", 64, 9)],
      owner: world.infra,
      needs: ["logs", "patch"],
      words: `${service.name} partner webhook`,
    };
  },

  limits_cpu(world) {
    const { dice, service } = world;
    return {
      alerts: [
        `CPUThrottlingHigh container=${service.name}`,
        `${service.name} p99 latency ${dice.int(2, 6)}s`,
        `${service.name} liveness probe failures`,
      ],
      hours: [2, 16],
      when: "peak",
      change: {
        type: "chore",
        scope: "capacity",
        says: dice.pick(["right-size workloads", "cost review: Q3 savings", "apply the recommender"]),
        patch: [
          [
            world.configOf(service),
            "resources",
            [
              '-      cpu: "2"',
              `+      cpu: ${dice.pick(["250m", "300m", "500m"])}`,
              "-      memory: 2Gi",
              "+      memory: 1536Mi",
            ],
          ],
          [world.configOf(world.other), "resources", ['-      cpu: "1"', "+      cpu: 800m"]],
        ],
      },
      lines: [
        line(
          "warn",
          9,
          `Liveness probe failed: Get "http://10.2.${dice.int(1, 60)}.7:8080/healthz": context deadline exceeded pod=${service.name}-${dice.hex(9)}`,
          { service: "kubelet" },
        ),
        line("warn", 8, `request took ${dice.int(2000, 6000)}ms, GC/scheduling pause suspected`),
      ],
      series: [
        stepDaily("container_cpu_cfs_throttled_seconds_rate", 0.02, 2.3, { from: "deploy" }),
        daily("http_requests_per_second", 150),
        step("http_request_duration_seconds_p99", 0.25, 3),
      ],
      needs: ["series", "patch"],
      words: `${service.name} latency probes`,
    };
  },

  iam_policy(world) {
    const { dice, service } = world;
    const bucket = `${world.domain.org}-${service.name}-${dice.pick(["exports", "archive", "uploads"])}`;
    return {
      alerts: [
        `${service.name} upload failures`,
        `${service.name}: job errors ${dice.int(5, 40)}/h`,
        `HighErrorRate ${service.name} /files`,
      ],
      hours: [0.2, 14],
      owner: world.infra,
      change: {
        type: "chore",
        scope: "iam",
        says: dice.pick(["least privilege, second round", "remove wildcards", "narrow roles"]),
        patch: [
          [
            `infra/terraform/iam/${kebab(service.name)}.tf`,
            `policy "${service.name}"`,
            [
              '-      "s3:*",',
              '+      "s3:GetObject",',
              '+      "s3:ListBucket",',
              `       resources = ["arn:aws:s3:::${bucket}/*"]`,
            ],
          ],
        ],
      },
      lines: [
        line(
          "error",
          12,
          `AccessDenied: User: arn:aws:sts::4410${dice.int(10000000, 99999999)}:assumed-role/${service.name}-prod/i-0${dice.hex(8)} is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::${bucket}/${dice.hex(6)}"`,
        ),
      ],
      series: [step("upload_failures_per_minute", 0, 22)],
      needs: ["logs", "patch"],
      words: `${service.name} upload failures`,
    };
  },
} satisfies Record<string, TellGuilty>;
