import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { replay } from "../../../infra/cli/diagnosis/replay.ts";
import { simulate } from "../../../infra/cli/diagnosis/simulate.ts";
import { type Sandbox, startSandbox } from "../../../infra/sandbox/index.ts";
import { gitSync, runGit } from "../../support/git-runner.ts";
import { listen } from "../../support/scratch.ts";
import { bareShop } from "../../support/shop.ts";

const dir = mkdtempSync(join(tmpdir(), "countersteer-replay-"));
const shop = bareShop(dir);
const clone = join(dir, "clone");
const now = Date.now();
let sandbox: Sandbox;
before(async () => {
  gitSync(dir, ["clone", "--quiet", shop.bare, clone]);
  sandbox = await startSandbox({ repos: { "acme/shop": shop.bare }, log: () => {}, runGit });
});
after(async () => {
  await sandbox.close();
  rmSync(dir, { recursive: true, force: true });
});

const webhook = (over: object = {}, name = "webhook.json"): string => {
  const alert = {
    ...{ status: "firing", fingerprint: "ab12", startsAt: new Date(now - 9 * 60_000).toISOString() },
    labels: { alertname: "PaymentErrorsHigh", service: "shop", currency: "JPY", environment: "production" },
    annotations: { summary: "JPY payments fail: currency digits" },
    ...over,
  };
  const path = join(dir, name);
  writeFileSync(path, JSON.stringify({ version: "4", alerts: [alert] }));
  return path;
};
const config = (policy: string, name: string): string => {
  const path = join(dir, name);
  writeFileSync(
    path,
    `services:
  - name: shop
    match: [service="shop"]
    repository: acme/shop
    paths: [src/]
    environments: [production]
    channel: C0PAYMENTS
    approvers: [U0ANN]
    policy: ${policy}
`,
  );
  return path;
};
/** Runs the command in this process; returns its output and exit code. */
const run = async (args: string[], env: Record<string, string> = {}) => {
  const [out, err]: [string[], string[]] = [[], []];
  const io = { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) };
  const code = await replay(["--at", String(now), ...args], env, io);
  return { code, out: out.join("\n"), err: err.join("\n") };
};
const onGithub = () => ({ GITHUB_TOKEN: sandbox.token, GITHUB_API_URL: sandbox.github });
const low = () => config("{ mode: approve, minConfidence: 0.01 }", "low.yaml");

test("a clone and the same repository on GitHub come to the same decision, which is told whole", async () => {
  const args = ["--alert", webhook(), "--config", low(), "--json"];
  const [cloned, hosted] = await Promise.all([
    run([...args, "--repo", clone]),
    run([...args, "--repo", "acme/shop"], onGithub()),
  ]);
  assert.deepEqual([cloned.code, cloned.err, hosted.code, hosted.err], [0, "", 0, ""]);
  const [here, there] = [JSON.parse(cloned.out), JSON.parse(hosted.out)];
  assert.equal(here.suspects[0].sha, shop.culprit);
  assert.equal(here.decision.result, "ask");
  assert.deepEqual(here.decision.pull, {
    title: 'Revert "Give every currency two digits, JPY payments too"',
    branch: `countersteer/revert-${shop.culprit.slice(0, 12)}`,
    files: ["src/rates.js"],
  });
  const scores = ({ suspects }: typeof here) =>
    suspects.map(({ sha, score }: { sha: string; score: number }) => [sha, score.toFixed(2)]);
  assert.deepEqual(scores(there), scores(here));
  assert.deepEqual(there.decision.pull, here.decision.pull);
});

/** A repository in which two branches were merged, and one was squashed, minutes before now. */
const units = (name: string): string => {
  const bare = join(dir, name);
  gitSync(dir, ["init", "--quiet", "--bare", "--initial-branch=main", bare]);
  const at = (minutes: number) => Math.floor(now / 1000) - minutes * 60;
  const commit = (ref: string, message: string, minutes: number, rest: string) =>
    `commit refs/heads/${ref}\ncommitter Ann <ann@example.com> ${at(minutes)} +0000\ndata ${Buffer.byteLength(message)}\n${message}\n${rest}\n`;
  const file = (path: string, text: string) => `M 100644 inline ${path}\ndata ${text.length}\n${text}\n`;
  const input = [
    commit("main", "Start", 900, file("src/rates.js", "0\n") + file("src/cart.js", "0\n")),
    commit("digits", "wip", 90, `from refs/heads/main\n${file("src/rates.js", "1\n")}`),
    commit("digits", "fix lint", 80, file("src/rates.js", "2\n")),
    commit(
      "main",
      "Merge pull request #7 from acme/digits\n\nGive JPY payments two currency digits",
      20,
      `merge refs/heads/digits\n${file("src/rates.js", "2\n")}`,
    ),
    commit("main", "Keep carts (#8)\n\n* one\n* two", 12, file("src/cart.js", "1\n")),
    commit("main", "Log slow carts", 11, file("src/slow.js", "1\n")),
  ];
  gitSync(dir, ["--git-dir", bare, "fast-import", "--quiet"], { input: input.join("") });
  return bare;
};

