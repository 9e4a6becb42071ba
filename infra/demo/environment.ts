import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, rmdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Sandbox, startSandbox } from "../sandbox/index.ts";
import type { Step } from "../sandbox/pages.ts";
import { sandboxVariables } from "../sandbox/variables.ts";
import {
  type Deployed,
  type Deployer,
  type DeployerOptions,
  type Orders,
  startDeployer,
} from "./deployer.ts";
import { readIncident } from "./follow.ts";
import { buildConfiguration, commitOfImage } from "./gitops-repository.ts";
import { type ImageUpdater, type ImageUpdaterOptions, startImageUpdater } from "./image-updater.ts";
import { boundsAt, type Cluster, startCluster } from "./load/cluster.ts";
import { maxedOut, usual } from "./load/rule.ts";
import { type Monitor, startMonitor } from "./monitor/monitor.ts";
import { freePorts } from "./monitor/real.ts";
import {
  buildRepository,
  culpritOf,
  type Landing,
  land,
  landRelease,
  type Repository,
  releasePull,
  setRemote,
} from "./repository.ts";
import { type ServerOptions, type ServerProcess, startServerProcess } from "./server-process.ts";
import { demo, demoConfig, type Story, workflow as workflowPlace, workflowText } from "./service-config.ts";
import { type Bad, startTraffic, type Traffic } from "./traffic.ts";

export type EnvironmentOptions = Pick<ServerOptions, "host" | "program"> & {
  story?: Story;
  monitor?: "real" | "builtin";
  /** More environment for the server. */
  env?: Record<string, string>;
  onDeploy?: (deployed: Deployed) => void;
  onFirstBad?: (bad: Bad) => void;
  onProblem?: (problem: string) => void;
  /** The address that stands before one of the parts, where something is to go wrong between. */
  through?: (part: Part, url: string) => Promise<string>;
  /** Where the server keeps its data, if not beside the rest. */
  dataDir?: (dir: string) => Promise<void>;
  /** Called in the story of the bump, after the bot's commit. */
  onBump?: NonNullable<ImageUpdaterOptions["onBump"]>;
};

/** A part that others reach over an address. */
export type Part = "github" | "prometheus" | "alerts";

/** Everything the demo runs, with handles to drive it. */
export type Environment = {
  story: Story;
  repository: Repository;
  /** In the story of the bump: the repository that is deployed from, and the bot that writes to it. */
  configuration?: { repository: Repository; bot: ImageUpdater };
  /** In the story of the load: where the pods are. */
  cluster?: Cluster;
  sandbox: Sandbox;
  deployer: Deployer;
  traffic: Traffic;
  monitor: Monitor;
  /** Stays the same over restarts. */
  serverUrl: string;
  incidentUrl: string;
  /** Where every process of the environment logs. */
  logs: string;
  server(): ServerProcess;
  /** Starts the server again, on the same port and data, after it was stopped or killed. */
  restartServer(): Promise<ServerProcess>;
  /** Pushes the release that breaks payments in yen; the commit to blame with it. */
  release(): Promise<Landing & { culprit: string }>;
  /** Pushes the two innocent commits that follow. */
  after(): Promise<Landing>;
  /** Presses Approve on the incident's message as an approver: a signed interaction. The HTTP status the server answered. */
  approve(message: { channel: string; ts: string }): Promise<number>;
  /** Presses Approve as the author of the culprit, and returns the private answer. */
  approveAsAuthor(message: { channel: string; ts: string }): Promise<string>;
  /** Approves the pull request by a review on GitHub, as the approver. */
  review(pull: number): Promise<void>;
  /** The comments on a pull request of the repository that is deployed from, as GitHub lists them. */
  comments(pull: number): Promise<string[]>;
  /** Merges a pull request on GitHub, as a person of the team. */
  merge(pull: number): Promise<void>;
  /** Stops everything and removes its files; with `keepLogs` the logs stay. */
  stop(options?: { keepLogs?: boolean }): Promise<void>;
};

