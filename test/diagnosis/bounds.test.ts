import assert from "node:assert/strict";
import { test } from "node:test";
import { judge } from "../../shared/diagnosis/judge.ts";
import { mustCost } from "../support/cost.ts";
import { make } from "./incidents.ts";

const many = (count: number) => {
  const { given } = make(3);
  const commits = Array.from({ length: count }, (_, n) => {
    const { patch, ...commit } = given.commits[n % given.commits.length]!;
    return {
      ...commit,
      patch: patch!.repeat(8),
      sha: n.toString(16).padStart(40, "0"),
      at: given.onsetAt - n * 60_000,
    };
  });
  return { ...given, commits, deploys: [], history: commits.map(({ sha }) => sha) };
};

test("five thousand candidates take a fraction of a second of CPU, however busy the machine", () => {
  const given = many(5000);
  judge(given);
  mustCost(400, () => judge(given));
});

test("an older commit that no word of the alert is in is still told, with almost no probability", () => {
  const { ranked } = judge(many(5000));
  assert.equal(ranked.length, 5000);
  assert.ok(ranked.at(-1)!.p < 0.001);
});

for (const [what, unit] of [
  ["letters", "a"],
  ["letters and dots", "a."],
  ["slashes", "a/"],
  ["base64", "QUJD"],
  ["quotes", `"`],
  ["names of hosts", "a-b.c"],
] as const)
  test(`twenty changes with a line of 60,000 ${what}, and the same in the log, take little CPU`, () => {
    const { given } = make(3);
    const long = unit.repeat(60_000 / unit.length);
    const commits = given.commits.slice(0, 20).map((commit) => ({ ...commit, patch: `+${long}\n-${long}` }));
    const logs = [{ at: given.onsetAt, service: given.service, level: "error", text: long, trace: long }];
    mustCost(1000, () => judge({ ...given, commits, logs }));
  });
