import { type Io, runCommand, standardIo, untilStopped } from "../host/command.ts";
import { ConfigurationError, UsageError } from "../host/errors.ts";
import { openGit } from "./git.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "./index.ts";
import { type Channel, defaults } from "./slack/state.ts";

const help = `usage: npm run --silent cli -- sandbox [--port P] --repo OWNER/NAME=/path/to/bare.git [--repo …] [options]

GitHub's REST API over real bare git repositories, and Slack's Web API with a page, on loopback.
Prints one JSON line {"github","slack","token","slackToken","slackSigningSecret"} when ready.
Pull requests, comments, statuses and messages are kept in memory; commits are in the repositories.

  --port P                  port to listen on (default: any free one)
  --host HOST               address to listen on (default: 127.0.0.1)
  --repo OWNER/NAME=PATH    a bare git repository to serve; may be repeated
  --person LOGIN=TOKEN      a token of a person, who may review, comment and set rules; may be repeated
  --team ORG/TEAM=LOGIN,…   a team and its members; may be repeated
  --channel ID=NAME         a channel of Slack, beside C0OPS (ops) and C0PAYMENTS (payments); may be repeated
  --max-tree N              entries that a recursive tree lists (default: 100000, as GitHub does)
  --webhook URL             where GitHub's events go, e.g. http://127.0.0.1:8080/webhooks/github
  --secret S                signs those events; made up when left out, and then shown on standard error
  --slack-interactions URL  where Slack's interactions go (default: /slack/interactions beside --webhook)
  --help                    this text

The people of its Slack are U0ANN, U0BEN and U0EVE; the group S0APPROVERS has Ann and Ben.
`;

const options = {
  port: { type: "string" },
  host: { type: "string" },
  repo: { type: "string", multiple: true },
  person: { type: "string", multiple: true },
  team: { type: "string", multiple: true },
  channel: { type: "string", multiple: true },
  "max-tree": { type: "string" },
  webhook: { type: "string" },
  secret: { type: "string" },
  "slack-interactions": { type: "string" },
} as const;

/** Serves until SIGINT or SIGTERM, or until `stop` aborts. Exit codes: 0 stopped, 1 could not start, 2 wrong usage. */
export const sandboxCommand = (argv: string[], io: Io = standardIo(), stop?: AbortSignal): Promise<number> =>
  runCommand({ name: "sandbox", help, options }, { argv, io }, async ({ values }) => {
    const wanted = readOptions(values);
    const sandbox = await start(wanted, io);
    const { github, slack, token, slackToken, slackSigningSecret } = sandbox;
    const ready = { github, slack: slack.replace(/\/$/, ""), token, slackToken, slackSigningSecret };
    io.out(`${JSON.stringify(ready)}\n`);
    io.err(`sandbox: pages at ${sandbox.url}/, kept in memory until it stops\n`);
    if (wanted.webhook && !wanted.webhook.secret)
      io.err(`sandbox: webhook secret ${sandbox.webhookSecret}\n`);
    await untilStopped(stop);
    await sandbox.close();
    return 0;
  });

const start = async (wanted: SandboxOptions, io: Io): Promise<Sandbox> => {
  try {
    await checkRepos(wanted.repos);
    return await startSandbox({ ...wanted, log: (line) => io.err(`sandbox: ${line}\n`) });
  } catch (error) {
    throw new ConfigurationError(`sandbox: ${reason(error as NodeJS.ErrnoException, wanted)}`, {
      cause: error,
    });
  }
};

type Values = {
  port?: string;
  host?: string;
  repo?: string[];
  person?: string[];
  team?: string[];
  channel?: string[];
  "max-tree"?: string;
  webhook?: string;
  secret?: string;
  "slack-interactions"?: string;
};