/** How long after the last commit of the history it went live. */
const syncMs = 60_000;

const secret = (): string => randomBytes(16).toString("hex");

/**
 * Starts repository, sandbox, deployer, monitor, server and traffic. When a part fails to start, the earlier ones are stopped; the logs
 * stay.
 */
export const startEnvironment = async (options: EnvironmentOptions = {}): Promise<Environment> => {
  const dir = await mkdtemp(join(tmpdir(), "countersteer-demo-"));
  const logs = join(dir, "logs");
  const undo: (() => Promise<unknown>)[] = [];
  let isOver = false;
  // The sandbox may still send webhooks while the server stops.
  const onProblem = (problem: string): void => void (isOver || options.onProblem?.(problem));
  const stop = async ({ keepLogs = false } = {}) => {
    isOver = true;
    const ends: PromiseSettledResult<unknown>[] = [];
    for (const one of undo.splice(0).reverse()) ends.push(...(await Promise.allSettled([one()])));
    for (const name of await readdir(dir)) {
      if (!keepLogs || name !== "logs") await rm(join(dir, name), { recursive: true, force: true });
    }
    if (!keepLogs) await rmdir(dir);
    const failed = ends.find((end) => end.status === "rejected");
    if (failed) throw failed.reason;
  };
  try {
    await mkdir(logs);
    return { ...(await build(dir, { ...options, onProblem }, (one) => undo.push(one))), logs, stop };
  } catch (error) {
    await stop({ keepLogs: true });
    throw new Error(`${(error as Error).message}; the logs are in ${logs}`, { cause: error });
  }
};

/** The settings that every part of the environment is started with. */
type Setup = {
  dir: string;
  logs: string;
  port: number;
  serverUrl: string;
  tokens: { alertmanager: string; deploys: string; team: string; approver: string };
  options: EnvironmentOptions;
  keep: (undo: () => Promise<unknown>) => void;
};

const build = async (
  dir: string,
  options: EnvironmentOptions,
  keep: Setup["keep"],
): Promise<Omit<Environment, "logs" | "stop">> => {
  const [port = 0] = await freePorts(1);
  const setup: Setup = {
    ...{ dir, logs: join(dir, "logs"), port, serverUrl: `http://127.0.0.1:${port}`, options, keep },
    tokens: { alertmanager: secret(), deploys: secret(), team: secret(), approver: secret() },
  };
  const repositories = await buildRepositories(setup);
  const sandbox = await startUpstreams(setup, repositories);
  const deployer = await startDeploys(setup, repositories, sandbox);
  const cluster = options.story === "load" ? await startPods(setup, repositories, deployer) : undefined;
  const entry = cluster?.url ?? deployer.endpoint;
  const monitor = await watch(setup, entry, cluster);
  const server = await startServer(setup, sandbox, monitor);
  await deployer.settled();
  const traffic = startTraffic({ target: entry, ...pick(options, "onFirstBad") });
  keep(traffic.stop);
  await monitor.watching();
  const bot = await startBot(setup, repositories, sandbox);
  const { repository, configuration } = repositories;
  return {
    ...{ repository, sandbox, deployer, traffic, monitor, serverUrl: setup.serverUrl },
    story: options.story ?? "revert",
    ...(cluster && { cluster }),
    ...(configuration && bot && { configuration: { repository: configuration, bot } }),
    incidentUrl: incidentUrlOf(setup.serverUrl),
    server: server.current,
    restartServer: server.restart,
    ...actionsOf(setup, repositories, { sandbox, deployer }),
  };
};

type Repositories = { repository: Repository; configuration?: Repository };

