import { kebab, snake } from "../names.ts";
import { daily, line, linear, step, surge, type TellNobody } from "../story.ts";

/** No commit is guilty: load, a node, a flag, a failover, years of data. */
export const nobody = {
  load(world) {
    const { dice, service } = world;
    return {
      alerts: [
        `${service.name} p99 latency above SLO`,
        `${service.name} CPU saturation`,
        `HighErrorRate ${service.name}`,
      ],
      lines: [line("warn", 14, `queue depth ${dice.int(300, 2000)}, shedding load`)],
      series: [
        surge("http_requests_per_second", 140, 620),
        step("cpu_usage", 0.4, 0.97),
        step("http_request_duration_seconds_p99", 0.3, 3.4),
      ],
      needs: ["series"],
      words: `${service.name} latency CPU`,
    };
  },

  node_failure(world) {
    const { dice, service } = world;
    const node = `ip-10-3-${dice.int(1, 90)}-${dice.int(2, 250)}.eu-west-1`;
    return {
      alerts: [
        `${service.name} partial errors`,
        `KubePodNotReady ${service.name}`,
        `HighErrorRate ${service.name} (2 of 9 pods)`,
      ],
      lines: [
        line("warn", 2, `Node ${node} status is now: NodeNotReady (kubelet stopped posting node status)`, {
          service: "node-controller",
          first: true,
        }),
        line("error", 3, `${node}: EXT4-fs error: I/O error reading inode, remounting read-only`, {
          service: "kernel",
        }),
        line(
          "error",
          10,
          `upstream connect error, reset reason: connection termination pod=${service.name}-7c9d-${dice.hex(5)} node=${node}`,
        ),
      ],
      pods: { metric: "http_5xx_ratio", base: 0.002, to: 0.7, bad: 2, of: 5 },
      series: [step("http_5xx_ratio", 0.002, 0.16)],
      needs: ["logs"],
      words: `${service.name} pods ready`,
    };
  },

  flag_flip(world) {
    const { dice, service } = world;
    const feature = dice.pick(world.domain.features);
    return {
      alerts: [`HighErrorRate ${service.name}`, `completed ${world.entity()}s down ${dice.int(20, 70)}%`],
      flag: {
        flag: dice.chance(0.5) ? snake(feature) : kebab(feature),
        change: dice.pick(["off → on", "10% → 100%", "enabled for everyone", "false -> true"]),
      },
      lines: [line("error", 14, `${feature}: no handler for variant B`)],
      series: [step("http_5xx_ratio", 0.002, 0.1)],
      needs: ["logs"],
      words: `${service.name} error rate`,
    };
  },

  db_failover(world) {
    const { dice, service } = world;
    return {
      alerts: [`${service.name} writes failing`, `HighErrorRate ${service.name} POST`],
      lines: [
        line("warn", 1, "Multi-AZ failover to standby started: storage volume failure on primary", {
          service: `${service.name}-db`,
          first: true,
        }),
        line(
          "error",
          14,
          dice.pick([
            "cannot execute INSERT in a read-only transaction",
            "FATAL: the database system is starting up",
            "terminating connection due to administrator command",
          ]),
        ),
      ],
      series: [step("http_5xx_ratio", 0.002, 0.3)],
      needs: ["logs"],
      words: `${service.name} writes`,
    };
  },

  slow_growth(world) {
    const { dice, service } = world;
    return {
      alerts: [`DiskWillFillIn4Hours ${service.name}-db`, `${service.name}-db free storage < 5%`],
      lines: [
        line(
          "warn",
          6,
          `could not extend file "base/16401/${dice.int(10000, 99999)}": No space left on device`,
          { service: `${service.name}-db` },
        ),
      ],
      series: [
        linear("volume_used_bytes", 880e9, 998e9, { service: null }),
        daily("http_requests_per_second", 150),
      ],
      needs: ["series"],
      words: `${service.name} db disk storage`,
    };
  },
} satisfies Record<string, TellNobody>;
