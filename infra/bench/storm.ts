import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { runCommand, standardIo, wholeNumber } from "../host/command.ts";
import { gitSync } from "../host/git.ts";
import { type Sandbox, startSandbox } from "../sandbox/index.ts";
import { sandboxVariables } from "../sandbox/variables.ts";
import { type Child, startChild } from "./child.ts";
import { median } from "./median.ts";

const help = `usage: npm run bench:storm -- [options]

A storm of alerts over many services that share a cluster, with a real regression of one service elsewhere in the middle of it. Prints how long the
real one's question takes, idle and in the storm, the calls of GitHub, and the questions that people were asked.
  --alerts N    alerts of the storm (10000)
  --services N  services of the storm (200)
  --readers N   readers that list the incidents all the time (20)
  --rounds N    runs of each kind (3)
  --no-hold     without \`hold\`, so that each incident is decided alone
  --json        one JSON object instead of a table`;

const options = {
  alerts: { type: "string", default: "10000" },
  services: { type: "string", default: "200" },
  readers: { type: "string", default: "20" },
  rounds: { type: "string", default: "3" },
  "no-hold": { type: "boolean", default: false },
  json: { type: "boolean", default: false },
} as const;

/** `names`: the services over which the alerts are spread. */
type Storm = { alerts: number; names: string[]; readers: number; hold: boolean };

const channel = "C0PAYMENTS";
const longestMs = 60_000;

type Run = { questionMs: number; githubCalls: number; questions: number; messages: number; intakeMs: number };
type World = { sandbox: Sandbox; server: Child; head: string; storm: Storm };

const main = async (storm: Storm, { rounds, json }: { rounds: number; json: boolean }): Promise<void> => {
  const [calm, stormy]: [Run[], Run[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    calm.push(await inWorld(storm, (world) => measure(world, async () => 0)));
    stormy.push(await inWorld(storm, (world) => measure(world, () => blow(world))));
  }
  report({ idle: middle(calm), storm: middle(stormy), rounds, json });
};

const middle = (runs: Run[]): Run => {
  const of = (key: keyof Run) => median(runs.map((run) => run[key]));
  return {
    ...{ questionMs: of("questionMs"), githubCalls: of("githubCalls"), questions: of("questions") },
    ...{ messages: of("messages"), intakeMs: of("intakeMs") },
  };
};

/** A fresh server over a sandbox of its own. */
const inWorld = async (storm: Storm, run: (world: World) => Promise<Run>): Promise<Run> => {
  const directory = mkdtempSync(join(tmpdir(), "countersteer-storm-"));
  const bare = repository(directory);
  const repos = Object.fromEntries(["real", ...storm.names].map((name) => [`acme/${name}`, bare]));
  const sandbox = await startSandbox({ repos, log: () => {} });
  const configFile = join(directory, "countersteer.yaml");
  writeFileSync(configFile, JSON.stringify(configuration(storm)));
  const server = await startChild([join(import.meta.dirname, "../cli/cli.ts"), "start"], {
    ...{ DATA_DIR: join(directory, "data"), COUNTERSTEER_CONFIG: configFile, TICK_MS: "1000" },
    ...{ ALERTMANAGER_TOKEN: "am", DEPLOYS_TOKEN: "dp", ...sandboxVariables(sandbox) },
  });
  try {
    return await run({
      sandbox,
      server,
      storm,
      head: gitSync(bare, ["rev-parse", "main"]).toString().trim(),
    });
  } finally {
    await server.stop();
    await sandbox.close();
    rmSync(directory, { recursive: true });
  }
};

const configuration = ({ names, hold }: Storm) => ({
  ...(hold && { hold: { labels: ["cluster"], services: 3, within: "5m" } }),
  services: ["real", ...names].map((name) => ({
    ...{ name, match: [`service="${name}"`], repository: `acme/${name}`, environments: ["production"] },
    channel,
    approvers: ["U0ANN"],
    policy: { mode: "approve", minConfidence: 0.3, lookAgain: [] },
  })),
});

/** One bad change among good ones. */
const repository = (directory: string): string => {
  const bare = join(directory, "shop.git");
  mkdirSync(bare);
  gitSync(bare, ["init", "--quiet", "--bare", "--initial-branch=main", "--template="]);
  const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}`;
  const commit = ([message, path, text, minutes]: [string, string, string, number]) =>
    [
      "commit refs/heads/main",
      `committer Ann <ann@example.com> ${Math.floor(Date.now() / 1000) - minutes * 60} +0000`,
      data(message),
      `M 100644 inline ${path}\n${data(text)}`,
    ].join("\n");
  const history: [string, string, string, number][] = [
    ["Start the shop", "src/rates.js", "export const digits = { EUR: 2, JPY: 0 };\n", 600],
    ["Keep carts for a day", "src/cart.js", "export const days = 1;\n", 300],
    [
      "Give every currency two digits, JPY payments too",
      "src/rates.js",
      "export const digits = { EUR: 2, JPY: 2 };\n",
      10,
    ],
  ];
  gitSync(bare, ["fast-import", "--quiet"], { input: history.map(commit).join("\n") });
  return bare;
};

/** Sends the real alert while `around` goes on, and waits for its question and for the end of the storm. */
const measure = async (
  { sandbox, server, head, storm }: World,
  around: () => Promise<number>,
): Promise<Run> => {
  const reading = readers(server, storm.readers);
  const blowing = around();
  await pause(500);
  await deployed(server, head);
  const begun = performance.now();
  await send(server, [alert("real", { currency: "JPY", cluster: "elsewhere" }, 0)]);
  const asked = () => questions(sandbox).some((question) => question.includes("real/production"));
  for (const late = begun + longestMs; !asked() && performance.now() < late; ) await pause(10);
  const questionMs = performance.now() - begun;
  const intakeMs = await blowing;
  await quiet(sandbox);
  reading.stop();
  const github = sandbox.requests().filter(({ system }) => system === "github");
  return {
    ...{ questionMs, intakeMs, githubCalls: github.length },
    questions: questions(sandbox).length,
    messages: sandbox.messages(channel).length,
  };
};

/** Resolves when the sandbox has had no request for two seconds. */
const quiet = async (sandbox: Sandbox): Promise<void> => {
  for (let [last, same] = [-1, 0]; same < 20; await pause(100)) {
    const now = sandbox.requests().length;
    same = now === last ? same + 1 : 0;
    last = now;
  }
};

/** The messages that ask for a decision, as JSON. */
const questions = (sandbox: Sandbox): string[] =>
  sandbox
    .messages(channel)
    .map((message) => JSON.stringify(message))
    .filter((message) => message.includes('"action_id":"approve"'));

/** All alerts of the storm, of one service a webhook. Returns how long it took to take them. */
const blow = async ({ server, storm: { alerts, names } }: World): Promise<number> => {
  const begun = performance.now();
  const each = Math.ceil(alerts / names.length);
  const bodies = names.map((name) =>
    Array.from({ length: each }, (_, index) =>
      alert(name, { cluster: "eu-1", pod: `${name}-${index}` }, index),
    ),
  );
  const sender = async () => {
    for (let body = bodies.shift(); body !== undefined; body = bodies.shift()) await send(server, body);
  };
  await Promise.all(Array.from({ length: 8 }, sender));
  return performance.now() - begun;
};

const alert = (service: string, labels: Record<string, string>, index: number) => ({
  ...{ status: "firing", fingerprint: fingerprintOf(service, index) },
  labels: { alertname: "PaymentErrorsHigh", service, environment: "production", ...labels },
  annotations: { summary: `${service}: JPY payments fail` },
  ...{
    startsAt: new Date(Date.now() - 5_000).toISOString(),
    endsAt: "0001-01-01T00:00:00Z",
    generatorURL: "",
  },
});

const fingerprintOf = (service: string, index: number): string =>
  (/\d+$/.exec(service)?.[0] ?? "9").padStart(8, "0") + index.toString(16).padStart(8, "0");

const send = async ({ port }: Child, alerts: object[]): Promise<void> => {
  const webhook = {
    ...{ version: "4", groupKey: "{}", truncatedAlerts: 0, status: "firing", receiver: "countersteer" },
    ...{ groupLabels: {}, commonLabels: {}, commonAnnotations: {}, externalURL: "http://am", alerts },
  };
  const response = await fetch(`http://127.0.0.1:${port}/webhooks/alertmanager`, {
    method: "POST",
    headers: { authorization: "Bearer am", "content-type": "application/json" },
    body: JSON.stringify(webhook),
  });
  const said = await response.text();
  if (response.status !== 202) throw new Error(`an alert was answered with ${response.status}: ${said}`);
};