const buildRepositories = async ({ dir, options }: Setup): Promise<Repositories> => {
  const path = join(dir, "repository");
  const isRedeploy = options.story === "redeploy";
  const workflow = isRedeploy && { workflow: { path: workflowPlace.path, text: workflowText } };
  const repository = await buildRepository({ path, now: Date.now(), ...workflow });
  if (options.story !== "bump") return { repository };
  const { before, beforeAt } = repository;
  return { repository, configuration: await buildConfiguration({ path, before, at: beforeAt + syncMs / 2 }) };
};

const guideOf = (serverUrl: string): Step[] => [
  {
    name: "The incident",
    url: `${serverUrl}/incidents`,
    text: "opens with the alert; it shows the damage, the suspects with their reasons, and whom it waits for",
  },
  {
    name: "The question in Slack",
    url: `/slack/${demo.channel}`,
    text: "you are Ann: approve, reject, or say “Not this one”",
  },
  {
    name: "The pull request",
    url: `/github/${demo.repository}`,
    text: "takes back the change that was named; after the merge it tells the whole story, comment by comment",
  },
  {
    name: "What was left alone",
    url: `${serverUrl}/left-alone`,
    text: "alerts and deploys that no service matched, and why",
  },
];

/** GitHub and Slack, and the team's clone connected to them. */
const startUpstreams = async (
  { serverUrl, tokens, options, keep }: Setup,
  { repository, configuration }: Repositories,
): Promise<Sandbox> => {
  const sandbox = await startSandbox({
    repos: {
      [demo.repository]: repository.bare,
      ...(configuration && { [demo.gitops.repository]: configuration.bare }),
    },
    tokens: { [tokens.team]: "mateo-ruiz", [tokens.approver]: demo.people.U0ANN },
    guide: guideOf(serverUrl),
    log: (line) => options.onProblem?.(`sandbox: ${line}`),
  });
  keep(sandbox.close);
  sandbox.connect({
    webhook: { url: `${serverUrl}/webhooks/github`, secret: sandbox.webhookSecret },
    slackInteractions: { url: `${serverUrl}/slack/interactions` },
  });
  await setRemote(repository, gitUrlOf(sandbox, demo.repository), tokens.team);
  return sandbox;
};

const gitUrlOf = ({ url }: Sandbox, repository: string): string => `${url}/${repository}.git`;

const startDeploys = async (
  { dir, logs, serverUrl, tokens, options, keep }: Setup,
  { repository, configuration }: Repositories,
  sandbox: Sandbox,
): Promise<Deployer> => {
  const gitUrl = gitUrlOf(sandbox, demo.repository);
  const deployer = await startDeployer({
    ...(configuration === undefined
      ? { gitUrl }
      : { gitUrl: gitUrlOf(sandbox, demo.gitops.repository), image: { gitUrl, commitOf: commitOfImage } }),
    branch: repository.branch,
    workDir: join(dir, "deployer"),
    logDir: logs,
    liveSince: repository.beforeAt + syncMs,
    service: demo.service,
    environment: demo.environment,
    report: { url: `${serverUrl}/webhooks/deploys`, token: tokens.deploys },
    ...(options.story === "redeploy" && { buildMs, orders: ordersOf(sandbox) }),
    ...((options.story ?? "revert") === "revert" && { healthy: healthyLate(serverUrl, repository.before) }),
    ...pick(options, "onDeploy", "onProblem"),
  });
  keep(deployer.stop);
  return deployer;
};

/** The build of a new head, in the story of the redeploy: a wait, as nothing is built here. */
const buildMs = 12_000;

/** The dispatched runs of the workflow, as its runner takes them. */
const ordersOf = (sandbox: Sandbox): Orders => ({
  next() {
    const run = sandbox.runs(demo.repository).find(({ status }) => status === "queued");
    return run?.inputs.sha === undefined ? undefined : { id: run.id, sha: run.inputs.sha };
  },
  begin: (id) => sandbox.moveRun(demo.repository, id),
  end: (id, isDone) => sandbox.moveRun(demo.repository, id, isDone ? "success" : "failure"),
});