const readOptions = (values: Values): SandboxOptions => {
  const { webhook, secret, "slack-interactions": given } = values;
  for (const url of [webhook, given])
    if (url !== undefined && !isHttp(url)) throw new UsageError(`"${url}" is not an http(s) URL`);
  const [port, repos] = [readPort(values.port), readRepos(values.repo ?? [])];
  if (secret !== undefined && webhook === undefined) throw new UsageError("--secret goes with --webhook");
  const besideWebhook = webhook?.endsWith("/webhooks/github")
    ? new URL("/slack/interactions", webhook).href
    : undefined;
  const interactions = given ?? besideWebhook;
  return {
    ...{ repos, port, tokens: readPeople(values.person ?? []), teams: readTeams(values.team ?? []) },
    slack: { channels: [...defaults.channels, ...readChannels(values.channel ?? [])] },
    ...(values.host && { host: values.host }),
    ...(values["max-tree"] !== undefined && { treeLimit: readCount("--max-tree", values["max-tree"]) }),
    ...(webhook && { webhook: { url: webhook, ...(secret !== undefined && { secret }) } }),
    ...(interactions && { slackInteractions: { url: interactions } }),
  };
};

const readPort = (text = "0"): number => {
  if (/^\d+$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new UsageError(`--port takes a number from 0 to 65535, not "${text}"`);
};

const readCount = (option: string, text: string): number => {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`${option} takes a number, not "${text}"`);
};

const readRepos = (texts: string[]): Record<string, string> => {
  if (texts.length === 0) throw new UsageError("at least one --repo OWNER/NAME=/path/to/bare.git is needed");
  return Object.fromEntries(
    texts.map((text) => {
      const [, name, path] = /^([\w.-]+\/[\w.-]+)=(.+)$/.exec(text) ?? [];
      if (name === undefined || path === undefined)
        throw new UsageError(`--repo takes OWNER/NAME=/path/to/bare.git, not "${text}"`);
      return [name, path];
    }),
  );
};

/** Logins by token. */
const readPeople = (texts: string[]): Record<string, string> =>
  Object.fromEntries(
    texts.map((text) => {
      const [, login, token] = /^([\w-]+)=(\S+)$/.exec(text) ?? [];
      if (login === undefined || token === undefined)
        throw new UsageError(`--person takes LOGIN=TOKEN, not "${text}"`);
      return [token, login];
    }),
  );

const readTeams = (texts: string[]): Record<string, string[]> =>
  Object.fromEntries(
    texts.map((text) => {
      const [, team, logins] = /^([\w.-]+\/[\w.-]+)=([\w,-]+)$/.exec(text) ?? [];
      if (team === undefined || logins === undefined)
        throw new UsageError(`--team takes ORG/TEAM=LOGIN,LOGIN, not "${text}"`);
      return [team, logins.split(",")];
    }),
  );

const readChannels = (texts: string[]): Channel[] =>
  texts.map((text) => {
    const [, id, name] = /^([CG][A-Z0-9]+)=([\w-]+)$/.exec(text) ?? [];
    if (id === undefined || name === undefined)
      throw new UsageError(`--channel takes ID=NAME, such as C0SHOP=shop, not "${text}"`);
    return { id, name };
  });

const isHttp = (text: string) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

const checkRepos = async (repos: Record<string, string>): Promise<void> => {
  for (const [name, path] of Object.entries(repos)) {
    const ran = await openGit(path).run(["rev-parse", "--is-bare-repository"]);
    if (ran.code !== 0 || ran.stdout.toString().trim() !== "true")
      throw new Error(`${path} (${name}) is not a bare git repository`);
  }
};

const reason = (error: NodeJS.ErrnoException, { port, host = "127.0.0.1" }: SandboxOptions): string => {
  if (error.code === "EADDRINUSE") return `port ${port} on ${host} is in use`;
  if (error.code === "EACCES" || error.code === "EADDRNOTAVAIL")
    return `cannot listen on ${host}:${port}: ${error.code}`;
  if (error.code === "ENOENT" && error.syscall?.startsWith("spawn")) return "git is not on PATH";
  return error.message;
};
