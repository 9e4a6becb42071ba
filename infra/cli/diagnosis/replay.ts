import { parseWebhook } from "../../../shared/adapters/alertmanager/notification.ts";
import { type Configured, parseConfig } from "../../../shared/config.ts";
import { BadRequest, messageOf } from "../../../shared/errors.ts";
import type { Alert } from "../../../shared/incident/model.ts";
import { selector } from "../../../shared/policy/match.ts";
import { runCommand, standardIo } from "../../host/command.ts";
import { ConfigurationError, UsageError } from "../../host/errors.ts";
import { readText } from "../../host/settings/read-file.ts";
import { readConfig } from "../../host/settings/settings.ts";
import { decisionAt, inPast } from "./decide.ts";
import { type Past, pastOf } from "./recorded-source.ts";
import { type Decision, printDecision } from "./report.ts";

const help = `usage: npm run --silent cli -- replay --alert FILE --at TIME --repo DIR|OWNER/REPO [--config FILE] [--json]

Prints the whole decision on a saved Alertmanager webhook as it would have been at TIME (RFC 3339 or epoch ms): the suspects with
their reasons, and the pull request with its files, or the reason why there is none. It writes nothing.
  --repo    a git clone, or a repository on GitHub, read with GITHUB_TOKEN (and GITHUB_API_URL)
  --config  the services' configuration: its paths and policy are used; without it, mode approve with every default
Exit codes: 0 done, 1 the webhook, the configuration or the repository could not be read, 2 wrong usage.`;

type Env = Record<string, string | undefined>;
type Options = { alert: string; at: number; repo: string; config?: string; json: boolean };

/** `replay`: the decision that would have been made on a webhook at a moment. */
export const replay = (argv: string[], env: Env = process.env, io = standardIo()): Promise<number> =>
  runCommand({ name: "replay", help, options }, { argv, io }, async ({ values }) => {
    const wanted = readOptions(values);
    try {
      io.out(`${textOf(await decide(wanted, env), wanted)}\n`);
      return 0;
    } catch (error) {
      if (error instanceof ConfigurationError || !(error instanceof Error)) throw error;
      const subject = error instanceof BadRequest ? wanted.alert : "replay";
      io.err(`${subject}: ${error.message.split("\n")[0]}\n`);
      return 1;
    }
  });

const textOf = (decision: Decision, { json }: Options): string =>
  json ? JSON.stringify({ ...decision.diagnosis, decision: toJson(decision) }) : printDecision(decision);

const toJson = ({ diagnosis: _, ...rest }: Decision) => rest;

const jsonIn = (file: string): unknown => {
  const text = readText(file);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigurationError(
      `${file} is not JSON, as Alertmanager posts it to a webhook: ${text.trim() === "" ? "it is empty" : messageOf(error)}`,
    );
  }
};

const decide = async ({ alert, at, repo, config }: Options, env: Env): Promise<Decision> => {
  const { alerts } = parseWebhook(jsonIn(alert));
  const past = pastOf(repo, at, env);
  const { service, environment } = serviceFor(alerts, { repo, config, past });
  return decisionAt({ alerts, at, past, service, environment });
};

type Asked = { repo: string; config: string | undefined; past: Past };

/** The configured service that the alerts select, read from --repo; without a configuration, whichever the alert names. */
const serviceFor = (
  alerts: Alert[],
  { repo, config, past }: Asked,
): { service: Configured; environment: string } => {
  const repository = past.isClone ? "clone/clone" : repo;
  if (config === undefined) {
    const name = alerts[0]?.labels.service ?? "";
    return { service: { ...assumed(), name, repository, branch: "HEAD" }, environment: "replay" };
  }
  const { services } = readConfig(config);
  const select = selector(services);
  for (const alert of alerts) {
    const selected = select(alert);
    if ("left" in selected) continue;
    const { environment } = selected;
    return { service: inPast(selected.service, { past, repository }), environment };
  }
  throw new Error(`no service of ${config} is selected by these alerts`);
};

/** Mode approve with every default of the configuration. */
const assumed = (): Configured => {
  const parsed = parseConfig(`services:
  - { name: any, match: [service=~".*"], repository: any/any, environments: [replay], channel: C00, approvers: [U00], policy: { mode: approve } }`);
  if ("problems" in parsed) throw new Error(parsed.problems[0]?.message);
  const [service] = parsed.config.services;
  if (service === undefined) throw new Error("the assumed configuration has no service");
  return service;
};

const options = {
  alert: { type: "string" },
  at: { type: "string" },
  repo: { type: "string" },
  config: { type: "string" },
  json: { type: "boolean" },
} as const;

type Values = { alert?: string; at?: string; repo?: string; config?: string; json?: boolean };

const readOptions = ({ alert, at, repo, config, json = false }: Values): Options => {
  if (alert === undefined || at === undefined || repo === undefined)
    throw new UsageError("give --alert, --at and --repo");
  const moment = /^-?\d+$/.test(at) ? Number(at) : Date.parse(at);
  if (Number.isNaN(moment) || Math.abs(moment) > 8.64e15)
    throw new UsageError(`--at: neither an RFC 3339 time nor epoch ms: ${JSON.stringify(at)}`);
  return { alert, at: moment, repo, json, ...(config === undefined ? {} : { config }) };
};