/** How long a rollout may take at most. */
const rolloutMs = 30_000;

/** The rollout of the release is healthy only after its alert was looked at: the report comes late, as controllers do it. */
const healthyLate =
  (serverUrl: string, before: string): NonNullable<DeployerOptions["healthy"]> =>
  async ({ sha }, signal) => {
    if (sha === before) return;
    const deadline = Date.now() + rolloutMs;
    while (!signal.aborted && Date.now() < deadline) {
      const incident = await readIncident(incidentUrlOf(serverUrl));
      if (incident?.timeline.some(({ type }) => type === "LookPostponed")) return;
      await delay(100, undefined, { signal }).catch(() => {});
    }
  };

const incidentUrlOf = (serverUrl: string): string =>
  `${serverUrl}/incidents/${demo.service}/${demo.environment}`;

const startPods = async (
  { keep }: Setup,
  { repository }: Repositories,
  deployer: Deployer,
): Promise<Cluster> => {
  const cluster = await startCluster({
    target: deployer.endpoint,
    demand: usual,
    bounds: () => boundsAt(repository.bare, deployer.current()),
  });
  keep(cluster.stop);
  return cluster;
};

const watch = async (
  { dir, logs, serverUrl, tokens, options, keep }: Setup,
  target: string,
  cluster: Cluster | undefined,
): Promise<Monitor> => {
  const monitor = await startMonitor({
    ...{ target, dir: join(dir, "monitor"), logDir: logs },
    ...(cluster && { rule: maxedOut }),
    webhook: {
      url: await through(options, "alerts", `${serverUrl}/webhooks/alertmanager`),
      token: tokens.alertmanager,
    },
    ...(options.monitor && { prefer: options.monitor }),
    ...pick(options, "onProblem"),
  });
  keep(monitor.stop);
  return monitor;
};

const through = async ({ through: put }: EnvironmentOptions, part: Part, url: string): Promise<string> =>
  put === undefined ? url : put(part, url);

/** The server, and a way to start it again on the same port and data. */
const startServer = async (setup: Setup, sandbox: Sandbox, monitor: Monitor) => {
  const { dir, logs, port, options, keep } = setup;
  const configFile = join(dir, "countersteer.yaml");
  await writeFile(configFile, demoConfig(options.story));
  // On aws-local a tick is a dozen calls of functions, tables and buses.
  const ticks = options.host === "aws-local" ? { TICK_MS: "1500" } : {};
  const parts = {
    GITHUB_API_URL: await through(options, "github", sandbox.github),
    PROMETHEUS_URL: await through(options, "prometheus", monitor.prometheusUrl),
  };
  await options.dataDir?.(join(dir, "data"));
  const env = { ...serverEnv(setup, { configFile, sandbox, monitor }), ...parts, ...ticks, ...options.env };
  const start = () =>
    startServerProcess({ port, log: join(logs, "server.log"), ...pick(options, "host", "program"), env });
  let server = await start();
  keep(() => server.stop());
  return {
    current: () => server,
    restart: async () => {
      server = await start();
      return server;
    },
  };
};

const startBot = async (
  { dir, tokens, options, keep }: Setup,
  { repository, configuration }: Repositories,
  sandbox: Sandbox,
): Promise<ImageUpdater | undefined> => {
  if (configuration === undefined) return undefined;
  const bot = await startImageUpdater({
    clone: join(dir, "image-updater"),
    configUrl: gitUrlOf(sandbox, demo.gitops.repository),
    sourceUrl: gitUrlOf(sandbox, demo.repository),
    branch: repository.branch,
    token: tokens.team,
    ...pick(options, "onBump", "onProblem"),
  });
  keep(bot.stop);
  return bot;
};

