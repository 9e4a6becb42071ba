import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { openGit, type RunGit } from "./git.ts";
import { githubApi } from "./github/api.ts";
import { moveRun, pushRun } from "./github/checks/actions.ts";
import { pageRoutes } from "./github/pages/pages.ts";
import { goOn } from "./github/pulls/auto-merge.ts";
import { refMoved } from "./github/refs/ref-updates.ts";
import { transportRoutes } from "./github/refs/transport.ts";
import {
  type Actor,
  type App,
  account,
  type Github,
  type Issued,
  newRepo,
  type Repo,
  type WorkflowRun,
} from "./github/state.ts";
import { type Delivery, type Webhook, webhookSender } from "./github/webhooks.ts";
import { type Step, sharedPages } from "./pages.ts";
import { slackApi } from "./slack/api.ts";
import { type Click, click, type Submission, submitView } from "./slack/interactions.ts";
import { slackPages } from "./slack/page.ts";
import { type Message, newSlack, type Slack, type SlackOptions, type View } from "./slack/state.ts";
import { type Fault, isDropped, locate, type Request, type Traffic, traffic } from "./traffic.ts";

export type { Webhook } from "./github/webhooks.ts";
export type { Fault, Request } from "./traffic.ts";

export type SandboxOptions = {
  /** Bare repositories by `owner/name`. */
  repos: Record<string, string>;
  port?: number;
  host?: string;
  /** The sandbox makes a secret up where none is given: `webhookSecret`. */
  webhook?: Target;
  slackInteractions?: { url: string };
  /** Epoch ms. Tokens, comments, messages and the commits GitHub makes take their time from it. */
  clock?: () => number;
  /** Added to every call of the GitHub and Slack APIs. */
  latencyMs?: number;
  /** Commit statuses without which a pull of the repository does not merge. */
  requiredStatuses?: Record<string, string[]>;
  /** Repositories that nobody may write to any more. */
  archived?: string[];
  /** More GitHub tokens, each with the login of its person. */
  tokens?: Record<string, string>;
  /** Members of teams, by `org/team`. */
  teams?: Record<string, string[]>;
  app?: Partial<App>;
  treeLimit?: number;
  blobLimit?: number;
  lazyMergeable?: boolean;
  slack?: SlackOptions;
  /** The sandbox's own credentials; made up when left out. */
  secrets?: Partial<Pick<Sandbox, "token" | "slackToken" | "slackSigningSecret" | "webhookSecret">>;
  /** Runs git in place of a child of this process: starting one from a process of hundreds of MB is slow. */
  runGit?: RunGit;
  /** The first page leads through these steps. */
  guide?: Step[];
  /** Takes its complaints: unknown routes, deliveries that failed. Standard error by default. */
  log?: (line: string) => void;
};

export type Sandbox = {
  url: string;
  /** Base URL for Octokit. */
  github: string;
  /** `slackApiUrl` for Slack's WebClient, with the slash at its end. */
  slack: string;
  /** Answers a request in this process, without a connection: with half of the work. */
  fetch: typeof fetch;
  token: string;
  slackToken: string;
  slackSigningSecret: string;
  webhookSecret: string;
  app: App;
  connect(targets: { webhook?: Target; slackInteractions?: { url: string } }): void;
  /** Every request so far, the oldest first. */
  requests(): Request[];
  fault(fault: Fault): () => void;
  /** The installation tokens handed out, as they were asked for. */
  issued(): Issued[];
  /** Tells about a push that went past the sandbox, straight into the bare repository. */
  pushed(repo: string, ref: string, before: string, after: string): Promise<void>;
  /** The runs of the repository's workflows, the oldest first. */
  runs(repo: string): WorkflowRun[];
  /** Begins a run, or ends it with a conclusion: the sandbox runs no job by itself. */
  moveRun(repo: string, id: number, conclusion?: string): void;
  /** Starts a run of the workflow's file as a push to the branch does. */
  pushRun(repo: string, of: { file: string; branch: string }): Promise<WorkflowRun>;
  deliveries(): Delivery[];
  redeliver(id: string): Promise<Delivery>;
  /** Resolves when every webhook so far has been delivered or has failed. */
  settled(): Promise<void>;
  messages(channel: string): Message[];
  views(user: string): View[];
  /** Presses a button; the HTTP status the app answered, 0 for none. */
  click(click: Click): Promise<number>;
  submitView(submission: Submission): Promise<number>;
  close(): Promise<void>;
};

