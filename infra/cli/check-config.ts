import { type Api, prometheusApi } from "../../shared/adapters/prometheus/api.ts";
import type { Config } from "../../shared/config.ts";
import { messageOf } from "../../shared/errors.ts";
import { accessOf, checkSignIn, checkVisibility } from "../host/access/access.ts";
import { runCommand, standardIo } from "../host/command.ts";
import { findSignals } from "../host/doctor/signals.ts";
import { type AlertingRule, unverified } from "../host/doctor/unverified.ts";
import { UsageError } from "../host/errors.ts";
import { misspelt } from "../host/settings/advice.ts";
import { environment } from "../host/settings/environment.ts";
import { readVariables, readWithAdvice } from "../host/settings/settings.ts";
import { rulesIn } from "./rule-files.ts";

const help = `usage: npm run --silent cli -- check-config FILE [--rules FILE]...

Checks a configuration file, starts nothing. Then it lists the alerts that can never be verified, each with the reason:
those of the rule files given, or else of Prometheus where PROMETHEUS_URL is set. From there it lists the golden signals that a
diagnosis would read of each service, and by which convention.
  --rules FILE  a file of Prometheus rules, or of PrometheusRule objects; may be given several times

Where the environment has variables of the pages' login (PAGES_…), it checks that they suit the file. A variable whose name is nearly that
of one that Countersteer reads is told.
A line with "warning:" tells what is allowed and looks wrong.

Exit codes: 0 right, 1 wrong, 2 wrong usage.`;

const variables = environment.pick({ PROMETHEUS_URL: true, PROMETHEUS_TOKEN: true, PROMETHEUS_TENANT: true });
type Env = Record<string, string | undefined>;

/** `check-config FILE`: 0 and a summary when it is right; 1 and every problem with its line and path when not. */
export const checkConfig = (argv: string[], io = standardIo(), env: Env = process.env): Promise<number> =>
  runCommand(
    { name: "check-config", help, options: { rules: { type: "string", multiple: true } }, positionals: true },
    { argv, io },
    async ({ positionals, values }) => {
      const [file, ...others] = positionals;
      if (file === undefined || others.length > 0) throw new UsageError("give one file");
      const { config, advice } = readWithAdvice(file);
      for (const { text } of advice) io.err(`${text}\n`);
      if (advice.some(({ isBroken }) => isBroken)) return 1;
      for (const text of misspelt(env, Object.keys(environment.shape))) io.err(`warning: ${text}\n`);
      checkReaders(config, env);
      const { services } = config;
      for (const { name, repository, branch, environments, policy } of services)
        io.out(`${name}: ${repository} ${branch}, ${environments.join(" ")}, ${policy.mode}\n`);
      const api = apiOf(env);
      const rules = values.rules?.flatMap(rulesIn) ?? (await rulesOfPrometheus(api, io.err));
      const isAsked = api !== undefined && rules !== undefined;
      for (const line of unverified(services, rules ?? [])) io.out(`${line}\n`);
      const signals = isAsked ? await findSignals(api.range, services, Date.now()) : [];
      for (const { service, told, lacks } of signals)
        io.out(`${service}: ${[told, lacks].filter((text) => text !== undefined).join("; ")}\n`);
      return 0;
    },
  );

/** Throws ConfigurationError where the variables of the pages' login are wrong, or do not suit the file. */
const checkReaders = (config: Config, env: Env): void => {
  if (!Object.keys(env).some((name) => name.startsWith("PAGES_"))) return;
  const given = readVariables(environment, env);
  const access = accessOf(given);
  checkSignIn(config, { access, host: given.HOST });
  checkVisibility(config, access);
};

const apiOf = (env: Env): Api | undefined => {
  const given = readVariables(variables, env);
  const { PROMETHEUS_URL: url, PROMETHEUS_TOKEN: token, PROMETHEUS_TENANT: tenant } = given;
  return url === undefined ? undefined : prometheusApi({ url, token, tenant });
};

/** Every rule that Prometheus has now; none where it is not configured, and undefined where it cannot be asked. */
const rulesOfPrometheus = async (
  api: Api | undefined,
  err: (text: string) => void,
): Promise<AlertingRule[] | undefined> => {
  if (api === undefined) return [];
  try {
    return (await api.allRules()).map((rule) => ({ ...rule, source: rule.source ?? "Prometheus" }));
  } catch (error) {
    err(`which alerts can be verified is not known: ${messageOf(error)}\n`);
    return undefined;
  }
};
