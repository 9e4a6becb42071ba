import type { z } from "zod";
import type { Secrets } from "../../../functions/http/context.ts";
import type { Access } from "../../../functions/login/access.ts";
import type { MetricsOptions } from "../../../shared/adapters/prometheus/prometheus.ts";
import { type Config, describe, parseConfig } from "../../../shared/config.ts";
import { accessOf } from "../access/access.ts";
import { secretsFrom, senderTokens } from "../access/senders.ts";
import { credentialsIn } from "../adapters/credentials.ts";
import type { OpaSettings } from "../adapters/decisions.ts";
import { type DeployerSettings, deployerSettings } from "../adapters/deployers.ts";
import type { GrafanaSettings } from "../adapters/grafana.ts";
import { clusterHere } from "../adapters/kubernetes.ts";
import { type LogSettings, logSettings } from "../adapters/logs.ts";
import type { OpinionSettings } from "../adapters/opinions.ts";
import { type PagingSettings, pagingSettings } from "../adapters/paging.ts";
import { type Logins, readLogins } from "../adapters/registries.ts";
import type { Credentials } from "../adapters/signer.ts";
import { type TraceSettings, traceSettings } from "../adapters/traces.ts";
import { ConfigurationError } from "../errors.ts";
import { adviceOn, adviceOnEnvironment } from "./advice.ts";
import { type ConfigFiles, readConfigFiles } from "./config-files.ts";
import { environment } from "./environment.ts";
import { readText } from "./read-file.ts";

/**
 * The settings that the environment gives, checked. Real credentials are all there or none is: a sandbox must never approve a real merge.
 */
export type Settings = {
  port: number;
  host: string;
  dataDir: string;
  configFile: string;
  tickMs: number;
  secrets: Secrets;
  access: Access;
  /** The tokens of the senders that a configuration names. */
  senderTokens: (config: Config) => Record<string, string[]>;
  prometheus: Pick<MetricsOptions, "url" | "token" | "tenant" | "logins">;
  logs: LogSettings;
  traces: TraceSettings;
  paging: PagingSettings;
  opa: OpaSettings;
  opinion: OpinionSettings;
  grafana: GrafanaSettings;
  kibana: string | undefined;
  /** The ARN of the topic that alerts come by. */
  alertTopic?: string;
  deployers: DeployerSettings;
  pollMs: number;
  logins: Logins;
  /** The credentials of AWS, where the environment names some. */
  aws: Credentials | undefined;
  /** Settings that the environment lacks for a configuration. */
  advice: (config: Config) => string[];
  /** Absent: the sandbox plays GitHub and Slack. */
  real?: {
    github: { apiUrl: string; token: string } | { apiUrl: string; appId: string; privateKey: string };
    slack: { apiUrl?: string; token: string };
  };
};

type Env = Record<string, string | undefined>;

export const example = new URL("../countersteer.example.yaml", import.meta.url).pathname;

export const readSettings = (env: Env): Settings => {
  const given = readVariables(environment, env);
  const real = credentials(given);
  return {
    port: given.PORT,
    host: given.HOST,
    dataDir: given.DATA_DIR,
    configFile: given.COUNTERSTEER_CONFIG ?? example,
    tickMs: given.TICK_MS,
    secrets: secretsFrom((name) => given[name]),
    senderTokens: (config) => senderTokens(config, (name) => env[name]?.trim() || undefined),
    access: accessOf(given),
    prometheus: prometheusOf(given),
    ...{ logs: logSettings(given), traces: traceSettings(given) },
    paging: pagingSettings(given),
    opa: { url: given.OPA_URL, token: given.OPA_TOKEN },
    opinion: opinionOf(given),
    grafana: { url: given.GRAFANA_URL, token: given.GRAFANA_TOKEN, rulesToken: given.GRAFANA_RULES_TOKEN },
    kibana: given.KIBANA_URL,
    ...(given.ALERT_TOPIC_ARN !== undefined && { alertTopic: given.ALERT_TOPIC_ARN }),
    ...{ deployers: deployerSettings(given, clusterHere(given)), pollMs: given.POLL_MS },
    ...{ logins: loginsOf(given.REGISTRY_AUTH_FILE), aws: credentialsIn(given) },
    advice: (config) => adviceOnEnvironment(config, env, Object.keys(environment.shape)),
    ...(real === undefined ? {} : { real }),
  };
};

