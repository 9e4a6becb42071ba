import { prometheusApi } from "../../../shared/adapters/prometheus/api.ts";
import type { Config, Configured } from "../../../shared/config.ts";
import { messageOf } from "../../../shared/errors.ts";
import { counted, dateTime, percent, short } from "../../../shared/text/format.ts";
import { doing } from "../../../shared/text/timeline.ts";
import { type Io, runCommand, standardIo } from "../../host/command.ts";
import { ConfigurationError, UsageError } from "../../host/errors.ts";
import { environment } from "../../host/settings/environment.ts";
import { readConfig, readVariables } from "../../host/settings/settings.ts";
import { spanOf } from "../report/command.ts";
import { decisionAt, inPast } from "./decide.ts";
import { type PastTrouble, troublesIn } from "./past-troubles.ts";
import { type Past, pastOf } from "./recorded-source.ts";
import type { Decision } from "./report.ts";

const help = `usage: npm run --silent cli -- simulate --config FILE [--since SPAN] [--clone OWNER/REPO=DIR]... [--json]

Runs the alerts of the last weeks, as Prometheus' series ALERTS has them, through the diagnosis, and prints what would have been
proposed. It knows commits, and no deploys, metrics and logs of that time: production does better. It writes nothing anywhere.
  --config FILE  the configuration; its services, paths and minConfidence count, every mode is taken for approve
  --since SPAN   such as 30d or 12h (default 30d)
  --clone OWNER/REPO=DIR  a clone of a repository; may be given several times. Others are read on GitHub with GITHUB_TOKEN
  --json         one JSON object a trouble
Exit codes: 0 done, 1 Prometheus, the configuration or a repository could not be read, 2 wrong usage.`;

const options = {
  config: { type: "string" },
  since: { type: "string" },
  clone: { type: "string", multiple: true },
  json: { type: "boolean" },
} as const;
const variables = environment.pick({ PROMETHEUS_URL: true, PROMETHEUS_TOKEN: true, PROMETHEUS_TENANT: true });
type Env = Record<string, string | undefined>;

/** `simulate`: last month's alerts through the diagnosis. */
export const simulate = (
  argv: string[],
  io = standardIo(),
  { env = process.env, now = Date.now() }: { env?: Env; now?: number } = {},
): Promise<number> =>
  runCommand({ name: "simulate", help, options }, { argv, io }, async ({ values }) => {
    const { config: file, since = "30d", clone = [], json = false } = values;
    if (file === undefined) throw new UsageError("give the configuration with --config");
    const clones = new Map(clone.map(cloneOf));
    const config = readConfig(file);
    const { troubles, left } = troublesIn(await firedSince(env, { now, ms: spanOf(since) }), config.services);
    const count = { proposed: 0, failed: 0 };
    for (const trouble of troubles) {
      const told = await outcomeOf(trouble, { config, clones, env });
      if ("failed" in told) count.failed += 1;
      else if (told.decision.result === "ask") count.proposed += 1;
      tell(io, { trouble, told, json });
    }
    if (!json) io.out(`${summary(troubles.length, count.proposed, left)}\n`);
    return count.failed > 0 ? 1 : 0;
  });

const cloneOf = (given: string): [repository: string, dir: string] => {
  const [, repository, dir] = /^([^/=]+\/[^/=]+)=(.+)$/.exec(given) ?? [];
  if (repository === undefined || dir === undefined)
    throw new UsageError(`--clone is OWNER/REPO=DIR, not ${JSON.stringify(given)}`);
  return [repository.toLowerCase(), dir];
};

/** Prometheus takes 11,000 points of a series in one answer. */
const mostPoints = 10_000;
const leastStepMs = 60_000;

const firedSince = async (env: Env, { now, ms }: { now: number; ms: number }) => {
  const given = readVariables(variables, env);
  const { PROMETHEUS_URL: url, PROMETHEUS_TOKEN: token, PROMETHEUS_TENANT: tenant } = given;
  if (url === undefined)
    throw new ConfigurationError("simulate needs PROMETHEUS_URL: its series ALERTS is read");
  const stepMs = Math.max(leastStepMs, Math.ceil(ms / mostPoints / 1000) * 1000);
  const grid = { start: now - ms, stepMs, count: Math.floor(ms / stepMs) + 1 };
  const api = prometheusApi({ url, token, tenant });
  return { stepMs, series: await api.range('ALERTS{alertstate="firing"}', grid) };
};

type Told = { decision: Decision } | { failed: string };
type Reading = { config: Config; clones: Map<string, string>; env: Env };

const outcomeOf = async (
  { service, environment: where, alerts, at }: PastTrouble,
  { clones, env }: Reading,
): Promise<Told> => {
  const repository = service.repository.toLowerCase();
  try {
    const past = pastOf(clones.get(repository) ?? service.repository, at, env);
    const decision = await decisionAt({
      alerts,
      at,
      past,
      environment: where,
      service: asking(service, past),
    });
    return { decision };
  } catch (error) {
    return { failed: messageOf(error).split("\n")[0] ?? "" };
  }
};

/** The mode would only say that nothing is opened. */
const asking = (service: Configured, past: Past): Configured => {
  const repository = past.isClone ? "clone/clone" : service.repository;
  const { policy, ...rest } = inPast(service, { past, repository });
  return { ...rest, policy: { ...policy, mode: "approve" } };
};

const tell = (io: Io, { trouble, told, json }: { trouble: PastTrouble; told: Told; json: boolean }): void => {
  const { service, environment: where, alerts, at } = trouble;
  const names = [...new Set(alerts.map(({ name }) => name))];
  if (json) {
    const about = {
      at: new Date(at).toISOString(),
      service: service.name,
      environment: where,
      alerts: names,
    };
    io.out(`${JSON.stringify({ ...about, ...("failed" in told ? told : jsonOf(told.decision)) })}\n`);
    return;
  }
  io.out(
    `${dateTime(at)}  ${service.name}/${where}  ${names.join(", ")}\n    ${"failed" in told ? told.failed : lineOf(told.decision)}\n`,
  );
};

const jsonOf = ({ diagnosis, result, detail, remedy }: Decision) => ({
  ...{ result, none: diagnosis.none },
  ...(detail !== undefined && { detail }),
  ...(remedy !== undefined && { proposal: doing(remedy), score: remedy.score }),
});

const lineOf = ({ diagnosis, detail, remedy }: Decision): string => {
  if (remedy !== undefined) return `would ask: ${doing(remedy)}? (${percent(remedy.score)})`;
  const [first] = diagnosis.suspects;
  const likeliest =
    first === undefined ? "" : `; likeliest: ${short(first.sha)} “${first.title}” (${percent(first.score)})`;
  return `would tell people: ${detail ?? "nothing is likely enough"}${likeliest}`;
};

const summary = (troubles: number, proposed: number, left: number): string =>
  `${counted(troubles, "trouble")}: ${proposed} would have been asked about. ${counted(left, "alert")} would have been left alone.`;
