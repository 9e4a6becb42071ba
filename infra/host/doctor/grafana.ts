import { type Finding, ok, orFailed } from "../../../functions/ready/finding.ts";
import { sendJson, type Upstream } from "../../../shared/adapters/http/send-json.ts";

/** Whether Grafana lets the token read annotations; only a mark can show that it may write them. */
export const checkGrafana = (upstream: Upstream): Promise<Finding[]> =>
  orFailed(
    "grafana",
    "check GRAFANA_URL, and that GRAFANA_TOKEN may read, create and write annotations",
    async () => {
      await sendJson(upstream, { method: "GET", path: "/api/annotations?limit=1&tags=countersteer" });
      return [ok("grafana", "answers, and lets annotations be read")];
    },
  );

/** Whether Grafana lets the other token read alert rules. */
export const checkGrafanaRules = (upstream: Upstream): Promise<Finding[]> =>
  orFailed(
    "grafana rules",
    "check GRAFANA_URL, and that GRAFANA_RULES_TOKEN may read alert rules",
    async () => {
      const rules = await sendJson(upstream, { method: "GET", path: "/api/v1/provisioning/alert-rules" });
      return [
        ok("grafana rules", `answers, with ${Array.isArray(rules) ? rules.length : "no list of"} rules`),
      ];
    },
  );
