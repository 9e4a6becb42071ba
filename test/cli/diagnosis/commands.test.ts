import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { backtest } from "../../../infra/cli/diagnosis/backtest.ts";
import { recommendation } from "../../../infra/cli/diagnosis/recommendation.ts";
import { replay } from "../../../infra/cli/diagnosis/replay.ts";
import { suspects } from "../../../infra/cli/diagnosis/suspects.ts";
import type { Io } from "../../../infra/host/command.ts";
import { git as runGit } from "../../../infra/host/git.ts";
import { fieldNames } from "../../../infra/train/case-format.ts";
import { figuresOf } from "../../../infra/train/figures.ts";
import { program, source } from "../../support/program.ts";
import { scratch } from "../../support/scratch.ts";

const root = join(import.meta.dirname, "../../..");
type Ran = { code: number; out: string; err: string };
const commands = {
  suspects,
  backtest,
  replay: (args: string[], io: Io) => replay(args, process.env, io),
};

const run = async (name: keyof typeof commands, ...args: string[]): Promise<Ran> => {
  const ran = { out: "", err: "" };
  const code = await commands[name](args, {
    out: (text) => {
      ran.out += text;
    },
    err: (text) => {
      ran.err += text;
    },
  });
  return { code, ...ran };
};

const runProcess = (...args: string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, [program, ...args], { maxBuffer: 1 << 28 }, (_, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
const lines = ({ out }: Ran) =>
  out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
const at = Date.UTC(2026, 4, 1);
const hour = 3_600_000;
const candidate = (sha: string, over: object = {}) => ({
  sha,
  at: at - hour,
  author: "x",
  bot: false,
  subject: `change ${sha}`,
  body: "",
  files: [["src/a.ts", 1, 0]],
  ...over,
});
const yen = {
  id: "yen",
  repo: "r",
  kind: "incident",
  at,
  symptom: "JPY payments fail in rates.ts",
  candidates: [
    candidate("aaaa"),
    candidate("bbbb", { subject: "round JPY", files: [["src/rates.ts", 3, 1]] }),
    candidate("cccc"),
  ],
  culprit: "bbbb",
};

const file = async (t: TestContext, name: string, content: string | Uint8Array): Promise<string> => {
  const path = join(await scratch(t), name);
  await writeFile(path, content);
  return path;
};
const cases = (t: TestContext, ...some: unknown[]) =>
  file(t, "cases.jsonl", some.map((one) => (typeof one === "string" ? one : JSON.stringify(one))).join("\n"));

test("suspects ranks every candidate, and the probabilities with none sum to 1", async (t) => {
  const ran = await runProcess("suspects", "--cases", await cases(t, yen));
  const [answer] = lines(ran);
  assert.equal(ran.code, 0);
  assert.deepEqual(Object.keys(answer), ["id", "none", "ranked"]);
  assert.deepEqual(answer.ranked.map(({ sha }: { sha: string }) => sha).toSorted(), ["aaaa", "bbbb", "cccc"]);
  assert.equal(answer.ranked[0].sha, "bbbb");
  assert.ok(
    Math.abs(answer.ranked.reduce((sum: number, { p }: { p: number }) => sum + p, answer.none) - 1) < 1e-9,
  );
});

test("the help of suspects defines every field of a case", async () => {
  const { out } = await run("suspects", "--help");
  for (const name of new Set(fieldNames)) assert.match(out, new RegExp(`^  .*\\b${name}\\b.* `, "m"), name);
  assert.match(out, /trace +the stack trace/);
});

test("a case with looks is judged at each, by what was measured by then", async (t) => {
  const step = (from: number, to: number, value: number): [number, number][] =>
    Array.from({ length: (to - from) / 60_000 }, (_, index) => [from + index * 60_000, value]);
  const given = {
    ...{ id: "late", at, service: "shop", symptom: "it is bad", looks: [{ at: at + hour / 6 }] },
    candidates: [candidate("new"), candidate("old", { at: at - 90 * hour })],
    deploys: [
      { at: at - 89 * hour, service: "shop", sha: "old" },
      { at: at - 20_000, service: "shop", sha: "new" },
    ],
    // It moves only after the alert.
    series: [
      {
        ...{ service: "shop", metric: "errors_ratio" },
        points: [...step(at - 3 * hour, at, 0.01), ...step(at + 60_000, at + hour / 6, 0.4)],
      },
    ],
  };
  const [{ looks, ...first }] = lines(await runProcess("suspects", "--cases", await cases(t, given)));
  assert.deepEqual(
    looks.map((look: { at: number }) => look.at),
    [at + hour / 6],
  );
  const reasons = (one: { ranked: { reasons: string[] }[] }): string => one.ranked[0]!.reasons.join("\n");
  assert.doesNotMatch(reasons(first), /errors_ratio/);
  assert.match(reasons(looks[0]), /errors_ratio 1 % → 40 %/);
  const [without] = lines(
    await runProcess("suspects", "--cases", await cases(t, { ...given, looks: undefined })),
  );
  assert.equal("looks" in without, false);
  assert.match(reasons(without), /errors_ratio 1 % → 40 %/);
});

const wordy = {
  ...yen,
  id: "wordy",
  symptom: "roundJpyMinorUnits in src/rates.ts: JPY payments fail, rounding of minor units is wrong",
  candidates: [
    candidate("aaaa"),
    candidate("bbbb", {
      subject: "JPY payments: rounding of minor units",
      files: [["src/rates.ts", 3, 1]],
      patch: "+++ b/src/rates.ts\n+const roundJpyMinorUnits = 1;",
    }),
    candidate("cccc"),
  ],
};

test("words alone stay below the bar of auto in suspects and backtest as well, and a calibration is fitted without that bar", async (t) => {
  const [answer] = lines(await runProcess("suspects", "--cases", await cases(t, wordy)));
  assert.equal(answer.ranked[0].sha, "bbbb");
  assert.ok(answer.ranked[0].p > 0.899 && answer.ranked[0].p <= 0.9, `${answer.ranked[0].p}`);
  const path = await cases(t, ...Array.from({ length: 20 }, (_, id) => ({ ...wordy, id })));
  const to = join(await scratch(t), "calibration.yaml");
  const { precision, calibrated } = JSON.parse(
    (await run("backtest", "--cases", path, "--calibrate", to, "--json")).out,
  );
  assert.equal(precision[0].bar, answer.ranked[0].p);
  // Every case is right with more than .9, so a window with its culprit is not drawn down to .9.
  assert.ok(calibrated.calibration.shift > 0 || calibrated.calibration.scale > 1);
});

test("a deployer whose clock is an hour ahead is set right in a case that tells when its reports came, and the notes say so", async (t) => {
  const minute = 60_000;
  const reported = (ago: number, sha: string, late = 10_000) => ({
    ...{ at: at - ago + hour, heardAt: at - ago + late, service: "shop", sha },
  });
  const given = {
    ...{ id: "ahead", at, service: "shop", symptom: "it is bad" },
    candidates: [
      candidate("new", { at: at - 3 * hour }),
      candidate("mid", { at: at - 25 * hour }),
      candidate("old", { at: at - 90 * hour }),
    ],
    deploys: [
      reported(80 * hour, "old"),
      reported(24 * hour, "mid"),
      // Two minutes before the alert, and told 41 min later.
      reported(2 * minute, "new", 41 * minute),
    ],
  };
  const [answer] = lines(await runProcess("suspects", "--cases", await cases(t, given)));
  assert.equal(answer.ranked[0].sha, "new");
  assert.match(answer.ranked[0].reasons.join("\n"), /2 min before the trouble began/);
  assert.match(answer.notes.join("\n"), /the deployer's clock is 1 h ahead, by most of its reports/);
  const looks = [{ at: at + 30 * minute }, { at: at + 45 * minute }];
  const [later] = lines(await runProcess("suspects", "--cases", await cases(t, { ...given, looks })));
  const firsts = [later, ...later.looks].map((one: { ranked: { p: number }[] }) => one.ranked[0]!.p > 0.5);
  assert.deepEqual(firsts, [false, false, true], "it is known once it is told");
});

test("suspects reads a gzip file, and the culprit changes nothing", async (t) => {
  const { culprit: _, ...rest } = yen;
  const plain = await runProcess("suspects", "--cases", await cases(t, rest));
  const zipped = await runProcess(
    "suspects",
    "--cases",
    await file(t, "cases.jsonl.gz", gzipSync(JSON.stringify(yen))),
  );
  assert.equal(zipped.out, plain.out);
});

test("a line that is not JSON and one that is no case are named by number, and the rest goes on", async (t) => {
  const path = await cases(t, "nonsense", yen, "", '{"id":"x"}', { id: 7, at, candidates: [] });
  const ran = await runProcess("suspects", "--cases", path);
  assert.equal(ran.code, 1);
  assert.deepEqual(
    lines(ran).map(({ id }) => id),
    ["yen", "7"],
  );
  assert.match(ran.err, /cases\.jsonl:1: not valid JSON/);
  assert.match(ran.err, /cases\.jsonl:4: at: /);
});

test("a file without a case is wrong usage", async (t) => {
  const ran = await runProcess("suspects", "--cases", await file(t, "empty.jsonl", "\n\n"));
  assert.deepEqual([ran.code, ran.out], [2, ""]);
  assert.match(
    ran.err,
    /^suspects: \S+empty\.jsonl holds no case; a case is a line of JSON \(see --help\)\n$/,
  );
});

test("an empty window is none of these for certain", async (t) => {
  assert.deepEqual(
    lines(await runProcess("suspects", "--cases", await cases(t, { id: "e", at, candidates: [] }))),
    [{ id: "e", none: 1, ranked: [] }],
  );
});

test("forged clocks, the years 1 and 9999, a symptom of a megabyte and one in any script are ranked", async (t) => {
  const odd = [
    candidate("aaaa", { at: at + 1e12 }),
    candidate("bbbb", { at: -62135596800000 }),
    candidate("cccc", { at: 0 }),
  ];
  const path = await cases(
    t,
    ...[-62135596800000, 253402300799000].map((when) => ({ id: String(when), at: when, candidates: odd })),
    ...["x y".repeat(350_000), "支払いが失敗する", "\u0000\ud800 ‮"].map((symptom) => ({
      id: "s",
      at,
      symptom,
      candidates: odd,
    })),
  );
  const ran = await runProcess("suspects", "--cases", path);
  assert.equal(ran.code, 0, ran.err);
  for (const { none, ranked } of lines(ran)) assert.ok(none >= 0 && none <= 1 && ranked.length === 3);
});

test("fifty thousand candidates are ranked, each once", async (t) => {
  const candidates = Array.from({ length: 50_000 }, (_, n) =>
    candidate(n.toString(16).padStart(8, "0"), { at: at - n * 1000 }),
  );
  const ran = await runProcess(
    "suspects",
    "--cases",
    await cases(t, { id: "big", at, symptom: yen.symptom, candidates }),
  );
  const [{ ranked }] = lines(ran);
  assert.equal(new Set(ranked.map(({ sha }: { sha: string }) => sha)).size, 50_000);
});

test("what is not given or not there is said: 2 for wrong usage, 1 for a file that cannot be read, 0 for help", async (t) => {
  for (const command of ["suspects", "backtest", "replay"] as const) {
    assert.equal((await run(command)).code, 2);
    assert.equal((await run(command, "--nonsense")).code, 2);
    const help = await run(command, "--help");
    assert.deepEqual([help.code, help.err], [0, ""]);
    assert.match(help.out, /^usage: /);
  }
  for (const name of ["/nowhere.jsonl", "/nowhere.gz"]) {
    const ran = await run("suspects", "--cases", name);
    assert.equal(ran.code, 1);
    assert.match(ran.err, /^\/nowhere\.(jsonl|gz): there is no such file \(ENOENT\)\n$/);
  }
  const nowhere = await run("backtest", "--repo", "/nowhere");
  assert.equal(nowhere.code, 1);
  assert.match(nowhere.err, /^the folder \/nowhere does not exist\n$/);
  const [file, folder] = [await cases(t), tmpdir()];
  const wrong: [[keyof typeof commands, ...string[]], string][] = [
    [["suspects", "--cases", folder], `${folder}: it is a folder (EISDIR)\n`],
    [["backtest", "--cases", folder], `${folder}: it is a folder (EISDIR)\n`],
    [["backtest", "--repo", file], `${file} is not a folder\n`],
    [
      ["suspects", "--cases", process.execPath],
      `${process.execPath}: is not a text file: a case is a line of JSON\n`,
    ],
  ];
  for (const [args, sentence] of wrong) assert.equal((await run(...args)).err, sentence);
});

test("backtest names the lines it cannot read by number, replays the rest, and ends with 1", async (t) => {
  const path = await cases(t, "{", yen, { ...yen, culprit: "dddd" });
  const ran = await run("backtest", "--cases", path, "--json");
  assert.deepEqual([ran.code, JSON.parse(ran.out).cases], [1, 1]);
  assert.match(ran.err, /cases\.jsonl:1: not valid JSON/);
  assert.match(ran.err, /cases\.jsonl:3: its culprit is not among its candidates/);
});

test("backtest shows how far it is, and ends with the mode that the figures support", async (t) => {
  const path = await cases(t, ...Array.from({ length: 25 }, () => yen));
  const said = { out: "", progress: [] as string[] };
  const io: Io = {
    out: (text) => {
      said.out += text;
    },
    err: assert.fail,
    progress: (text) => said.progress.push(text),
  };
  assert.equal(await backtest(["--cases", path], io), 0);
  assert.deepEqual(said.progress, ["10 cases replayed", "20 cases replayed", ""]);
  assert.match(
    said.out.trimEnd().split("\n").at(-1)!,
    /^recommendation: begin with mode: approve and policy\.minConfidence: /,
  );
});

test("the recommendation names the mode and the bar, and says when there is too little to judge by", () => {
  const figures = (right: number, of: number) =>
    figuresOf(
      Array.from({ length: of }, (_, index) => ({
        ...{ group: "g", chosen: 0, p: 0.9 - index / 1000 },
        place: index < right ? 0 : 1,
      })),
    );
  assert.deepEqual(
    [
      [1, 1],
      [19, 19],
      [40, 40],
      [15, 20],
      [0, 30],
    ].map(([right = 0, of = 0]) => recommendation(figures(right, of))),
    [
      "leave mode: observe: 1 case is too few to judge by, and 20 are needed",
      "leave mode: observe: 19 cases are too few to judge by, and 20 are needed",
      "begin with mode: approve and policy.minConfidence: 0.87; these figures support mode: auto with policy.autoConfidence: 0.87: from there on 95 of 100 suspects were right, and 100 of 100 troubles reach it",
      "do not use mode: auto: at every bar fewer than 95 of 100 suspects were right; leave mode: observe, or use mode: approve with policy.minConfidence: 0.89: from there on 70 of 100 suspects were right, and 100 of 100 troubles reach it",
      "do not use mode: auto: at every bar fewer than 95 of 100 suspects were right; leave mode: observe: at every bar fewer than 70 of 100 were right",
    ],
  );
});

test("backtest prints figures of the kinds asked for, by repository", async (t) => {
  const path = await cases(t, yen, { ...yen, id: "b", kind: "weak" });
  const ran = await run("backtest", "--cases", path, "--kinds", "incident", "--json");
  const figures = JSON.parse(ran.out);
  assert.deepEqual([ran.code, figures.cases, figures.top1, figures.mrr], [0, 1, 1, 1]);
  assert.equal(figures.repositories.r.cases, 1);
});

test("backtest on a repository replays its reverts, and says when there is none", async (t) => {
  const directory = await scratch(t);
  const git = (...args: string[]) => runGit(directory, args);
  await git("init", "--quiet");
  for (const name of ["one", "two", "three"]) {
    await writeFile(join(directory, name), name);
    await git("add", "-A");
    await git("commit", "--quiet", "-m", `add ${name}`);
  }
  assert.equal((await run("backtest", "--repo", directory)).code, 1);
  await git("revert", "--no-edit", "HEAD~1");
  const ran = await run("backtest", "--repo", directory, "--json");
  assert.equal(ran.code, 0, ran.err);
  assert.equal(JSON.parse(ran.out).cases, 1);
  assert.equal((await run("backtest", "--repo", join(directory, "nowhere"))).code, 1);
});

test("backtest fits a calibration, writes it as YAML, and says that no bar is safe or that there are too few cases", async (t) => {
  const some = Array.from({ length: 25 }, (_, index) => ({
    ...{ ...yen, id: index, culprit: index % 2 === 0 ? "b" : "a" },
    candidates: [candidate("a"), candidate("b", { at: at - 5 * hour })],
  }));
  const directory = await scratch(t);
  const to = join(directory, "calibration.yaml");
  const ran = await run("backtest", "--cases", await cases(t, ...some), "--calibrate", to);
  assert.equal(ran.code, 0, ran.err);
  assert.match(ran.out, /no bar is safe: .* Leave the mode at approve/);
  const written = await readFile(to, "utf8");
  assert.match(written, /^# Fitted by backtest on 25 cases/);
  assert.match(written, /^calibration: \{ scale: [\d.]+, shift: -?[\d.]+ \}$/m);
  const few = await run(
    "backtest",
    "--cases",
    await cases(t, ...some.slice(0, 5)),
    "--calibrate",
    join(directory, "no"),
  );
  assert.deepEqual([few.code, /5 cases are too few/.test(few.err)], [1, true]);
  const json = JSON.parse(
    (await run("backtest", "--cases", await cases(t, ...some), "--calibrate", to, "--json")).out,
  );
  assert.equal(json.calibrated.cases, 25);
});

test("replay prints the decision on a saved webhook at a moment", async (t) => {
  const startsAt = "2026-11-22T11:58:00Z";
  const alert = {
    status: "firing",
    fingerprint: "ab12",
    startsAt,
    labels: { alertname: "ErrorsHigh" },
    annotations: {},
  };
  const webhook = await file(t, "webhook.json", JSON.stringify({ version: "4", alerts: [alert] }));
  const ran = await run(
    "replay",
    "--alert",
    webhook,
    "--at",
    "2026-11-22T12:00:00Z",
    "--repo",
    root,
    "--json",
  );
  assert.equal(ran.code, 0, ran.err);
  const { onsetAt, suspects, none } = JSON.parse(ran.out);
  assert.equal(onsetAt, Date.parse(startsAt));
  assert.ok(Array.isArray(suspects) && none > 0);
  assert.equal((await run("replay", "--alert", source, "--at", "0", "--repo", root)).code, 1);
  assert.equal((await run("replay", "--alert", webhook, "--at", "noon", "--repo", root)).code, 2);
});
