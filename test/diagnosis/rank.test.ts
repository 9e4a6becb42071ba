import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Case, rank as rankCase } from "../../shared/diagnosis/rank.ts";
import type { Commit } from "../../shared/ports/history.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";
import { anyText } from "../support/any-text.ts";
import { alert, sha } from "../support/incident.ts";

/** The commits are the branch. */
const rank = (given: Omit<Case, "service" | "history">) =>
  rankCase({ service: "payment-gateway", history: given.commits.map(({ sha }) => sha), ...given });
const minute = 60_000;
const onsetAt = 100 * minute;
const commit = (letter: string, over: Partial<Commit> = {}): Commit => ({
  sha: sha(letter),
  ...{
    parents: [sha("0")],
    title: `change ${letter}`,
    message: `change ${letter}`,
    author: "Ann",
    url: `http://github.test/${letter}`,
  },
  ...{ at: onsetAt - 30 * minute, paths: ["src/orders.js"], patch: "-a\n+b" },
  ...over,
});
const deploy = (letter: string, at: number): DeployRecord => ({
  service: "s",
  environment: "e",
  sha: sha(letter),
  status: "succeeded",
  at,
});
const yen = alert({
  name: "PaymentErrorsHigh",
  labels: { currency: "JPY" },
  annotations: { summary: "payments in JPY fail" },
});
const fx = (letter: string) =>
  commit(letter, {
    title: "compute fx amounts in minor units",
    message: "compute fx amounts in minor units",
    paths: ["src/fx/rates.js"],
    patch: "-  JPY: 2\n+  JPY: minorUnits(code)",
  });
const order = (diagnosis: { suspects: { sha: string }[] }) => diagnosis.suspects.map((one) => one.sha[0]);

test("the change whose lines say what the alert says comes before newer ones", () => {
  const diagnosis = rank({
    alerts: [yen],
    onsetAt,
    commits: [commit("d"), commit("b"), fx("c"), commit("a")],
    deploys: [deploy("d", onsetAt - 2 * minute), deploy("a", onsetAt - 500 * minute)],
  });
  assert.equal(order(diagnosis)[0], "c");
  assert.match(
    diagnosis.suspects[0]!.reasons.join("\n"),
    /shares “jpy”.* with the alert \(in its changed lines\)/,
  );
  assert.match(
    diagnosis.suspects[0]!.reasons.join("\n"),
    /shipped in the deploy of 01:38:00, 2 min before the trouble began, together with 2 other changes/,
  );
});

test("a fix that came too late speaks for the change that it mends, and is less likely than that one", () => {
  const mends = commit("f", {
    title: "Fix payments that fail in JPY",
    message: "Fix payments that fail in JPY",
    at: onsetAt - 10 * minute,
    paths: ["src/fx/rates.js"],
  });
  const diagnosis = rank({
    alerts: [yen],
    onsetAt,
    commits: [mends, fx("c"), commit("b", { paths: ["web/a.css"] })],
    deploys: [],
  });
  assert.deepEqual(order(diagnosis), ["c", "f", "b"]);
  assert.match(
    diagnosis.suspects[0]!.reasons.join("\n"),
    /a later change that mends its files says what the alert says/,
  );
});

test("what was not live when the trouble began is no suspect", () => {
  const diagnosis = rank({
    alerts: [yen],
    onsetAt,
    commits: [fx("d"), commit("b"), commit("a")],
    deploys: [deploy("b", onsetAt - 5 * minute)],
  });
  assert.deepEqual(order(diagnosis).toSorted(), ["a", "b"]);
});

test("without deploy records a change counts from when it landed, and later ones do not count", () => {
  const diagnosis = rank({
    alerts: [yen],
    onsetAt,
    commits: [fx("d"), commit("b", { at: onsetAt + 1 })],
    deploys: [],
  });
  assert.deepEqual(order(diagnosis), ["d"]);
  assert.match(diagnosis.suspects[0]!.reasons.join("\n"), /landed 30 min before/);
});

test("a deployed commit outside the service's paths still tells what was live", () => {
  const commits = [fx("d"), commit("b")];
  const history = ["e", "d", "9", "b"].map(sha);
  const deploys = [deploy("9", onsetAt - 90 * minute), deploy("e", onsetAt - 3 * minute)];
  const [first] = rankCase({ service: "s", alerts: [yen], onsetAt, commits, history, deploys }).suspects;
  assert.match(
    first!.reasons.join("\n"),
    /shipped in the deploy of 01:37:00, 3 min before the trouble began, alone/,
  );
  const before = rankCase({
    service: "s",
    alerts: [yen],
    onsetAt,
    commits,
    history,
    deploys: deploys.slice(0, 1),
  });
  assert.deepEqual(order(before), ["b"]);
});

test("a deploy older than every commit looked at tells that none of them was live", () => {
  const diagnosis = rank({
    alerts: [yen],
    onsetAt,
    commits: [fx("d")],
    deploys: [deploy("0", onsetAt - 900 * minute)],
  });
  assert.deepEqual(diagnosis.suspects, []);
});

