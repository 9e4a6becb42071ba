import { readFileSync } from "node:fs";
import type { Secrets } from "../../functions/http/context.ts";
import { type Config, describe, parseConfig } from "../../shared/config.ts";
import { type LogSettings, logSettings } from "./logs.ts";
import { type Logins, readLogins } from "./registries.ts";

/** What the environment says, checked. Real credentials are all there or none is: a sandbox must never approve a real merge. */
export type Settings = {
  port: number;
  host: string;
  dataDir: string;
  configFile: string;
  tickMs: number;
  secrets: Secrets;
  prometheusUrl?: string;
  logs: LogSettings;
  /** What registries are asked with. */
  logins: Logins;
  /** Absent: the sandbox plays GitHub and Slack. */
  real?: {
    github: { apiUrl: string; token: string } | { apiUrl: string; appId: string; privateKey: string };
    slack: { apiUrl?: string; token: string };
  };
};

/** The starting failed because of something a person can mend; `message` is all they need. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

type Env = Record<string, string | undefined>;

export const example = new URL("../local/countersteer.example.yaml", import.meta.url).pathname;

export const readSettings = (env: Env): Settings => {
  const value = (name: string): string | undefined => env[name]?.trim() || undefined;
  const port = Number(value("PORT") ?? 8080);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new ConfigurationError(`PORT is ${env.PORT}: give a number from 0 to 65535`);
  const tickMs = Number(value("TICK_MS") ?? 5000);
  if (!Number.isInteger(tickMs) || tickMs < 100)
    throw new ConfigurationError(`TICK_MS is ${env.TICK_MS}: give milliseconds, at least 100`);
  const prometheusUrl = address(value, "PROMETHEUS_URL");
  const real = credentials(value);
  return {
    port,
    host: value("HOST") ?? "127.0.0.1",
    dataDir: value("DATA_DIR") ?? ".data",
    configFile: value("COUNTERSTEER_CONFIG") ?? example,
    tickMs,
    secrets: {
      alertmanager: value("ALERTMANAGER_TOKEN"),
      deploys: value("DEPLOYS_TOKEN"),
      flags: value("FLAGS_TOKEN"),
      github: value("GITHUB_WEBHOOK_SECRET"),
      slack: value("SLACK_SIGNING_SECRET"),
    },
    ...(prometheusUrl === undefined ? {} : { prometheusUrl }),
    logs: logSettings(value, (name) => address(value, name)),
    logins: loginsOf(value("REGISTRY_AUTH_FILE")),
    ...(real === undefined ? {} : { real }),
  };
};

type Value = (name: string) => string | undefined;

const address = (value: Value, name: string): string | undefined => {
  const url = value(name);
  if (url === undefined || (/^https?:\/\//.test(url) && URL.canParse(url))) return url;
  throw new ConfigurationError(`${name} is not an http or https address`);
};

const loginsOf = (file: string | undefined): Logins => {
  if (file === undefined) return new Map();
  const logins = readLogins(readText(file, "REGISTRY_AUTH_FILE"));
  if (logins !== undefined) return logins;
  throw new ConfigurationError(`REGISTRY_AUTH_FILE ${file} is no auth file as docker or podman write it`);
};

const readText = (file: string, what: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigurationError(
      `${what} ${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`,
    );
  }
};

const credentials = (value: (name: string) => string | undefined): Settings["real"] => {
  const token = value("GITHUB_TOKEN");
  const appId = value("GITHUB_APP_ID");
  const privateKey = value("GITHUB_APP_PRIVATE_KEY");
  const slackToken = value("SLACK_BOT_TOKEN");
  if ([token, appId, privateKey, slackToken].every((one) => one === undefined)) return undefined;
  const missing = [
    ...(token === undefined && (appId === undefined || privateKey === undefined)
      ? ["GITHUB_TOKEN (or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY)"]
      : []),
    ...["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "ALERTMANAGER_TOKEN", "COUNTERSTEER_CONFIG"].filter(
      (name) => value(name) === undefined,
    ),
  ];
  if (missing.length > 0)
    throw new ConfigurationError(
      `with real credentials these must be set too: ${missing.join(", ")}; with none of them at all the sandbox is used`,
    );
  const apiUrl = value("GITHUB_API_URL") ?? "https://api.github.com";
  const slackUrl = value("SLACK_API_URL");
  return {
    github:
      token !== undefined
        ? { apiUrl, token }
        : { apiUrl, appId: appId!, privateKey: privateKey!.replaceAll("\\n", "\n") },
    slack: { token: slackToken!, ...(slackUrl === undefined ? {} : { apiUrl: slackUrl }) },
  };
};

/** Reads and checks the configuration file. Throws ConfigurationError with every problem, one a line. */
export const readConfig = (file: string): Config => {
  const text = readText(file, "the configuration");
  const parsed = parseConfig(text);
  if ("problems" in parsed) throw new ConfigurationError(describe(file, parsed.problems));
  return parsed.config;
};
