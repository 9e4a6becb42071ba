import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Sandbox, startSandbox } from "../../infra/sandbox/index.ts";
import { github, githubClient } from "../../shared/adapters/github/github.ts";
import type { Configured } from "../../shared/config.ts";
import type { Series } from "../../shared/diagnosis/model.ts";
import type { Alert, In } from "../../shared/incident/model.ts";
import type { DeployRecord, Store } from "../../shared/ports/store.ts";
import { initialize } from "../support/git.ts";
import { gitSync, runGit } from "../support/git-runner.ts";
import type { LoopHost } from "../support/loop-hosts.ts";
import { service, world } from "../support/world.ts";

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;
/** The moment at which the alert arrives. */
export const now = Date.parse("2026-11-24T12:00:00Z");

/** One commit. `on` is its branch, which begins at the head of `from`; `merge` is a branch that it merges; its `files` hold what the merge brings. `ago` is ms before the alert. */
export type Landing = {
  message: string;
  files?: Record<string, string>;
  ago: number;
  on?: string;
  from?: string;
  merge?: string;
};

const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}`;
const secondsOf = (ago: number): number => Math.floor((now - ago) / 1000);

/** The commits as `git fast-import` reads them, the oldest first. */
const imported = (landings: Landing[]): string => {
  const begun = new Set<string>();
  return landings
    .map(({ message, files = {}, ago, on = "main", from, merge }, index) => {
      const parent = begun.has(on) ? [] : from === undefined ? [] : [`from refs/heads/${from}`];
      begun.add(on);
      return [
        `commit refs/heads/${on}\nmark :${index + 1}\nauthor Ann <ann@example.com> ${secondsOf(ago + minute)} +0000`,
        `committer Ann <ann@example.com> ${secondsOf(ago)} +0000\n${data(message)}`,
        ...parent,
        ...(merge === undefined ? [] : [`merge refs/heads/${merge}`]),
        ...Object.entries(files).map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`),
      ].join("\n");
    })
    .join("\n\n")
    .concat("\n");
};

export type Repository = {
  bare: string;
  shaOf: (title: string) => string;
  git: (...args: string[]) => string;
};

export const repository = (dir: string, name: string, landings: Landing[]): Repository => {
  const bare = join(dir, `${name}.git`);
  const git = (args: string[], input = ""): string => gitSync(dir, args, { input }).toString().trim();
  initialize(bare);
  git(["--git-dir", bare, "fast-import", "--quiet"], imported(landings));
  const run = (...args: string[]): string => git(["--git-dir", bare, ...args]);
  const found = new Map<string, string>();
  const shaOf = (title: string): string => {
    if (!found.has(title))
      for (const line of run("log", "--all", "--reverse", "--format=%H %s").split("\n"))
        found.set(line.slice(41), line.slice(0, 40));
    const sha = found.get(title);
    if (sha === undefined) throw new Error(`no commit is called ${title}`);
    return sha;
  };
  return { bare, shaOf, git: run };
};

/** A pull request that is merged on the sandbox before the alert. */
export type Merging = {
  branch: string;
  title: string;
  body?: string;
  method: "merge" | "squash" | "rebase";
  ago: number;
};

export type Given = {
  landings: Landing[];
  merged?: Merging[];
  /** A deployed commit by its title, how long ago, and how it ended. */
  deploys?: [title: string, ago: number, over?: Partial<DeployRecord>][];
  alert: Partial<Alert> & { name: string; ago?: number };
  configured?: Partial<Configured>;
  gitops?: Landing[];
  /** The alert's own expression in Prometheus. */
  course?: Series[];
  /** In the place of one in memory. */
  store?: Store;
  /** In the place of the steps by themselves. */
  host?: LoopHost;
  /** In the place of the real one towards GitHub. */
  fetch?: typeof fetch;
};

/** The loop over a real repository in the sandbox, up to the alert. */
export const shop = async (t: TestContext, given: Given) => {
  const dir = mkdtempSync(join(tmpdir(), "countersteer-ordinary-"));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const own = repository(dir, "shop", given.landings);
  const config = given.gitops && repository(dir, "config", given.gitops);
  const time = { now };
  const sandbox: Sandbox = await startSandbox({
    repos: { "acme/payments": own.bare, ...(config && { "acme/config": config.bare }) },
    clock: () => time.now,
    log: () => {},
    tokens: { ghp_eve: "eve" },
    runGit,
  });
  t.after(() => sandbox.close());
  const client = githubClient({
    ...{ apiUrl: sandbox.github, token: sandbox.token, fetch: given.fetch ?? sandbox.fetch },
  });
  for (const merging of given.merged ?? []) await mergeOn(sandbox, merging, time);
  time.now = now;
  const configured = service(given.configured);
  const made = given.host
    ? await given.host.world({ configured })
    : world({ configured, ...(given.store && { store: given.store }) });
  const ports = github({ client });
  Object.assign(made.work, { history: ports, trees: ports, pulls: ports, changes: ports });
  made.state.now = now;
  if (given.course !== undefined)
    made.work.metrics.course = async () => ({ forMs: 0, series: given.course ?? [] });
  const shaOf = (title: string): string => {
    try {
      return own.shaOf(title);
    } catch (error) {
      if (config === undefined) throw error;
      return config.shaOf(title);
    }
  };
  for (const [title, ago, over] of given.deploys ?? [])
    await made.store.recordDeploy({
      ...{ service: "payment-gateway", environment: "production", status: "succeeded", at: now - ago },
      sha: /^[0-9a-f]{40}$/.test(title) ? title : shaOf(title),
      ...over,
    });
  const { ago = minute, name, ...alert } = given.alert;
  const calls = () => sandbox.requests().filter(({ system }) => system === "github");
  const before = calls().length;
  await made.alerts([
    {
      ...{ fingerprint: "f1", name, status: "firing", annotations: {}, startsAt: now - ago },
      ...alert,
      labels: { service: "payment-gateway", alertname: name, ...alert.labels },
    },
  ]);
  const settle = () => made.settle();
  return { ...made, ...{ own, config, sandbox, shaOf, settle }, calls: () => calls().slice(before) };
};

/** The incident's diagnosis once the loop stands still. */
export const diagnosed = async (stage: Awaited<ReturnType<typeof shop>>) => {
  const incident = await stage.settle();
  if (!("diagnosis" in incident) || incident.diagnosis === undefined)
    throw new Error(`not diagnosed: ${JSON.stringify(incident)}`);
  return { incident, diagnosis: (incident as In<"diagnosed">).diagnosis };
};

const mergeOn = async (sandbox: Sandbox, merging: Merging, time: { now: number }): Promise<void> => {
  const { octokit } = githubClient({ apiUrl: sandbox.github, token: sandbox.token, fetch: sandbox.fetch });
  const repo = { owner: "acme", repo: "payments" };
  const { branch, title, body = "", method, ago } = merging;
  time.now = now - ago - hour;
  const { data } = await octokit.pulls.create({ ...repo, head: branch, base: "main", title, body });
  time.now = now - ago;
  await octokit.pulls.merge({ ...repo, pull_number: data.number, merge_method: method });
};
