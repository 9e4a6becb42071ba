import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../../infra/demo/monitor/real.ts";
import { type Host, type ServerProcess, startServerProcess } from "../../infra/demo/server-process.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../infra/sandbox/index.ts";
import { webhook } from "./doors.ts";
import { program as bundled } from "./program.ts";
import { quietPrometheus } from "./prometheus.ts";
import { type BareShop, bareShop } from "./shop.ts";

/** The JSON of an incident's page. */
export type Told = {
  status: string;
  round: number;
  outcome?: string;
  reason?: string;
  detail?: string;
  pull?: { number: number; head: string; branch: string };
  merge?: { sha: string };
  suspects: { sha: string; score: number; reasons: string[] }[];
  timeline: { type: string; at: string; message?: { channel: string; ts: string } }[];
};

/** The real server as a process, before the sandbox over a real repository with a bad commit, and a Prometheus that is quiet. */
export type Stage = Awaited<ReturnType<typeof startStage>>;

export const approver = "U0ANN";
const channel = "C0PAYMENTS";

export const startStage = async (
  over: {
    sandbox?: Partial<SandboxOptions>;
    env?: Record<string, string>;
    mode?: string;
    host?: Host;
    program?: string;
  } = {},
) => {
  const dir = await mkdtemp(join(tmpdir(), "countersteer-stage-"));
  const shop: BareShop = bareShop(dir);
  const sandbox: Sandbox = await startSandbox({
    repos: { "acme/shop": shop.bare },
    log: () => {},
    ...over.sandbox,
  });
  const prometheus = await quietPrometheus("PaymentErrorsHigh");
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  sandbox.connect({
    webhook: { url: `${url}/webhooks/github`, secret: sandbox.webhookSecret },
    slackInteractions: { url: `${url}/slack/interactions` },
  });
  const configFile = join(dir, "countersteer.yaml");
  await writeFile(
    configFile,
    `services:
  - name: shop
    match: [service="shop"]
    repository: acme/shop
    environments: [production]
    channel: ${channel}
    approvers: [${approver}]
    policy: { mode: ${over.mode ?? "approve"}, minConfidence: 0.3 }
    verify: { hold: 500ms }
`,
  );
  const env = {
    DATA_DIR: join(dir, "data"),
    COUNTERSTEER_CONFIG: configFile,
    TICK_MS: "100",
    ALERTMANAGER_TOKEN: "am-token",
    DEPLOYS_TOKEN: "deploy-token",
    GITHUB_API_URL: sandbox.github,
    GITHUB_TOKEN: sandbox.token,
    GITHUB_WEBHOOK_SECRET: sandbox.webhookSecret,
    SLACK_API_URL: sandbox.slack,
    SLACK_BOT_TOKEN: sandbox.slackToken,
    SLACK_SIGNING_SECRET: sandbox.slackSigningSecret,
    PROMETHEUS_URL: prometheus.url,
    ...over.env,
  };
  const log = join(dir, "server.log");
  const start = () =>
    startServerProcess({
      program: over.program ?? bundled,
      port: port!,
      log,
      env,
      ...(over.host && { host: over.host }),
    });
  let starting = start();
  let server: ServerProcess = await starting;
  let stopped = false;

  const incident = async (): Promise<Told | undefined> => {
    try {
      const response = await fetch(`${url}/incidents/shop/production`, {
        headers: { accept: "application/json" },
      });
      return response.ok ? ((await response.json()) as Told) : undefined;
    } catch {
      return undefined;
    }
  };
  /** Polls until the incident is as asked; throws with what it is when that takes too long. */
  const until = async (what: string, holds: (incident: Told) => boolean): Promise<Told> => {
    const deadline = Date.now() + 45_000;
    let last: Told | undefined;
    while (Date.now() < deadline) {
      last = await incident();
      if (last !== undefined && holds(last)) return last;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(
      `${what} did not come: ${JSON.stringify(last?.timeline.map(({ type }) => type))}\n${(await readFile(log, "utf8")).slice(-3000)}`,
    );
  };
  const post = (path: string, token: string, body: unknown): Promise<Response> =>
    fetch(`${url}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });

  return {
    ...{ dir, url, shop, sandbox, prometheus, channel, incident, until, log },
    server: () => server,
    /** Starts the server again, on the same port and data. */
    async restart() {
      if (stopped) return;
      starting = start();
      server = await starting;
    },
    alert: (startsAt = new Date(), status: "firing" | "resolved" = "firing") =>
      post("/webhooks/alertmanager", "am-token", {
        ...webhook([
          {
            labels: { service: "shop", currency: "JPY" },
            startsAt: startsAt.toISOString(),
            ...(status === "resolved" ? { status, endsAt: new Date().toISOString() } : {}),
          },
        ]),
      }),
    deploy: (sha: string) =>
      post("/webhooks/deploys", "deploy-token", { service: "shop", environment: "production", sha }),
    approve: async (by = approver): Promise<number> => {
      const { timeline } = (await incident())!;
      const asked = timeline.findLast(({ type }) => type === "ApprovalRequested");
      return asked?.message === undefined
        ? 0
        : sandbox.click({ ...asked.message, actionId: "approve", user: by });
    },
    async stop() {
      stopped = true;
      await (await starting.catch(() => server)).kill();
      await sandbox.close();
      await prometheus.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
};