test("what a failed rollout brought is where to look, and it is told so", () => {
  const failed = { ...deploy("d", onsetAt - 1), status: "failed" as const };
  const diagnosis = rank({
    alerts: [yen],
    onsetAt,
    commits: [fx("d"), commit("b")],
    deploys: [deploy("b", onsetAt - 9 * minute), failed],
  });
  assert.deepEqual(order(diagnosis), ["d", "b"]);
  assert.ok(diagnosis.suspects[0]!.reasons.includes("its rollout at 01:39:59 failed"));
});

test("a change already taken back, and one that Countersteer made, are no suspects", () => {
  const reverted = commit("d", { message: `Revert "x"\n\nThis reverts commit ${sha("c")}.` });
  const own = commit("b", {
    message: `Revert "y"\n\nThis reverts commit ${sha("9")}.\n\nCountersteer-Incident: s/e#1`,
  });
  const commits = [reverted, own, fx("c"), commit("a")];
  const of = (ours: string[]) =>
    order(rank({ ...{ alerts: [yen], onsetAt, commits, deploys: [] }, ours })).toSorted();
  assert.deepEqual(of([own.sha]), ["a", "d"]);
  assert.deepEqual(of([]), ["a", "b", "d"], "the words of a message make nobody immune");
});

test("documentation and tests are hardly to blame", () => {
  const docs = commit("d", { paths: ["docs/fx.md", "test/fx.test.js"], message: "explain JPY payments" });
  assert.equal(order(rank({ alerts: [yen], onsetAt, commits: [docs, commit("b")], deploys: [] }))[0], "b");
});

test("with nothing live there is no suspect", () => {
  assert.deepEqual(rank({ alerts: [yen], onsetAt, commits: [], deploys: [] }), {
    suspects: [],
    none: 1,
    onsetAt,
    remedies: [],
  });
});

test("one old change that shares no word with the alert is less likely than none of these", () => {
  const { suspects, none } = rank({
    alerts: [yen],
    onsetAt,
    commits: [commit("a", { at: onsetAt - 5 * 24 * 60 * minute })],
    deploys: [],
  });
  assert.ok(suspects[0]!.score < 0.1 && none > 0.9, `${suspects[0]!.score} ${none}`);
});

const anyCommit = fc.record({
  sha: fc.stringMatching(/^[0-9a-f]{40}$/),
  ...{
    parents: fc.constant<string[]>([sha("0")]),
    title: fc.string(),
    message: anyText(),
    author: fc.string(),
  },
  ...{
    at: fc.integer({ min: -1e15, max: 1e15 }),
    url: fc.constant("http://x"),
    paths: fc.array(fc.string(), { maxLength: 5 }),
    patch: fc.string(),
  },
});

test("probabilities are probabilities: each in [0, 1], together at most 1, whatever comes in", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(anyCommit, { selector: ({ sha }) => sha, maxLength: 20 }),
      anyText(),
      (commits, text) => {
        const { suspects, none } = rank({
          alerts: [alert({ name: text, annotations: { summary: text } })],
          onsetAt,
          commits,
          deploys: [],
        });
        const scores = [...suspects.map(({ score }) => score), none];
        assert.ok(scores.every((score) => score >= 0 && score <= 1));
        const sum = scores.reduce((a, b) => a + b, 0);
        assert.ok(sum <= 1 + 1e-9 && (suspects.length === 10 || sum >= 1 - 1e-9), String(sum));
      },
    ),
    { numRuns: 500 },
  );
});

test("without deploy records the order of the commits and repeated alerts change nothing; nor does the author", () => {
  const commits = [
    commit("d"),
    fx("c"),
    commit("b", { at: onsetAt - 60 * minute }),
    commit("a", { at: onsetAt - 90 * minute }),
  ];
  const expected = rank({ alerts: [yen], onsetAt, commits, deploys: [] });
  fc.assert(
    fc.property(
      fc.shuffledSubarray(commits, { minLength: 4 }),
      fc.integer({ min: 1, max: 5 }),
      fc.string(),
      (shuffled, times, author) => {
        const found = rank({
          alerts: Array.from({ length: times }, () => yen),
          onsetAt,
          commits: shuffled.map((one) => ({ ...one, author })),
          deploys: [],
        });
        assert.deepEqual(
          found.suspects.map(({ sha, reasons }) => ({ sha, reasons })),
          expected.suspects.map(({ sha, reasons }) => ({ sha, reasons })),
        );
      },
    ),
  );
});

test("how many changes are newer is told of real ones only, also in a short window", () => {
  const days = (n: number) => onsetAt - n * 24 * 60 * minute;
  const commits = [commit("c", { at: days(1) }), commit("b", { at: days(2) }), commit("a", { at: days(3) })];
  const { suspects } = rank({ alerts: [yen], onsetAt, commits, deploys: [] });
  const told = suspects.map(({ sha, reasons }) => [sha[0], /began \((.*)\)/.exec(reasons.join("\n"))?.[1]]);
  assert.deepEqual(told.sort(), [
    ["a", "2 newer changes"],
    ["b", "1 newer change"],
    ["c", "the newest change"],
  ]);
});
