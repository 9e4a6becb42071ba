import { grafanaAnnotations } from "../../../shared/adapters/grafana/annotations.ts";
import { observedFetch } from "../../../shared/adapters/http/observed-fetch.ts";
import type { Annotations } from "../../../shared/ports/annotations.ts";

/** Where Grafana is, as the environment says it. */
export type GrafanaSettings = { url?: string | undefined; token?: string | undefined };

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
