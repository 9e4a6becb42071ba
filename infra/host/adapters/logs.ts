import { awsDomain } from "../../../shared/adapters/aws-access.ts";
import { observedFetch } from "../../../shared/adapters/http/observed-fetch.ts";
import { cloudwatch } from "../../../shared/adapters/logs/cloudwatch.ts";
import { elasticsearch } from "../../../shared/adapters/logs/elasticsearch.ts";
import { logs } from "../../../shared/adapters/logs/logs.ts";
import { loki } from "../../../shared/adapters/logs/loki.ts";
import type { Logs } from "../../../shared/ports/logs.ts";
import { credentialsIn } from "./credentials.ts";
import { signedFetch } from "./signed-fetch.ts";
import type { Credentials, SignerFor } from "./signer.ts";

/** Where log lines are read, as the environment says it. */
export type LogSettings = {
  loki?: { url: string; tenant?: string; token?: string };
  elasticsearch?: { url: string; apiKey?: string };
  cloudwatch?: { url: string; region: string; credentials: Credentials };
};

type Variable =
  | ("LOKI_URL" | "LOKI_TENANT" | "LOKI_TOKEN" | "ELASTICSEARCH_URL" | "ELASTICSEARCH_API_KEY")
  | (
      | "AWS_REGION"
      | "AWS_ACCESS_KEY_ID"
      | "AWS_SECRET_ACCESS_KEY"
      | "AWS_SESSION_TOKEN"
      | "CLOUDWATCH_LOGS_URL"
    );

export const logSettings = (given: Partial<Record<Variable, string | undefined>>): LogSettings => {
  const { LOKI_URL: loki, LOKI_TENANT: tenant, LOKI_TOKEN: token } = given;
  const { ELASTICSEARCH_URL: elasticsearch, ELASTICSEARCH_API_KEY: apiKey } = given;
  return {
    ...(loki && { loki: { url: loki, ...(tenant && { tenant }), ...(token && { token }) } }),
    ...(elasticsearch && { elasticsearch: { url: elasticsearch, ...(apiKey && { apiKey }) } }),
    ...cloudwatchOf(given),
  };
};

const cloudwatchOf = (
  given: Partial<Record<Variable, string | undefined>>,
): Pick<LogSettings, "cloudwatch"> => {
  const { AWS_REGION: region, CLOUDWATCH_LOGS_URL: other } = given;
  const credentials = credentialsIn(given);
  if (!region || credentials === undefined) return {};
  return { cloudwatch: { url: other || `https://logs.${region}.${awsDomain(region)}`, region, credentials } };
};

export const logsOf = (settings: LogSettings, signerFor: SignerFor): Logs =>
  logs({
    ...(settings.loki && { loki: loki({ ...settings.loki, fetch: observedFetch("loki") }) }),
    ...(settings.elasticsearch && {
      elasticsearch: elasticsearch({ ...settings.elasticsearch, fetch: observedFetch("elasticsearch") }),
    }),
    ...(settings.cloudwatch && { cloudwatch: cloudwatch(signedFor(settings.cloudwatch, signerFor)) }),
  });

const signedFor = ({ url, ...access }: NonNullable<LogSettings["cloudwatch"]>, signerFor: SignerFor) => ({
  url,
  fetch: signedFetch({
    service: "logs",
    origin: new URL(url).origin,
    ...access,
    ...{ signerFor, fetch: observedFetch("cloudwatch") },
  }),
});
