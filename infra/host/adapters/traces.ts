import { observedFetch } from "../../../shared/adapters/http/observed-fetch.ts";
import { jaeger } from "../../../shared/adapters/traces/jaeger.ts";
import { tempo } from "../../../shared/adapters/traces/tempo.ts";
import { traces } from "../../../shared/adapters/traces/traces.ts";
import type { Traces } from "../../../shared/ports/traces.ts";

type Given = Partial<
  Record<
    | "TEMPO_URL"
    | "TEMPO_TENANT"
    | "TEMPO_TOKEN"
    | "TEMPO_DATASOURCE"
    | "JAEGER_URL"
    | "JAEGER_TOKEN"
    | "GRAFANA_URL",
    string | undefined
  >
>;

/** Where traces are read, as the environment says it. */
export type TraceSettings = {
  tempo?: { url: string; tenant?: string; token?: string };
  jaeger?: { url: string; token?: string };
  /** Grafana, which shows Tempo's traces, and the name of Tempo there. */
  grafana?: { url: string; datasource: string };
};

export const traceSettings = (given: Given): TraceSettings => {
  const { TEMPO_URL: tempo, TEMPO_TENANT: tenant, TEMPO_TOKEN: token, JAEGER_URL: jaeger } = given;
  const { JAEGER_TOKEN: other, GRAFANA_URL: grafana, TEMPO_DATASOURCE: datasource } = given;
  return {
    ...(tempo && { tempo: { url: tempo, ...(tenant && { tenant }), ...(token && { token }) } }),
    ...(jaeger && { jaeger: { url: jaeger, ...(other && { token: other }) } }),
    ...(grafana && { grafana: { url: grafana, datasource: datasource || "tempo" } }),
  };
};

export const tracesOf = ({ tempo: at, jaeger: other, grafana }: TraceSettings): Traces =>
  traces({
    ...(at && {
      tempo: {
        read: tempo({ ...at, fetch: observedFetch("tempo") }),
        pageOf: grafana && ((trace) => explored(grafana, trace)),
      },
    }),
    ...(other && {
      jaeger: {
        read: jaeger({ ...other, fetch: observedFetch("jaeger") }),
        pageOf: ({ id }) => `${baseOf(other.url)}/trace/${id}`,
      },
    }),
  });

/** People follow it, so it holds no user and no password. */
const baseOf = (address: string): string => {
  const url = new URL(address);
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
};

const aroundMs = 30 * 60_000;

/** Grafana's Explore with one trace of Tempo (https://grafana.com/docs/grafana/latest/explore/get-started-with-explore/#generate-explore-urls-from-external-tools). */
const explored = (
  { url, datasource }: { url: string; datasource: string },
  { id, at }: { id: string; at: number },
): string => {
  const range = { from: String(at - aroundMs), to: String(at + aroundMs) };
  const queries = [
    { refId: "A", datasource: { type: "tempo", uid: datasource }, queryType: "traceql", query: id },
  ];
  const panes = JSON.stringify({ trace: { datasource, queries, range } });
  return `${baseOf(url)}/explore?${new URLSearchParams({ schemaVersion: "1", panes })}`;
};