type Target = { url: string; secret?: string };

const secret = (prefix: string) => `${prefix}${randomBytes(16).toString("hex")}`;

/** GitHub and Slack on loopback, over real bare repositories. Pulls, comments and messages live in memory. */
export const startSandbox = async (options: SandboxOptions): Promise<Sandbox> => {
  const log = options.log ?? ((line: string) => console.error(`sandbox: ${line}`));
  const secrets = secretsOf(options);
  const targets = targetsOf(options, secrets.webhookSecret);
  const sender = webhookSender(() => github, targets.webhook, log);
  const github = newGithub(options, {
    secrets,
    emit: sender.emit,
    listening: () => targets.webhook() !== undefined,
  });
  const slack = newSlack({
    ...options.slack,
    clock: github.clock,
    origin: "",
    token: secrets.slackToken,
    signingSecret: secrets.slackSigningSecret,
    interactionsUrl: targets.interactionsUrl,
  });
  const seen = traffic(github.clock, options.latencyMs);
  const app = newApp({ github, slack, seen, log, guide: options.guide ?? [] });
  const server = await listen(app, options);
  const { port } = server.address() as AddressInfo;
  const url = `http://${reachable(options.host)}:${port}`;
  github.origin = url;
  slack.origin = url;
  return {
    url,
    github: `${url}/github`,
    slack: `${url}/slack/api/`,
    fetch: within(app),
    ...secrets,
    app: github.app,
    connect: targets.connect,
    ...controlsOf({ github, slack, seen, sender }),
    close: () => close(server, github),
  };
};

type Secrets = Pick<Sandbox, "token" | "slackToken" | "slackSigningSecret" | "webhookSecret">;

const secretsOf = ({ webhook, secrets }: SandboxOptions): Secrets => ({
  token: secret("ghp_"),
  slackToken: `xoxb-${randomBytes(12).toString("hex")}`,
  slackSigningSecret: secret(""),
  webhookSecret: webhook?.secret ?? secret(""),
  ...secrets,
});

/** The addresses to which webhooks and interactions go; `connect` changes it later. */
const targetsOf = (options: SandboxOptions, webhookSecret: string) => {
  const signed = (target: Target): Webhook => ({ secret: webhookSecret, ...target });
  let webhook = options.webhook && signed(options.webhook);
  let interactions = options.slackInteractions;
  return {
    webhook: () => webhook,
    interactionsUrl: () => interactions?.url,
    connect(targets: { webhook?: Target; slackInteractions?: { url: string } }) {
      webhook = targets.webhook ? signed(targets.webhook) : webhook;
      interactions = targets.slackInteractions ?? interactions;
    },
  };
};

const newGithub = (
  options: SandboxOptions,
  { secrets, emit, listening }: { secrets: Secrets } & Pick<Github, "emit" | "listening">,
): Github => {
  const app = { id: 1, slug: "countersteer", installationId: 1001, ...options.app };
  const people = Object.entries(options.tokens ?? {});
  return {
    ...{ origin: "", clock: options.clock ?? Date.now, app, issued: [], listening, emit },
    actors: new Map([
      [secrets.token, account(`${app.slug}[bot]`, "Bot")],
      ...people.map(([token, login]): [string, Actor] => [token, account(login)]),
    ]),
    repos: newRepos(options),
    teams: new Map(Object.entries(options.teams ?? {}).map(([name, logins]) => [name.toLowerCase(), logins])),
    treeLimit: options.treeLimit ?? 100_000,
    blobLimit: options.blobLimit ?? 100_000_000,
    lazyMergeable: options.lazyMergeable ?? false,
    nextId: counter(1000),
  };
};

