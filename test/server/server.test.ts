import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { checkConfig } from "../../infra/cli/check-config.ts";
import { doctor } from "../../infra/cli/doctor.ts";
import { revertCommand } from "../../infra/cli/revert/command.ts";
import { demoCommand } from "../../infra/demo/index.ts";
import { sandboxCommand } from "../../infra/sandbox/command.ts";
import { program } from "../support/program.ts";
import { startStage } from "../support/stage.ts";
import { hangMs } from "../support/until.ts";

const stage = await startStage();
after(() => stage.stop());
const firedAt = new Date();

type Ran = { status: number | null; stdout: string; stderr: string; left: string[] };

/** Runs the command line in an empty folder, of which `left` is the content at the end. */
const run = async (
  args: string[],
  env: Record<string, string> = {},
  before: string[] = [program],
): Promise<Ran> => {
  const dir = mkdtempSync(join(tmpdir(), "countersteer-cli-"));
  const options = { cwd: dir, env: { PATH: process.env.PATH, ...env }, timeout: hangMs };
  const ran = await new Promise<Omit<Ran, "left">>((resolve) => {
    const child = execFile(process.execPath, [...before, ...args], options, (_, stdout, stderr) =>
      resolve({ status: child.exitCode, stdout, stderr }),
    );
  });
  const left = readdirSync(dir);
  rmSync(dir, { recursive: true, force: true });
  return { ...ran, left };
};

test("Prometheus can scrape the server", async () => {
  const answer = await fetch(`${stage.url}/metrics`);
  assert.equal(answer.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  assert.match(await answer.text(), /^target_info\{service_name="countersteer",/m);
});

test("a malformed configuration ends the start with 1, every problem with its path, and nothing started", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "countersteer-config-")), "c.yaml");
  writeFileSync(file, "services:\n  - name: a\n    repository: acme\n");
  const { status, stderr, left } = await run(["start"], { COUNTERSTEER_CONFIG: file });
  assert.equal(status, 1);
  assert.deepEqual(
    stderr
      .trim()
      .split("\n")
      .map((line) => line.replace(file, "c.yaml"))
      .map((line) => line.split(": ").slice(0, 2).join(": ")),
    [
      "c.yaml:2: services.0.match",
      "c.yaml:2: services.0.environments",
      "c.yaml:2: services.0.channel",
      "c.yaml:3: services.0.repository",
    ],
  );
  assert.deepEqual(left, []);
});

test("a port that is no port, half the credentials and a missing file are one sentence each", async () => {
  const said = async (env: Record<string, string>) => (await run(["start"], env)).stderr;
  assert.match(await said({ PORT: "http" }), /^PORT is http: give a number from 0 to 65535\n$/);
  assert.match(
    await said({ GITHUB_TOKEN: "x" }),
    /^with real credentials these must be set too: SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, ALERTMANAGER_TOKEN, COUNTERSTEER_CONFIG;/,
  );
  assert.match(
    await said({ COUNTERSTEER_CONFIG: "nowhere.yaml" }),
    /^the configuration nowhere\.yaml cannot be read: there is no such file \(ENOENT\)\n$/,
  );
});

test("text from outside turns no line of the terminal round", async () => {
  const said = async (...args: string[]) => (await run(args)).stderr;
  assert.match(await said("\u202etrats"), /^there is no command "\\u202etrats"; it is one of start, /);
  assert.equal(
    await said("check-config", "\u202elmay.\u001b[2J"),
    "the configuration \\u202elmay.\\u001b[2J cannot be read: there is no such file (ENOENT)\n",
  );
});

test("a second server on the same data is refused with one sentence, and the first goes on", async () => {
  const { status, stderr } = await run(["start"], { PORT: "0", DATA_DIR: join(stage.dir, "data") });
  assert.equal(status, 1);
  assert.match(stderr, /^DATA_DIR \S+ cannot be used: open \S+: it is in use by another process\n$/);
  assert.equal((await fetch(`${stage.url}/readyz`)).status, 200);
});

test("a port in use is refused with one sentence, and nothing is left running", async () => {
  const { status, stderr } = await run(["start"], { PORT: new URL(stage.url).port });
  assert.deepEqual(
    [status, stderr.trim().split("\n").at(-1)],
    [1, `cannot listen on 127.0.0.1:${new URL(stage.url).port}: the port is in use`],
  );
});

