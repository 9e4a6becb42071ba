import assert from "node:assert/strict";
import { test } from "node:test";
import { judge } from "../../shared/diagnosis/judge.ts";
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
  const before = process.cpuUsage();
  for (let n = 0; n < 3; n++) judge(given);
  const { user, system } = process.cpuUsage(before);
  assert.ok((user + system) / 3000 < 400, `${(user + system) / 3000} ms`);
});

test("an older commit that no word of the alert is in is still told, with almost no probability", () => {
  const { ranked } = judge(many(5000));
  assert.equal(ranked.length, 5000);
  assert.ok(ranked.at(-1)!.p < 0.001);
});
