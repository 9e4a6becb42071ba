import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { openGit } from "./git.ts";
import { githubApi } from "./github/api.ts";
import { pageRoutes } from "./github/pages.ts";
import { refMoved } from "./github/ref-updates.ts";
import { type App, account, type Github, type Issued, newRepo } from "./github/state.ts";
import { transportRoutes } from "./github/transport.ts";
import { type Delivery, type Webhook, webhookSender } from "./github/webhooks.ts";
import { sharedPages } from "./pages.ts";
import { slackApi } from "./slack/api.ts";
import { type Click, click, type Submission, submitView } from "./slack/interactions.ts";
import { slackPages } from "./slack/page.ts";
import { type Message, newSlack, type SlackOptions, type View } from "./slack/state.ts";
import { type Fault, locate, type Request, traffic } from "./traffic.ts";

export type { Webhook } from "./github/webhooks.ts";
export type { Fault, Request } from "./traffic.ts";

export type SandboxOptions = {
  /** Bare repositories by `owner/name`. */
  repos: Record<string, string>;
  port?: number;
  host?: string;
  /** Without a secret the sandbox makes one up: `webhookSecret`. */
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
  app?: Partial<App>;
  treeLimit?: number;
  blobLimit?: number;
  lazyMergeable?: boolean;
  slack?: SlackOptions;
  /** The sandbox's own credentials; made up when left out. */
  secrets?: Partial<Pick<Sandbox, "token" | "slackToken" | "slackSigningSecret" | "webhookSecret">>;
  /** Where it complains: unknown routes, deliveries that failed. Standard error by default. */
  log?: (line: string) => void;
};

export type Sandbox = {
  url: string;
  /** Base URL for Octokit. */
  github: string;
  /** `slackApiUrl` for Slack's WebClient, with the slash at its end. */
  slack: string;
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
  deliveries(): Delivery[];
  redeliver(id: string): Promise<Delivery>;
  /** When every webhook so far has been delivered or has failed. */
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
  const clock = options.clock ?? Date.now;
  const log = options.log ?? ((line: string) => console.error(`sandbox: ${line}`));
  const secrets = {
    token: secret("ghp_"),
    slackToken: `xoxb-${randomBytes(12).toString("hex")}`,
    slackSigningSecret: secret(""),
    webhookSecret: options.webhook?.secret ?? secret(""),
    ...options.secrets,
  };
  const hook = (target: Target): Webhook => ({ secret: secrets.webhookSecret, ...target });
  let webhook = options.webhook && hook(options.webhook);
  let { slackInteractions } = options;
  const sender = webhookSender(
    () => github,
    () => webhook,
    log,
  );
  const app = { id: 1, slug: "countersteer", installationId: 1001, ...options.app };
  const github: Github = {
    origin: "",
    clock,
    app,
    issued: [],
    actors: new Map(),
    repos: new Map(),
    treeLimit: options.treeLimit ?? 100_000,
    blobLimit: options.blobLimit ?? 100_000_000,
    lazyMergeable: options.lazyMergeable ?? false,
    nextId: counter(1000),
    listening: () => webhook !== undefined,
    emit: sender.emit,
  };
  for (const [name, path] of Object.entries(options.repos))
    github.repos.set(
      name.toLowerCase(),
      newRepo(name, openGit(resolve(path)), options.requiredStatuses?.[name] ?? []),
    );
  for (const name of options.archived ?? []) github.repos.get(name.toLowerCase())!.archived = true;
  github.actors.set(secrets.token, account(`${app.slug}[bot]`, "Bot"));
  for (const [token, login] of Object.entries(options.tokens ?? {})) github.actors.set(token, account(login));
  const slack = newSlack({
    ...options.slack,
    clock,
    origin: "",
    token: secrets.slackToken,
    signingSecret: secrets.slackSigningSecret,
    interactionsUrl: () => slackInteractions?.url,
  });

  const seen = traffic(clock, options.latencyMs);
  const root = new Hono();
  root.use(seen.middleware);
  transportRoutes(root, github);
  root.route("/github", githubApi(github));
  root.route("/slack/api", slackApi(slack, log));
  sharedPages(root, github, slack);
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

  const server = createServer(getRequestListener(root.fetch));
  server.listen(options.port ?? 0, options.host ?? "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const url = `http://${reachable(options.host)}:${port}`;
  github.origin = url;
  slack.origin = url;

  return {
    url,
    github: `${url}/github`,
    slack: `${url}/slack/api/`,
    ...secrets,
    app,
    connect(targets) {
      webhook = targets.webhook ? hook(targets.webhook) : webhook;
      slackInteractions = targets.slackInteractions ?? slackInteractions;
    },
    requests: () => seen.requests,
    fault: seen.fault,
    issued: () => github.issued,
    async pushed(name, ref, before, after) {
      const repo = github.repos.get(name.toLowerCase());
      if (!repo) throw new Error(`no repository ${name}`);
      await refMoved(github, repo, { ref, before, after, by: account(repo.owner) });
    },
    deliveries: () => sender.deliveries,
    redeliver: sender.redeliver,
    settled: sender.settled,
    messages: (channel) => slack.messages.filter((message) => message.channel === channel),
    views: (user) => slack.views.filter((view) => view.user === user),
    click: async (given) => (await click(slack, given)).status,
    submitView: async (given) => (await submitView(slack, given)).status,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
      for (const repo of github.repos.values()) repo.git.close();
    },
  };
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