const actionsOf = (
  { tokens, options }: Setup,
  { repository, configuration }: Repositories,
  { sandbox, deployer }: Pick<Environment, "sandbox" | "deployer">,
) => ({
  async release() {
    if (configuration !== undefined || options.story === "withdraw") {
      const name = options.story === "withdraw" ? "decoy" : "release";
      const landing = await land(repository, name, Date.now());
      return { ...landing, culprit: culpritOf(landing) };
    }
    const pushes = () =>
      landRelease(repository, Date.now(), async (push) => {
        const pull = await openReleasePull({ github: sandbox.github, token: tokens.team });
        await push();
        await mergePull({ github: sandbox.github, token: tokens.team }, pull);
      });
    // In the story of the redeploy the first push is the deploy that is put back.
    const landing = await (options.story === "redeploy" ? pushes() : deployer.together(pushes));
    return { ...landing, culprit: landing.head };
  },
  after: () => land(repository, "after", Date.now()),
  comments: (pull: number) =>
    comments(sandbox, configuration ? demo.gitops.repository : demo.repository, pull),
  merge: (pull: number) => mergePull({ github: sandbox.github, token: tokens.team }, pull),
  approve: (message: { channel: string; ts: string }) =>
    sandbox.click({ ...message, actionId: "approve", user: demo.approver }),
  async approveAsAuthor(message: { channel: string; ts: string }) {
    await sandbox.click({ ...message, actionId: "approve", user: demo.author });
    const answers = sandbox.messages(message.channel).filter(({ onlyFor }) => onlyFor === demo.author);
    return answers.at(-1)?.text ?? "";
  },
  review: (pull: number) => approvePull({ github: sandbox.github, token: tokens.approver }, pull),
});

const openReleasePull = async ({ github, token }: { github: string; token: string }): Promise<number> => {
  const url = `${github}/repos/${demo.repository}/pulls`;
  const answer = await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ head: releasePull.branch, base: "main", title: releasePull.title }),
  });
  if (!answer.ok) throw new Error(`POST ${url}: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { number: number }).number;
};

const mergePull = async (
  { github, token }: { github: string; token: string },
  pull: number,
): Promise<void> => {
  const url = `${github}/repos/${demo.repository}/pulls/${pull}/merge`;
  const answer = await fetch(url, {
    method: "PUT",
    headers: { authorization: `Bearer ${token}` },
    body: "{}",
  });
  if (!answer.ok) throw new Error(`PUT ${url}: ${answer.status} ${await answer.text()}`);
};

const approvePull = async (
  { github, token }: { github: string; token: string },
  pull: number,
): Promise<void> => {
  const url = `${github}/repos/${demo.repository}/pulls/${pull}/reviews`;
  const answer = await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ event: "APPROVE" }),
  });
  if (!answer.ok) throw new Error(`POST ${url}: ${answer.status} ${await answer.text()}`);
};

const comments = async ({ github, token }: Sandbox, repository: string, pull: number): Promise<string[]> => {
  const url = `${github}/repos/${repository}/issues/${pull}/comments?per_page=100`;
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error(`GET ${url}: ${answer.status}`);
  return ((await answer.json()) as { body: string }[]).map(({ body }) => body);
};

const serverEnv = (
  { dir, tokens }: Setup,
  { configFile, sandbox, monitor }: { configFile: string; sandbox: Sandbox; monitor: Monitor },
): Record<string, string> => ({
  DATA_DIR: join(dir, "data"),
  COUNTERSTEER_CONFIG: configFile,
  TICK_MS: "500",
  ALERTMANAGER_TOKEN: tokens.alertmanager,
  DEPLOYS_TOKEN: tokens.deploys,
  ...sandboxVariables(sandbox),
  PROMETHEUS_URL: monitor.prometheusUrl,
});

/** The named members that are there. */
const pick = <T extends object, K extends keyof T>(from: T, ...names: K[]): Pick<T, K> =>
  Object.fromEntries(
    names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]]),
  ) as Pick<T, K>;
