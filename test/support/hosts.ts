import { cpSync, mkdirSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { FaultRates } from "../../infra/aws-local/bus.ts";
import { type Emulator, startEmulator } from "../../infra/aws-local/emulator.ts";
import { readers } from "../../infra/aws-local/start.ts";
import { readSettings } from "../../infra/host/settings/settings.ts";
import { startServer } from "../../infra/local/server.ts";
import { startSandbox } from "../../infra/sandbox/index.ts";
import { signSlack } from "../../shared/adapters/http/signature.ts";
import { jsonLog } from "../../shared/adapters/log.ts";
import type { Log } from "../../shared/ports/log.ts";
import { distinctLines } from "./distinct-lines.ts";
import { emulatorElsewhere } from "./dynamodb.ts";
import { lastingPorts } from "./free-port.ts";
import { runGit } from "./git-runner.ts";
import { click, webhook } from "./payloads.ts";
import { quietPrometheus } from "./prometheus.ts";
import { bareShop } from "./shop.ts";
import { hangMs } from "./until.ts";

/** The two hosts, each in one process, on the same world, ports and time. */
export type HostName = "embedded" | "aws-local";

const approver = "U0ANN";
const channel = "C0PAYMENTS";
/** Each has a repository of its own, the same in all of them. */
export const shops = ["one", "two", "three"];

/** A world that is the same every time it is made: its repositories, ports and time are made once. */
export const startLand = async ({ isRuler = true } = {}) => {
  const dir = await mkdtemp(join(tmpdir(), "countersteer-hosts-"));
  mkdirSync(join(dir, "seed"));
  const shop = bareShop(join(dir, "seed"));
  const [sandboxPort, serverPort] = await lastingPorts(2);
  const prometheus = await quietPrometheus("PaymentErrorsHigh", { isRuler });
  const began = Date.now();
  let worlds = 0;
  return {
    culprit: shop.culprit,
    async world(name: HostName, over: Over = {}) {
      const here = join(dir, `world-${++worlds}`);
      const repos = Object.fromEntries(shops.map((one) => [`acme/${one}`, join(here, `${one}.git`)]));
      for (const bare of Object.values(repos)) cpSync(shop.bare, bare, { recursive: true });
      return startWorld({
        ...over,
        here,
        repos,
        prometheus,
        began,
        name,
        ports: [sandboxPort!, serverPort!],
      });
    },
    async stop() {
      await prometheus.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
};

const configOf = (policy = "", keys = ""): string => `services:
${shops
  .map(
    (name) => `  - name: ${name}
    match: [service="${name}"]
    repository: acme/${name}
    environments: [production]
    channel: ${channel}
    approvers: [${approver}]
    policy: { mode: approve, minConfidence: 0.3${policy} }
    verify: { hold: 30s }
${keys}`,
  )
  .join("")}`;

/** A lease for tests that move the time by minutes: a function may tell something in that instant, and a second one would tell it too. */
export const endless = 86_400_000;

/** How this world is not like the others. */
type Over = {
  faults?: Partial<FaultRates>;
  leaseMs?: number;
  tickMs?: number;
  /** The way in on AWS. */
  edge?: "http" | "private";
  lesser?: { read: string; tell: string };
  /** More of every service's policy, as YAML. */
  policy?: string;
  /** More keys of every service, as lines of YAML. */
  keys?: string;
  /** More of the configuration, beside the services, as YAML. */
  more?: string;
  env?: Record<string, string>;
  /** Other secrets than the short ones. */
  secrets?: Partial<Secrets>;
};
type Secrets = Record<"alerts" | "deploys" | "flags" | "github" | "webhook" | "slack" | "slackToken", string>;
const usual: Secrets = {
  ...{ alerts: "am", deploys: "dp", flags: "fl", github: "ghp_t", webhook: "w" },
  ...{ slack: "s", slackToken: "xoxb-t" },
};
type Given = Over & {
  name: HostName;
  here: string;
  repos: Record<string, string>;
  prometheus: { url: string };
  began: number;
  ports: [number, number];
};

const startWorld = async ({
  name,
  here,
  repos,
  prometheus,
  began,
  ports,
  faults,
  leaseMs,
  tickMs = 100,
  edge = "http",
  lesser,
  policy,
  keys,
  more = "",
  env = {},
  secrets: other = {},
}: Given) => {
  const secrets = { ...usual, ...other };
  let now = began;
  const clock = () => now;
  const sandbox = await startSandbox({
    ...{ repos, clock, port: ports[0], log: () => {}, runGit, slack: { patienceMs: hangMs } },
    secrets: {
      ...{ token: secrets.github, webhookSecret: secrets.webhook },
      ...{ slackToken: secrets.slackToken, slackSigningSecret: secrets.slack },
    },
  });
  const url = `http://127.0.0.1:${ports[1]}`;
  sandbox.connect({
    webhook: { url: `${url}/webhooks/github`, secret: secrets.webhook },
    slackInteractions: { url: `${url}/slack/interactions` },
  });
  const configFile = join(here, "countersteer.yaml");
  await writeFile(configFile, `${more}${configOf(policy, keys)}`);
  const variables = {
    ...{
      PORT: String(ports[1]),
      DATA_DIR: join(here, "data"),
      COUNTERSTEER_CONFIG: configFile,
      TICK_MS: String(tickMs),
    },
    ...{
      ALERTMANAGER_TOKEN: secrets.alerts,
      DEPLOYS_TOKEN: secrets.deploys,
      FLAGS_TOKEN: secrets.flags,
      GITHUB_WEBHOOK_SECRET: secrets.webhook,
      SLACK_SIGNING_SECRET: secrets.slack,
    },
    ...{ GITHUB_API_URL: sandbox.github, GITHUB_TOKEN: secrets.github, SLACK_API_URL: sandbox.slack },
    ...{ SLACK_BOT_TOKEN: secrets.slackToken, PROMETHEUS_URL: prometheus.url, ...env },
  };
  const settings = readSettings(variables);
  const lines: string[] = [];
  const log: Log = jsonLog((line) => void lines.push(line), clock);
  const calm: FaultRates = { random: () => 0.5, refused: 0, doubled: 0, lateMs: 0, retryMs: 20 };
  const dynamodb = name === "embedded" ? undefined : await emulatorElsewhere();
  const host =
    name === "embedded"
      ? await startServer(settings, log, { clock })
      : await startEmulator(settings, log, {
          ...{ clock, edge },
          write: (line) => void lines.push(line),
          faults: { ...calm, ...faults },
          ...(dynamodb && { dynamodb }),
          ...(leaseMs && { leaseMs }),
          ...(lesser && { lesser }),
          readers: Object.fromEntries(readers.map((name) => [name, env[name]])),
          clientSecret: env.PAGES_OIDC_CLIENT_SECRET,
        });

  const post = async (path: string, token: string, body: unknown): Promise<number> =>
    (
      await fetch(`${url}${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      })
    ).status;
  const read = async (shop: string) => {
    const answer = await fetch(`${url}/incidents/${shop}/production`, {
      headers: {
        accept: "application/json",
        ...(env.PAGES_TOKEN && { authorization: `Bearer ${env.PAGES_TOKEN}` }),
      },
    });
    return answer.ok ? ((await answer.json()) as Told) : undefined;
  };

  return {
    ...{ host, sandbox, lines, read, post, url, variables, dir: here },
    emulator: () => host as Emulator,
    pass: (ms: number) => {
      now += ms;
    },
    /** Until everything is told. */
    async quiet(): Promise<void> {
      if (name === "aws-local") {
        const emulator = host as Emulator;
        await emulator.settled();
        // The tick announces news that another announcement kept back.
        await emulator.invoke("tick", {});
        await emulator.settled();
      }
      const writes = () => sandbox.requests().filter(({ method }) => method !== "GET").length;
      for (let last = -1, same = 0; same < 4; await delay(60)) {
        same = writes() === last ? same + 1 : 0;
        last = writes();
      }
    },
    alert: (shop: string, fingerprints: string[], over: { status?: "resolved"; again?: number } = {}) =>
      post(
        "/webhooks/alertmanager",
        secrets.alerts,
        webhook(
          fingerprints.map((fingerprint) => ({
            ...{ labels: { service: shop, currency: "JPY" }, fingerprint },
            startsAt: new Date(began - 5_000 + (over.again ?? 0)).toISOString(),
            ...(over.status === undefined ? {} : { status: "resolved", endsAt: new Date(now).toISOString() }),
          })),
        ),
      ),
    deploy: (shop: string, sha: string) =>
      post("/webhooks/deploys", secrets.deploys, { service: shop, environment: "production", sha }),
    flip: (shop: string, flag: string, minutesBefore: number) =>
      post("/webhooks/flags", secrets.flags, {
        ...{ service: shop, environment: "production", flag, change: "off → on" },
        at: new Date(began - minutesBefore * 60_000).toISOString(),
      }),
    async press(shop: string, actionId: "approve" | "reject" | "reland", user = approver): Promise<number> {
      const { timeline } = (await read(shop))!;
      const asked = timeline.findLast(({ type }) => type === "ApprovalRequested")!;
      return sandbox.click({ ...(asked.message as { channel: string; ts: string }), actionId, user });
    },
    /** The answer of a person whom a proxy has signed in, by the form of the incident's page. Returns the address that it leads to. */
    async answer(shop: string, does: string, email: string): Promise<string> {
      const address = `${url}/incidents/${shop}/production`;
      const person = {
        connection: "close",
        "x-forwarded-email": email,
        "x-countersteer-proxy-secret": env.PAGES_PROXY_SECRET ?? "",
      };
      const page = await (await fetch(address, { headers: person })).text();
      const field = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1] ?? "";
      const body = new URLSearchParams({
        ...{ does, round: field("round"), head: field("head"), nonce: field("nonce") },
      });
      const answered = await fetch(`${address}/answer`, {
        ...{ method: "POST", body, redirect: "manual" },
        headers: { ...person, origin: url },
      });
      await answered.text();
      return `${answered.status} ${answered.headers.get("location")?.replace(url, "")}`;
    },
    /** A person merges the shop's pull request on GitHub. */
    async mergeByHand(shop: string): Promise<void> {
      const { pull } = (await read(shop))!;
      const response = await fetch(`${sandbox.github}/repos/acme/${shop}/pulls/${pull!.number}/merge`, {
        method: "PUT",
        headers: { authorization: `token ${secrets.github}` },
        body: JSON.stringify({ merge_method: "squash" }),
      });
      if (!response.ok) throw new Error(`merge by hand: ${response.status} ${await response.text()}`);
    },
    /** The press of a button that is not there any more: from a screen that was not brought up to date. */
    async pressLate(shop: string, user = approver): Promise<number> {
      const { pull, round } = (await read(shop))!;
      const value = { incident: `${shop}/production`, round, head: pull!.head };
      const body = new URLSearchParams({ payload: JSON.stringify(click("approve", user, value)) }).toString();
      const timestamp = String(Math.floor(now / 1000));
      const headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": signSlack({ secret: secrets.slack, timestamp, body: Buffer.from(body) }),
      };
      return (await fetch(`${url}/slack/interactions`, { method: "POST", headers, body })).status;
    },
    /** Polls until these are the facts of the shop's incident, in this order; throws with what they are when nothing moves any more. */
    async until(shop: string, ...types: string[]): Promise<Told> {
      const wanted = types.join(" ");
      const factsOf = (told: Told | undefined): string | undefined =>
        told?.timeline.map(({ type }) => type).join(" ");
      let is: string | undefined;
      for (let end = Date.now() + hangMs; Date.now() < end; await delay(80)) {
        const now = factsOf(await read(shop));
        // The page reads the incident before its log: once more, so that it is as new.
        if (now === wanted) return (await read(shop))!;
        if (now !== is) end = Date.now() + hangMs;
        is = now;
      }
      throw new Error(`${name}: ${shop} is\n${is}, not\n${wanted}\n${distinctLines(lines.join(""))}`);
    },
    async stop() {
      await host.stop();
      await sandbox.close();
    },
  };
};

export type World = Awaited<ReturnType<typeof startWorld>>;
export type Told = {
  status: string;
  round: number;
  pull?: { head: string; number: number };
  merge?: { sha: string };
  timeline: { type: string; [field: string]: unknown }[];
};