test("changes are ranked as production has them: a merged pull request is one, with all its commits", async () => {
  const bare = units("units.git");
  const served = await startSandbox({ repos: { "acme/units": bare }, log: () => {}, runGit });
  const args = ["--alert", webhook(), "--config", low(), "--json"];
  const env = { GITHUB_TOKEN: served.token, GITHUB_API_URL: served.github };
  const [cloned, hosted] = await Promise.all([
    run([...args, "--repo", bare]),
    run([...args, "--repo", "acme/units"], env),
  ]).finally(() => served.close());
  for (const { out, err } of [cloned, hosted]) {
    assert.equal(err, "");
    const { suspects, decision } = JSON.parse(out);
    assert.deepEqual(
      suspects.map(({ title, change }: { title: string; change: { commits: string[] } }) => [
        title,
        change.commits.length,
      ]),
      [
        ["Give JPY payments two currency digits (#7)", 3],
        ["Log slow carts", 1],
        ["Keep carts (#8)", 1],
        ["Start", 1],
      ],
    );
    assert.deepEqual(decision.pull.files, ["src/rates.js"]);
  }
});

test("nothing is touched: no branch, no pull request, no message", async () => {
  const before = shop.git("for-each-ref");
  const { code } = await run(["--alert", webhook(), "--config", low(), "--repo", "acme/shop"], onGithub());
  assert.equal(code, 0);
  assert.equal(shop.git("for-each-ref"), before);
  assert.equal(sandbox.messages("C0PAYMENTS").length, 0);
  const pulls = await fetch(`${sandbox.github}/repos/acme/shop/pulls?state=all`, {
    headers: { authorization: `Bearer ${sandbox.token}` },
  });
  assert.deepEqual(await pulls.json(), []);
});

test("the decision follows the policy: below its bar people are told why, in observe mode they are only told", async () => {
  const high = config("{ mode: approve, minConfidence: 1 }", "high.yaml");
  const told = await run(["--alert", webhook(), "--config", high, "--repo", clone]);
  assert.match(
    told.out,
    /^decision: propose nothing, tell people: the likeliest remedy has \d+ %, the policy asks for 100 %$/m,
  );
  const observed = await run([
    "--alert",
    webhook(),
    "--config",
    config("{}", "observe.yaml"),
    "--repo",
    clone,
  ]);
  assert.match(observed.out, /^decision: tell only; this service is in observe mode$/m);
  // A replay knows no deploys, metrics and logs: words alone never act.
  const auto = config("{ mode: auto, minConfidence: 0.3, autoConfidence: 0.3 }", "auto.yaml");
  assert.match(
    (await run(["--alert", webhook(), "--config", auto, "--repo", clone])).out,
    /^decision: open a pull request and ask: revert/m,
  );
});

test("what landed after the moment is not known yet", async () => {
  const early = String(now - 30 * 60_000);
  const { out } = await run(["--alert", webhook(), "--at", early, "--repo", clone, "--json"]);
  assert.ok(!JSON.parse(out).suspects.some(({ sha }: { sha: string }) => sha === shop.culprit));
});

test("forged clocks are held within a day of the moment", async () => {
  for (const startsAt of ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]) {
    const ran = await run(["--alert", webhook({ startsAt }, "odd.json"), "--repo", clone, "--json"]);
    assert.equal(ran.code, 0, ran.err);
    const { onsetAt } = JSON.parse(ran.out);
    assert.ok(onsetAt <= now && onsetAt >= now - 24 * 3_600_000, String(onsetAt));
  }
});

test("what cannot be read is one clear sentence and exit 1", async () => {
  const alert = ["--alert", webhook()];
  const failing: [string[], Record<string, string>, RegExp][] = [
    [
      [...alert, "--repo", "acme/nothing"],
      onGithub(),
      /^replay: GitHub finds no acme\/nothing with a branch HEAD$/,
    ],
    [[...alert, "--repo", "acme/shop"], {}, /^replay: reading acme\/shop on GitHub needs GITHUB_TOKEN$/],
    [[...alert, "--repo", "/nowhere"], {}, /^replay: \/nowhere: no such directory, and not OWNER\/REPO$/],
    [
      [...alert, "--repo", clone, "--config", "/nowhere.yaml"],
      {},
      /\/nowhere\.yaml cannot be read: there is no such file \(ENOENT\)$/,
    ],
  ];
  for (const [args, env, sentence] of failing) {
    const { code, out, err } = await run(args, env);
    assert.deepEqual([code, out], [1, ""], err);
    assert.match(err.trim(), sentence);
  }
});

test("the alerts of a month are told one trouble after the other, with what would have been proposed and how many are nobody's", async (t) => {
  const seconds = Math.floor(now / 1000);
  const firing = (labels: Record<string, string>, minutes: number[]) => ({
    metric: { __name__: "ALERTS", alertstate: "firing", environment: "production", ...labels },
    values: minutes.map((ago) => [seconds - ago * 60, "1"]),
  });
  const result = [
    firing({ alertname: "PaymentErrorsHigh", service: "shop", currency: "JPY" }, [9, 8, 7]),
    firing({ alertname: "Slow", service: "shop" }, [8]),
    firing({ alertname: "Watchdog" }, [9]),
  ];
  const url = await listen(t, (_, __, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ status: "success", data: { resultType: "matrix", result } }));
  });
  const [out, err]: [string[], string[]] = [[], []];
  const io = { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) };
  const given = (...more: string[]) =>
    simulate(["--config", low(), "--since", "12h", ...more], io, { env: { PROMETHEUS_URL: url }, now });
  assert.equal(await given("--clone", `acme/shop=${clone}`), 0, err.join(""));
  const [trouble = "", summary] = out;
  assert.match(
    trouble,
    /^\S+ \S+ UTC {2}shop\/production {2}PaymentErrorsHigh, Slow\n {4}would ask: revert [0-9a-f]{12} “.*”\? \(\d+ %\)\n$/,
  );
  assert.equal(summary, "1 trouble: 1 would have been asked about. 1 alert would have been left alone.\n");
  assert.equal(await given("--clone", "shop"), 2);
  assert.equal(await simulate(["--config", low()], io, { env: {}, now }), 1);
});