const newRepos = ({ repos, requiredStatuses = {}, archived = [], runGit }: SandboxOptions): Github["repos"] =>
  new Map(
    Object.entries(repos).map(([name, path]) => {
      const repo = newRepo(name, openGit(resolve(path), runGit), requiredStatuses[name] ?? []);
      repo.archived = archived.some((one) => one.toLowerCase() === name.toLowerCase());
      return [name.toLowerCase(), repo];
    }),
  );

type Parts = { github: Github; slack: Slack; seen: Traffic };

type Served = Parts & { log: (line: string) => void; guide: Step[] };

const newApp = ({ github, slack, seen, log, guide }: Served): Hono => {
  const root = new Hono();
  root.use(seen.middleware);
  transportRoutes(root, github);
  root.route("/github", githubApi(github));
  root.route("/slack/api", slackApi(slack, log));
  sharedPages(root, { github, slack, guide });
  pageRoutes(root, github);
  slackPages(root, slack);
  root.notFound((c) => {
    const { system, path } = locate(c.req.path);
    const message = `Not Found: sandbox has no ${c.req.method} ${system === "github" ? path : c.req.path.replace(/^\/github(?=\/)/, "")}`;
    log(message);
    return c.json({ message, documentation_url: "https://docs.github.com/rest", status: "404" }, 404);
  });
  root.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse();
    log(`${c.req.method} ${c.req.path}: ${error.stack}`);
    return c.json({ message: "Server Error" }, 500);
  });
  return root;
};

const listen = async (app: Hono, { port = 0, host = "127.0.0.1" }: SandboxOptions): Promise<Server> => {
  // On a busy machine a connection that is kept for seconds only may end just when its client uses it again.
  const server = createServer({ keepAliveTimeout: 60_000 }, getRequestListener(app.fetch));
  server.listen(port, host);
  await once(server, "listening");
  return server;
};

/** Fails as `fetch` does where the connection would have been dropped. */
const within =
  (app: Hono): typeof fetch =>
  async (input, init) => {
    const response = await app.request(input, init);
    if (isDropped(response)) throw new TypeError("fetch failed");
    return response;
  };

/** The controls by which tests and the demo look and act behind the APIs. */
const controlsOf = ({
  github,
  slack,
  seen,
  sender,
}: Parts & { sender: ReturnType<typeof webhookSender> }) => ({
  requests: () => seen.requests,
  fault: seen.fault,
  issued: () => github.issued,
  runs: (name: string) => repoNamed(github, name).workflowRuns,
  moveRun: (name: string, id: number, conclusion?: string) =>
    moveRun(github, repoNamed(github, name), id, conclusion),
  pushRun: (name: string, of: { file: string; branch: string }) =>
    pushRun(github, repoNamed(github, name), of),
  async pushed(name: string, ref: string, before: string, after: string) {
    const repo = repoNamed(github, name);
    await refMoved(github, repo, { ref, before, after, by: account(repo.owner) });
    await repo.serially(() => goOn(github, repo));
  },
  deliveries: () => sender.deliveries,
  redeliver: sender.redeliver,
  settled: sender.settled,
  messages: (channel: string) => slack.messages.filter((message) => message.channel === channel),
  views: (user: string) => slack.views.filter((view) => view.user === user),
  click: async (given: Click) => (await click(slack, given)).status,
  submitView: async (given: Submission) => (await submitView(slack, given)).status,
});

const repoNamed = (github: Github, name: string): Repo => {
  const repo = github.repos.get(name.toLowerCase());
  if (!repo) throw new Error(`no repository ${name}`);
  return repo;
};

const close = async (server: Server, github: Github): Promise<void> => {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
  for (const repo of github.repos.values()) repo.git.close();
};

/** The name under which a server that listens on `host` is reached from here. */
const reachable = (host = "127.0.0.1"): string => {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
};

const counter = (start: number): (() => number) => {
  let last = start;
  return () => ++last;
};
