import type { Logs } from "../../shared/ports/logs.ts";
import { logSettings, logsOf as logsFrom } from "../host/logs.ts";
import type { Host } from "./host.ts";

export const logsOf = ({ env, secret }: Host): Logs => {
  const value = (name: string): string | undefined =>
    (name === "LOKI_TOKEN" || name === "ELASTICSEARCH_API_KEY" ? secret(name) : env[name]) || undefined;
  return logsFrom(logSettings(value, value));
};
