import type { Logs } from "../../../shared/ports/logs.ts";
import { logSettings, logsOf as logsFrom } from "../../host/adapters/logs.ts";
import { signerFor } from "../../host/adapters/signer.ts";
import type { Host } from "../host.ts";

export const logsOf = ({ env, secret }: Host): Logs => {
  const [token, apiKey] = [secret("LOKI_TOKEN"), secret("ELASTICSEARCH_API_KEY")];
  return logsFrom(logSettings({ ...env, LOKI_TOKEN: token, ELASTICSEARCH_API_KEY: apiKey }), signerFor);
};
