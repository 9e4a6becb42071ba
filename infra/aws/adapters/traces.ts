import type { Traces } from "../../../shared/ports/traces.ts";
import { traceSettings, tracesOf as tracesFrom } from "../../host/adapters/traces.ts";
import type { Host } from "../host.ts";

export const tracesOf = ({ env, secret }: Host): Traces => {
  const [tempo, jaeger] = [secret("TEMPO_TOKEN"), secret("JAEGER_TOKEN")];
  return tracesFrom(traceSettings({ ...env, TEMPO_TOKEN: tempo, JAEGER_TOKEN: jaeger }));
};
