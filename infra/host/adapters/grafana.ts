import { grafanaAnnotations } from "../../../shared/adapters/grafana/annotations.ts";
import { grafanaRules } from "../../../shared/adapters/grafana/rules.ts";
import { observedFetch } from "../../../shared/adapters/http/observed-fetch.ts";
import type { MetricsOptions } from "../../../shared/adapters/prometheus/prometheus.ts";
import type { Annotations } from "../../../shared/ports/annotations.ts";

/** Where Grafana is, as the environment says it. */
export type GrafanaSettings = {
  url?: string | undefined;
  token?: string | undefined;
  /** Of an account that reads alert rules. */
  rulesToken?: string | undefined;
};

/** The base addresses of pages that people look at. */
export const placesOf = ({
  grafana,
  kibana,
}: {
  grafana: GrafanaSettings;
  kibana?: string | undefined;
}): { grafana?: string; kibana?: string } => ({
  ...(grafana.url !== undefined && { grafana: grafana.url }),
  ...(kibana !== undefined && { kibana }),
});

/** Without a token nothing is written: the address alone is for links. */
export const annotationsFor = ({ url, token }: GrafanaSettings): { annotations?: Annotations } =>
  url === undefined || token === undefined
    ? {}
    : {
        annotations: grafanaAnnotations({ system: "grafana", url, token, fetch: observedFetch("grafana") }),
      };

/** The rules of Grafana-managed alerts, which Prometheus does not have. Without a token of its own none is read. */
export const grafanaRulesOf = ({
  url,
  rulesToken: token,
}: GrafanaSettings): Pick<MetricsOptions, "rulesElsewhere"> =>
  url === undefined || token === undefined
    ? {}
    : { rulesElsewhere: grafanaRules({ system: "grafana", url, token, fetch: observedFetch("grafana") }) };
