import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ask } from "../../../shared/adapters/github/api/call.ts";
import { githubClient } from "../../../shared/adapters/github/api/client.ts";
import { prometheusApi } from "../../../shared/adapters/prometheus/api.ts";
import { describe, parseConfig } from "../../../shared/config.ts";
import { messageOf } from "../../../shared/errors.ts";
import { counted } from "../../../shared/text/format.ts";
import { runCommand, standardIo } from "../../host/command.ts";
import { ConfigurationError, UsageError, whyOf } from "../../host/errors.ts";
import { git } from "../../host/git.ts";
import { environment } from "../../host/settings/environment.ts";
import { readText, readYaml } from "../../host/settings/read-file.ts";
import { readVariables } from "../../host/settings/settings.ts";
import { rulesIn } from "../rule-files.ts";
import { codeOwnersOf, draft, type Gathered, written } from "./draft.ts";
import { type Component, componentsIn, environmentsIn, type Owned, ownedIn } from "./found.ts";

const help = `usage: npm run --silent cli -- init --channel C… [--dir DIR] [--repo OWNER/REPO] [--rules FILE]... [--catalog FILE]... [--file FILE]

Writes a first configuration, in mode observe, with comments that say what was found and why. It reads a clone of your repository, the
labels of your alerting rules, and the alerts of the last seven days where PROMETHEUS_URL is set; its CODEOWNERS and the files
catalog-info.yaml of a Backstage catalogue; and the environments on GitHub where GITHUB_TOKEN is set. It never overwrites a file.
  --channel C…       the id of the Slack channel that is told
  --dir DIR          the clone; default: this folder
  --repo OWNER/REPO  its repository on GitHub; default: the clone's remote origin
  --rules FILE       a file of Prometheus rules, or of PrometheusRule objects; may be given several times
  --catalog FILE     a file of a Backstage catalogue elsewhere; may be given several times
  --file FILE        the file to write; default: countersteer.yaml

Exit codes: 0 written, 1 something could not be read or the file exists, 2 wrong usage.`;

const variables = environment.pick({
  ...{ PROMETHEUS_URL: true, PROMETHEUS_TOKEN: true, PROMETHEUS_TENANT: true },
  ...{ GITHUB_TOKEN: true, GITHUB_API_URL: true },
});
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
        catalog: { type: "string", multiple: true },
        file: { type: "string", default: "countersteer.yaml" },
      },
    },
    { argv, io },
    async ({ values: { channel, dir, repo, rules = [], catalog = [], file } }) => {
      if (channel === undefined)
        throw new UsageError("give --channel, the id of a Slack channel such as C024BE91L");
      if (existsSync(file)) throw new ConfigurationError(`${file} exists already: init overwrites nothing`);
      const repository = repo ?? (await originOf(dir));
      const paths = await pathsOf(dir);
      const gathered: Gathered = {
        ...{ channel, repository, branch: await branchOf(dir), paths },
        ...{
          components: catalogue(dir, paths, { given: catalog, err: io.err }),
          owned: ownersOf(dir, paths),
        },
        onGithub: await environmentsOnGithub(repository, env, io.err),
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

/** The services of the clone's own catalogue, and of the files that are given. */
const catalogue = (
  dir: string,
  paths: string[],
  { given, err }: { given: string[]; err: (text: string) => void },
): Component[] => [
  ...paths
    .filter((path) => /(^|\/)catalog-info\.ya?ml$/.test(path))
    .slice(0, maxFiles)
    .flatMap((path) => componentsIn(readYaml(join(dir, path)), path)),
  ...given.flatMap((file) => {
    const found = componentsIn(readYaml(file), "");
    if (found.length === 0) err(`${file}: no Component of a Backstage catalogue is in it\n`);
    return found;
  }),
];
const maxFiles = 500;

const ownersOf = (dir: string, paths: string[]): Owned[] => {
  const file = codeOwnersOf(paths);
  return file === undefined ? [] : ownedIn(readText(join(dir, file)));
};

/** None without a token, or where GitHub cannot be asked: then the reason is told. */
const environmentsOnGithub = async (
  repository: string,
  env: Env,
  err: (text: string) => void,
): Promise<string[]> => {
  const { GITHUB_TOKEN: token, GITHUB_API_URL: apiUrl } = readVariables(variables, env);
  if (token === undefined) return [];
  try {
    const { octokit } = githubClient({ apiUrl, token });
    const [owner = "", repo = ""] = repository.split("/");
    const answer = await ask(`read the environments of ${repository}`, () =>
      octokit.request("GET /repos/{owner}/{repo}/environments", { owner, repo, per_page: 100 }),
    );
    return environmentsIn(answer);
  } catch (error) {
    err(`the environments on GitHub are not known: ${messageOf(error)}\n`);
    return [];
  }
};

const save = (file: string, text: string): void => {
  try {
    writeFileSync(file, text, { flag: "wx" });
  } catch (error) {
    throw new ConfigurationError(`${file} cannot be written: ${whyOf(error)}`);
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
