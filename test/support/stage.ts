import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePorts } from "../../infra/demo/monitor/real.ts";
import { type Host, type ServerProcess, startServerProcess } from "../../infra/demo/server-process.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../infra/sandbox/index.ts";
import { sandboxVariables } from "../../infra/sandbox/variables.ts";
import { openReader } from "../../shared/adapters/sqlite/rows.ts";
import { distinctLines } from "./distinct-lines.ts";
import { runGit } from "./git-runner.ts";
import { webhook } from "./payloads.ts";
import { program as bundled } from "./program.ts";
import { quietPrometheus } from "./prometheus.ts";
import { type BareShop, bareShop } from "./shop.ts";
import { hangMs, until as untilRead } from "./until.ts";

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

type Wanted = {
  sandbox?: Partial<SandboxOptions>;
  env?: Record<string, string>;
  mode?: string;
  host?: Host;
  program?: string;
};

/** Ends all that it started before it throws: an open server would keep the process of the tests alive. */
export const startStage = async (over: Wanted = {}) => {
  const undo: (() => unknown)[] = [];
  try {
    return await setUp(over, (work) => void undo.unshift(work));
  } catch (error) {
    for (const work of undo) await work();
    throw error;
  }
};

const setUp = async (over: Wanted, keep: (undo: () => unknown) => void) => {
  const dir = await mkdtemp(join(tmpdir(), "countersteer-stage-"));
  keep(() => rm(dir, { recursive: true, force: true }));
  const shop: BareShop = bareShop(dir);
  const sandbox: Sandbox = await startSandbox({
    repos: { "acme/shop": shop.bare },
    log: () => {},
    runGit,
    slack: { patienceMs: hangMs },
    ...over.sandbox,
  });
  keep(sandbox.close);
  const prometheus = await quietPrometheus("PaymentErrorsHigh");
  keep(prometheus.close);
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  sandbox.connect({
    webhook: { url: `${url}/webhooks/github`, secret: sandbox.webhookSecret },
    slackInteractions: { url: `${url}/slack/interactions` },
  });
  const configFile = join(dir, "countersteer.yaml");
  await writeFile(configFile, configuration(over.mode ?? "approve"));
  const env = { ...environment({ dir, configFile, sandbox }), PROMETHEUS_URL: prometheus.url, ...over.env };
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
  const logged = async (): Promise<string> => distinctLines(await readFile(log, "utf8"));
  /**
   * Polls until the incident is as asked, and lets `act` answer each reading that is not. Throws with what it is when nothing moves,
   * neither it nor the server.
   */
  const until = async (
    what: string,
    holds: (incident: Told) => boolean,
    act: (told: Told | undefined) => unknown = () => {},
  ): Promise<Told> => {
    let last: Told | undefined;
    let [seen, deadline] = ["", 0];
    do {
      const told = await incident();
      if (told !== undefined && holds(told)) return told;
      const now = told === undefined ? "down" : `${told.status} ${told.timeline.length}`;
      if (now !== seen) [seen, deadline] = [now, Date.now() + hangMs];
      last = told ?? last;
      await act(told);
      await delay(50);
    } while (Date.now() < deadline);
    const facts = last?.timeline.map(({ type }) => type).join(" ");
    throw new Error(
      `${what} did not come, nothing moved for ${hangMs / 1000} s: ${last?.status}, ${facts}\n${await logged()}`,
    );
  };
  /** Until everything that has happened is told on GitHub and in Slack, as the server's own database has it. */
  const allTold = (): Promise<unknown> =>
    untilRead(
      "the last announcement",
      () => {
        const { reader, rows } = openReader(join(dir, "data", "countersteer.db"));
        reader.close();
        return [...rows.values()].map(({ version, consumed }) => ({ version, consumed }));
      },
      (incidents) => incidents.every(({ version, consumed }) => version === consumed),
      { more: logged },
    );
  const post = (path: string, token: string, body: unknown): Promise<Response> =>
    fetch(`${url}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });

  return {
    ...{ dir, url, shop, sandbox, prometheus, channel, incident, until, allTold, log },
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
      const told = await incident();
      // Undefined while the server is down: nothing is pressed, nor when the question has lost its buttons since.
      const message = told?.timeline.findLast(({ type }) => type === "ApprovalRequested")?.message;
      const shown = sandbox.messages(channel).find(({ ts }) => ts === message?.ts);
      return message === undefined || !JSON.stringify(shown?.blocks ?? []).includes('"action_id":"approve"')
        ? 0
        : sandbox.click({ ...message, actionId: "approve", user: by });
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

/** Nothing is looked at again after a while: on a slow machine that while passes within a test. */
const configuration = (mode: string): string => `services:
  - name: shop
    match: [service="shop"]
    repository: acme/shop
    environments: [production]
    channel: ${channel}
    approvers: [${approver}]
    policy: { mode: ${mode}, minConfidence: 0.3, lookAgain: [] }
    verify: { hold: 500ms }
`;

const environment = ({
  dir,
  configFile,
  sandbox,
}: {
  dir: string;
  configFile: string;
  sandbox: Sandbox;
}): Record<string, string> => ({
  DATA_DIR: join(dir, "data"),
  COUNTERSTEER_CONFIG: configFile,
  TICK_MS: "100",
  ALERTMANAGER_TOKEN: "am-token",
  DEPLOYS_TOKEN: "deploy-token",
  ...sandboxVariables(sandbox),
});