test("every command has help and refuses what it does not know with 2", async () => {
  const io = { out() {}, err() {} };
  for (const [name, command] of Object.entries({
    demo: (argv: string[]) => demoCommand(argv, io),
    revert: (argv: string[]) => revertCommand(argv, {}, io),
    sandbox: (argv: string[]) => sandboxCommand(argv, io),
    "check-config": (argv: string[]) => checkConfig(argv, io),
    doctor: (argv: string[]) => doctor(argv, io, { env: {} }),
    start: async (argv: string[]) => (await run(["start", ...argv])).status,
  })) {
    assert.equal(await command(["--help"]), 0, name);
    assert.equal(await command(["--nonsense"]), 2, name);
  }
  assert.equal((await run(["--help"])).status, 0);
  assert.equal((await run([])).status, 2);
  const { status, stderr } = await run(["explode"]);
  assert.deepEqual(
    [status, stderr],
    [
      2,
      'there is no command "explode"; it is one of start, stop, start-aws-local, demo, revert, scale, sandbox, suspects, backtest, replay, simulate, drill, incident, audit, policy, archive, export, report, postmortem, init, manifest, doctor, check-config\n',
    ],
  );
});

test("check-config says what a right file configures", async () => {
  const example = join(import.meta.dirname, "../../infra/host/countersteer.example.yaml");
  const { status, stdout } = await run(["check-config", example]);
  assert.deepEqual(
    [status, stdout],
    [0, "payment-gateway: acme/payment-gateway main, production, observe\n"],
  );
});

test("SIGTERM stops it in order, and no work under way is lost", async () => {
  await stage.alert(firedAt);
  await stage.server().stop();
  assert.match(readFileSync(stage.log, "utf8").trim().split("\n").at(-1)!, /"message":"stopped"/);
  await stage.restart();
  await stage.until("the question", ({ timeline }) =>
    timeline.some(({ type }) => type === "ApprovalRequested"),
  );
});

test("a signal that comes with the line that it is ready stops it in order, too", async () => {
  const serve = join(import.meta.dirname, "../../infra/host/server/serve.ts");
  const script = `import { serverCommand } from ${JSON.stringify(serve)};
    const open = setInterval(() => {}, 60_000);
    const stop = async () => clearInterval(open);
    const server = { get url() { process.kill(process.pid, "SIGTERM"); return "none"; }, stop };
    process.exitCode = await serverCommand("s", "help", async () => server)([]);`;
  const { status, stderr } = await run(["--input-type=module", "-e", script], {}, []);
  assert.equal(status, 0);
  assert.match(stderr.trim().split("\n").at(-1)!, /"message":"stopped"/);
});

test("no secret is in anything it logs", async (t) => {
  const stage = await startStage();
  t.after(() => stage.stop());
  stage.sandbox.fault({ match: /./, system: "github", times: 3, fail: { status: 500 } });
  stage.sandbox.fault({ match: /./, system: "slack", times: 2, fail: { status: 500 } });
  await stage.alert();
  await stage.until("the question", ({ timeline }) =>
    timeline.some(({ type }) => type === "ApprovalRequested"),
  );
  await stage.server().stop();
  const { token, slackToken, slackSigningSecret, webhookSecret } = stage.sandbox;
  const log = readFileSync(stage.log, "utf8");
  for (const secret of [token, slackToken, slackSigningSecret, webhookSecret, "am-token", "deploy-token"])
    assert.equal(log.includes(secret), false, secret);
  for (const line of log.trim().split("\n")) assert.equal(typeof JSON.parse(line).message, "string");
});

test("someone who is not an approver is told so in Slack, and the incident stays as it is", async () => {
  await stage.alert(firedAt);
  await stage.until("the question", ({ timeline }) =>
    timeline.some(({ type }) => type === "ApprovalRequested"),
  );
  assert.equal(await stage.approve("U0EVE"), 200);
  assert.equal((await stage.incident())?.status, "proposed");
  const whispers = stage.sandbox.messages(stage.channel).filter(({ onlyFor }) => onlyFor === "U0EVE");
  assert.deepEqual(
    whispers.map(({ text }) => text),
    ["you are not an approver of shop; nothing was changed"],
  );
});

test("branch protection that requires the approval lets exactly the approved head through", async (t) => {
  const stage = await startStage({
    sandbox: { requiredStatuses: { "acme/shop": ["countersteer/approval"] } },
  });
  t.after(() => stage.stop());
  await stage.alert();
  await stage.until("the question", ({ timeline }) =>
    timeline.some(({ type }) => type === "ApprovalRequested"),
  );
  await stage.approve();
  const { merge } = await stage.until("the merge", ({ status }) => status === "merged");
  assert.equal(stage.shop.git("rev-parse", "main"), merge!.sha);
});
