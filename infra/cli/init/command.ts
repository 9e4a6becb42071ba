import { existsSync, writeFileSync } from "node:fs";
import { prometheusApi } from "../../../shared/adapters/prometheus/api.ts";
import { describe, parseConfig } from "../../../shared/config.ts";
import { messageOf } from "../../../shared/errors.ts";
import { counted } from "../../../shared/text/format.ts";
import { runCommand, standardIo } from "../../host/command.ts";
import { ConfigurationError, codeOf, UsageError } from "../../host/errors.ts";
import { git } from "../../host/git.ts";
import { environment } from "../../host/settings/environment.ts";
import { readVariables } from "../../host/settings/settings.ts";
import { rulesIn } from "../rule-files.ts";
import { draft, type Gathered, written } from "./draft.ts";

const help = `usage: npm run --silent cli -- init --channel C… [--dir DIR] [--repo OWNER/REPO] [--rules FILE]... [--file FILE]

Writes a first configuration, in mode observe, with comments that say what was found and why. It reads a clone of your repository, the
labels of your alerting rules, and the alerts of the last seven days where PROMETHEUS_URL is set. It never overwrites a file.
  --channel C…       the id of the Slack channel that is told
  --dir DIR          the clone; default: this folder
  --repo OWNER/REPO  its repository on GitHub; default: the clone's remote origin
  --rules FILE       a file of Prometheus rules, or of PrometheusRule objects; may be given several times
  --file FILE        the file to write; default: countersteer.yaml

Exit codes: 0 written, 1 something could not be read or the file exists, 2 wrong usage.`;

const variables = environment.pick({ PROMETHEUS_URL: true, PROMETHEUS_TOKEN: true, PROMETHEUS_TENANT: true });
type Env = Record<string, string | undefined>;

export const init = (
  argv: string[],
  io = standardIo(),
  { env = process.env, now = Date.now() }: { env?: Env; now?: number } = {},
): Promise<number> =>
  runCommand(
    {
      ...{ name: "init", help },
      options: {
        channel: { type: "string" },
        dir: { type: "string", default: "." },
        repo: { type: "string" },
        rules: { type: "string", multiple: true },
        file: { type: "string", default: "countersteer.yaml" },
      },
    },
    { argv, io },
    async ({ values: { channel, dir, repo, rules = [], file } }) => {
      if (channel === undefined)
        throw new UsageError("give --channel: the id of a Slack channel, such as C024BE91L");
      if (existsSync(file)) throw new ConfigurationError(`${file} exists already: init overwrites nothing`);
      const gathered: Gathered = {
        ...{
          channel,
          repository: repo ?? (await originOf(dir)),
          branch: await branchOf(dir),
          paths: await pathsOf(dir),
        },
        alerts: [
          ...rules.flatMap(rulesIn).map(({ labels }) => labels),
          ...(await ofPrometheus(env, now, io.err)),
        ],
      };
      const drafted = draft(gathered);
      const text = written(drafted, gathered);
      const parsed = parseConfig(text);
      if ("problems" in parsed) throw new ConfigurationError(describe("the draft", parsed.problems));
      save(file, text);
      io.out(`${file}: ${counted(drafted.services.length, "service")} in mode observe\n`);
      return 0;
    },
  );

const save = (file: string, text: string): void => {
  try {
    writeFileSync(file, text, { flag: "wx" });
  } catch (error) {
    throw new ConfigurationError(`${file} cannot be written: ${codeOf(error)}`);
  }
};

const run = async (dir: string, args: string[]): Promise<string> => {
  try {
    return (await git(dir, args)).trim();
  } catch {
    throw new ConfigurationError(
      `${dir} is not a clone whose ${args[0]} can be read: name one with --dir, or give --repo`,
    );
  }
};

const pathsOf = async (dir: string): Promise<string[]> =>
  (await run(dir, ["ls-files", "-z"])).split("\0").filter((path) => path !== "");

const branchOf = async (dir: string): Promise<string> => {
  const head = await run(dir, ["for-each-ref", "--format=%(symref:lstrip=3)", "refs/remotes/origin/HEAD"]);
  return head === "" ? await run(dir, ["branch", "--show-current"]) : head;
};

const originOf = async (dir: string): Promise<string> => {
  const url = await run(dir, ["remote", "get-url", "origin"]);
  const found = /[:/]([A-Za-z0-9][\w-]*\/[\w.-]+?)(?:\.git)?\/?$/.exec(url)?.[1];
  if (found !== undefined) return found;
  throw new ConfigurationError(`the remote origin of ${dir} does not name OWNER/REPO: give --repo`);
};

const week = 7 * 24 * 60 * 60_000;
const stepMs = 60 * 60_000;
/** The labels of every rule, and of every alert of the last week; none where Prometheus is not set or cannot be asked. */
const ofPrometheus = async (
  env: Env,
  now: number,
  err: (text: string) => void,
): Promise<Record<string, string>[]> => {
  const {
    PROMETHEUS_URL: url,
    PROMETHEUS_TOKEN: token,
    PROMETHEUS_TENANT: tenant,
  } = readVariables(variables, env);
  if (url === undefined) return [];
  try {
    const api = prometheusApi({ url, token, tenant });
    const [rules, fired] = await Promise.all([
      api.allRules(),
      api.range("ALERTS", { start: now - week, stepMs, count: week / stepMs + 1 }),
    ]);
    return [...rules, ...fired].map(({ labels }) => labels);
  } catch (error) {
    err(`the rules of Prometheus are not known: ${messageOf(error)}\n`);
    return [];
  }
};
