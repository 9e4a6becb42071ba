import { once } from "node:events";
import { type ParseArgsConfig, parseArgs } from "node:util";
import { openGit } from "./git.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "./index.ts";

const help = `Usage: sandbox [--port P] --repo OWNER/NAME=/path/to/bare.git [--repo …] [options]

GitHub's REST API over real bare git repositories, and Slack's Web API with a page, on loopback.
Prints one JSON line {"github","slack","token","slackToken","slackSigningSecret"} when ready.
Pull requests, comments, statuses and messages are kept in memory; commits are in the repositories.

  --port P                  port to listen on (default: any free one)
  --host HOST               address to listen on (default: 127.0.0.1)
  --repo OWNER/NAME=PATH    a bare git repository to serve; may be repeated
  --webhook URL             where GitHub's events go, e.g. http://127.0.0.1:8080/webhooks/github
  --secret S                signs those events; made up when left out, and then shown on standard error
  --slack-interactions URL  where Slack's interactions go (default: /slack/interactions beside --webhook)
  --help                    this text
`;

const options = {
  port: { type: "string" },
  host: { type: "string" },
  repo: { type: "string", multiple: true },
  webhook: { type: "string" },
  secret: { type: "string" },
  "slack-interactions": { type: "string" },
  help: { type: "boolean" },
} satisfies ParseArgsConfig["options"];

export type Io = {
  out(text: string): void;
  err(text: string): void /** Ends the command when it aborts, as a signal does. */;
  stop?: AbortSignal;
};
const standard: Io = { out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text) };

/** Serves until SIGINT or SIGTERM. Exit codes: 0 stopped, 1 could not start, 2 wrong usage. */
export const sandboxCommand = async (argv: string[], io: Io = standard): Promise<number> => {
  const read = readOptions(argv);
  if (read === "help") {
    io.out(help);
    return 0;
  }
  if (typeof read === "string") {
    io.err(`sandbox: ${read} (see --help)\n`);
    return 2;
  }
  let sandbox: Sandbox;
  try {
    await checkRepos(read.repos);
    sandbox = await startSandbox({ ...read, log: (line) => io.err(`sandbox: ${line}\n`) });
  } catch (error) {
    io.err(`sandbox: ${reason(error as NodeJS.ErrnoException, read)}\n`);
    return 1;
  }
  const { github, slack, token, slackToken, slackSigningSecret } = sandbox;
  io.out(
    `${JSON.stringify({ github, slack: slack.replace(/\/$/, ""), token, slackToken, slackSigningSecret })}\n`,
  );
  io.err(`sandbox: pages at ${sandbox.url}/, kept in memory until it stops\n`);
  if (read.webhook && !read.webhook.secret) io.err(`sandbox: webhook secret ${sandbox.webhookSecret}\n`);
  await stopped(io.stop);
  await sandbox.close();
  return 0;
};

/** The options, "help", or one sentence saying what is wrong with them. */
const readOptions = (argv: string[]): SandboxOptions | string => {
  let values: ReturnType<typeof parseArgs<{ options: typeof options }>>["values"];
  try {
    ({ values } = parseArgs({ args: argv, options, strict: true }));
  } catch (error) {
    return (error as Error).message.split("\n")[0]!.replace(/\. .*$|\.$/, "");
  }
  if (values.help) return "help";
  const port = Number(values.port ?? 0);
  if (!/^\d+$/.test(values.port ?? "0") || port > 65_535)
    return `--port takes a number from 0 to 65535, not "${values.port}"`;
  if (!values.repo?.length) return "at least one --repo OWNER/NAME=/path/to/bare.git is needed";
  const repos: Record<string, string> = {};
  for (const text of values.repo) {
    const found = /^([\w.-]+\/[\w.-]+)=(.+)$/.exec(text);
    if (!found) return `--repo takes OWNER/NAME=/path/to/bare.git, not "${text}"`;
    repos[found[1]!] = found[2]!;
  }
  const { webhook, secret, "slack-interactions": given } = values;
  for (const url of [webhook, given])
    if (url !== undefined && !isHttp(url)) return `"${url}" is not an http(s) URL`;
  if (secret !== undefined && webhook === undefined) return "--secret goes with --webhook";
  const beside = webhook?.endsWith("/webhooks/github")
    ? new URL("/slack/interactions", webhook).href
    : undefined;
  const interactions = given ?? beside;
  return {
    repos,
    port,
    ...(values.host && { host: values.host }),
    ...(webhook && { webhook: { url: webhook, ...(secret !== undefined && { secret }) } }),
    ...(interactions && { slackInteractions: { url: interactions } }),
  };
};

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

const stopped = async (signal?: AbortSignal): Promise<void> => {
  const done = new AbortController();
  const waits = ["SIGINT", "SIGTERM"].map((name) => once(process, name, { signal: done.signal }));
  const aborted = signal
    ? [signal.aborted ? Promise.resolve() : once(signal, "abort", { signal: done.signal })]
    : [];
  await Promise.race([...waits, ...aborted]);
  done.abort();
  await Promise.allSettled([...waits, ...aborted]);
};