type Given = z.output<typeof environment>;

const opinionOf = (given: Given): OpinionSettings => {
  const { OPINION_URL: url, OPINION_MODEL: model, OPINION_TOKEN: token, OPINION_BUDGET: budget } = given;
  return { url, model, token, budget };
};

const prometheusOf = (given: Given): Settings["prometheus"] => {
  const { PROMETHEUS_URL: url, PROMETHEUS_TOKEN: token, PROMETHEUS_TENANT: tenant } = given;
  return { url, token, tenant, logins: given.PROMETHEUS_LOGINS };
};

/** The variables that `schema` names; an empty one counts as not set. Throws ConfigurationError with every problem, one a line. */
export const readVariables = <S extends z.ZodObject>(schema: S, env: Env): z.output<S> => {
  const set = Object.keys(schema.shape).map((name) => [name, env[name]?.trim() || undefined]);
  const parsed = schema.safeParse(Object.fromEntries(set));
  if (parsed.success) return parsed.data;
  throw new ConfigurationError(
    parsed.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`).join("\n"),
  );
};

const loginsOf = (file: string | undefined): Logins => {
  if (file === undefined) return new Map();
  const logins = readLogins(readText(file, "REGISTRY_AUTH_FILE"));
  if (logins !== undefined) return logins;
  throw new ConfigurationError(`REGISTRY_AUTH_FILE ${file} is not an auth file as docker or podman write it`);
};

/** Variables that a server with real credentials needs beside the credentials. */
const alsoNeeded = [
  "SLACK_BOT_TOKEN",
  "SLACK_SIGNING_SECRET",
  "ALERTMANAGER_TOKEN",
  "COUNTERSTEER_CONFIG",
] as const;

const credentials = (given: Given): Settings["real"] => {
  const apiUrl = given.GITHUB_API_URL;
  const github = githubOf(given);
  const { SLACK_BOT_TOKEN: slackToken, SLACK_API_URL: slackUrl } = given;
  const partOfApp = given.GITHUB_APP_ID ?? given.GITHUB_APP_PRIVATE_KEY;
  if (github === undefined && slackToken === undefined && partOfApp === undefined) return undefined;
  const missing = alsoNeeded.filter((name) => given[name] === undefined);
  if (github !== undefined && slackToken !== undefined && missing.length === 0)
    return {
      github: { apiUrl, ...github },
      slack: { token: slackToken, ...(slackUrl === undefined ? {} : { apiUrl: slackUrl }) },
    };
  const names = github === undefined ? ["GITHUB_TOKEN (or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY)"] : [];
  throw new ConfigurationError(
    `with real credentials these must be set too: ${[...names, ...missing].join(", ")}; with none of them at all the sandbox is used`,
  );
};

const githubOf = ({
  GITHUB_TOKEN: token,
  GITHUB_APP_ID: appId,
  GITHUB_APP_PRIVATE_KEY: privateKey,
}: Given) => {
  if (token !== undefined) return { token };
  return appId === undefined || privateKey === undefined ? undefined : { appId, privateKey };
};

/** Reads and checks the configuration file. Throws ConfigurationError with every problem, one a line. */
export const readConfig = (file: string): Config => readWithAdvice(file).config;

/** The configuration file with what looks wrong in it, each as a line with its place. */
export const readWithAdvice = (
  file: string,
  { text, included }: ConfigFiles = readConfigFiles(file),
): { config: Config; advice: { text: string; isBroken: boolean }[] } => {
  const parsed = parseConfig(text, included);
  if ("problems" in parsed) throw new ConfigurationError(describe(file, parsed.problems));
  const advice = adviceOn(parsed.config).map(({ path, message, isBroken }) => ({
    isBroken,
    text: describe(file, [
      {
        ...parsed.placeOf(path),
        message: isBroken ? message : `warning: ${message}`,
      },
    ]),
  }));
  return { config: parsed.config, advice };
};