/** The bad change of the real one went live a moment ago. */
const deployed = async ({ port }: Child, sha: string): Promise<void> => {
  const at = new Date(Date.now() - 20_000).toISOString();
  const response = await fetch(`http://127.0.0.1:${port}/webhooks/deploys`, {
    method: "POST",
    headers: { authorization: "Bearer dp", "content-type": "application/json" },
    body: JSON.stringify({ service: "real", environment: "production", sha, at }),
  });
  const said = await response.text();
  if (!response.ok) throw new Error(`a deploy was answered with ${response.status}: ${said}`);
};

/** People who list the incidents all the time. */
const readers = ({ port }: Child, count: number): { stop: () => void } => {
  let stopped = false;
  const read = async () => {
    while (!stopped) {
      const answer = await fetch(`http://127.0.0.1:${port}/incidents`, {
        headers: { accept: "application/json" },
      });
      await answer.text();
      await pause(1_000);
    }
  };
  for (let reader = 0; reader < count; reader++) read().catch(() => {});
  return {
    stop: () => {
      stopped = true;
    },
  };
};

type Report = { idle: Run; storm: Run; rounds: number; json: boolean };

const report = ({ idle, storm, rounds, json }: Report): void => {
  const ratio = storm.questionMs / idle.questionMs;
  if (json) {
    console.log(JSON.stringify({ idle, storm, ratio }));
    return;
  }
  const row = (name: string, run: Run) =>
    [name, run.questionMs, run.githubCalls, run.questions, run.messages, run.intakeMs]
      .map((cell) => (typeof cell === "number" ? cell.toFixed(0) : cell).padStart(14))
      .join("");
  console.log(
    ["", "question ms", "GitHub calls", "questions", "messages", "intake ms"]
      .map((cell) => cell.padStart(14))
      .join(""),
  );
  console.log(`${row("idle", idle)}\n${row("storm", storm)}`);
  console.log(`the real one's question, in the storm over idle: ${ratio.toFixed(2)} (medians of ${rounds})`);
};

process.exitCode = await runCommand(
  { name: "bench:storm", help, options },
  { argv: process.argv.slice(2), io: standardIo() },
  async ({ values: { alerts, services, readers, rounds, "no-hold": noHold, json } }) => {
    const storm: Storm = {
      alerts: wholeNumber("--alerts", alerts),
      names: Array.from({ length: wholeNumber("--services", services) }, (_, index) => `storm-${index}`),
      readers: wholeNumber("--readers", readers, 0),
      hold: !noHold,
    };
    await main(storm, { rounds: wholeNumber("--rounds", rounds), json });
    return 0;
  },
);
