import { kebab } from "../../names.ts";
import { flat, line, step, surge, type TellNobody } from "../../story.ts";

/** Only in half B: no commit is guilty. */
export const nobody = {
  one_tenant(world) {
    const { dice, service } = world;
    const tenant = dice.hex(6);
    return {
      alerts: [`${service.name} queue backlog`, `${service.name} p99 > 10s`],
      lines: [
        line(
          "warn",
          2,
          `tenant=${tenant} import of ${dice.int(2, 9)}0 GB (usual: 40 MB) started by customer`,
          { first: true },
        ),
        line("warn", 12, `tenant=${tenant} job exceeded 600s, other tenants waiting`),
      ],
      series: [
        step(`queue_depth{tenant="${tenant}"}`, 4, 9000),
        flat('queue_depth{tenant="all others"}', 30),
      ],
      needs: ["logs"],
      words: `${service.name} queue backlog`,
    };
  },

  scraper(world) {
    const { dice, service } = world;
    return {
      alerts: [`${service.name} 5xx ${dice.int(2, 9)}%`, `${service.name} saturated`],
      lines: [
        line(
          "warn",
          12,
          `unusual volume: AS${dice.int(10000, 60000)} python-requests/2.31 ${dice.int(20, 90)}k req/min on /${kebab(world.entity())}s?page=`,
          { service: "waf" },
        ),
      ],
      series: [surge('http_requests_per_second{path="list"}', 40, 900), step("cpu_usage", 0.4, 0.98)],
      needs: ["logs", "series"],
      words: `${service.name} saturated`,
    };
  },

  zone_network(world) {
    const { dice, service } = world;
    return {
      alerts: [`${service.name} timeouts`, `HighErrorRate ${service.name} zone=eu-west-1b`],
      lines: [
        line("error", 5, `packet loss ${dice.int(20, 60)}% between eu-west-1a and eu-west-1b`, {
          service: "cni",
        }),
        line("error", 12, `timeout after 5000ms peer=${world.upstream.name} zone=eu-west-1b`),
        line("error", 6, "timeout after 5000ms zone=eu-west-1b", { service: world.other }),
      ],
      split: { metric: "http_5xx_ratio", base: 0.002, to: 0.15, everywhere: true },
      series: [
        flat('http_5xx_ratio{zone="eu-west-1a"}', 0.002),
        step('http_5xx_ratio{zone="eu-west-1b"}', 0.002, 0.4),
      ],
      needs: ["logs"],
      words: `${service.name} timeouts`,
    };
  },

  manual_ops(world) {
    const { dice, service } = world;
    return {
      alerts: [`${service.name} replicas 1/6`, `${service.name} saturated`],
      lines: [
        line(
          "info",
          1,
          `user=${dice.pick(["oncall", "ops-bot", "j.meier"])} verb=patch resource=deployments/scale name=${service.name} replicas 6 -> 1`,
          { service: "kube-audit", first: true },
        ),
        line("warn", 12, "connection queue full"),
      ],
      series: [step("kube_deployment_status_replicas", 6, 1)],
      needs: ["logs"],
      words: `${service.name} replicas`,
    };
  },
} satisfies Record<string, TellNobody>;
