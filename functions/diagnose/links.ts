import type { Alert, Link } from "../../shared/incident/model.ts";
import { dashboardOf } from "../../shared/text/dashboards.ts";
import { discoverUrl } from "../../shared/text/kibana.ts";
import type { Work } from "../step.ts";

type Trouble = { service: string; alerts: Alert[]; onsetAt: number };

/** The span around the onset that a page of log lines shows. It stays the same from look to look. */
const aroundMs = 15 * 60_000;

/** Pages on which people see more of the trouble. Their addresses begin with those of the configured systems, never with an alert's. */
export const linksTo = (
  { places = {}, serviceOf }: Pick<Work, "places" | "serviceOf">,
  { service, alerts, onsetAt }: Trouble,
): Link[] => {
  const { grafana, kibana } = places;
  const panel = grafana === undefined ? undefined : dashboardOf(alerts, grafana);
  const { logs } = serviceOf(service);
  const query = logs !== undefined && "elasticsearch" in logs ? logs.elasticsearch.query : undefined;
  return [
    ...(panel === undefined
      ? []
      : [{ text: panel.panel === undefined ? "Dashboard" : "Panel", url: panel.url }]),
    ...(kibana === undefined || query === undefined
      ? []
      : [
          {
            text: "Logs",
            url: discoverUrl(kibana, { query, from: onsetAt - aroundMs, to: onsetAt + aroundMs }),
          },
        ]),
  ];
};
