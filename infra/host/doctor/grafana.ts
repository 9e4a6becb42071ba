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
