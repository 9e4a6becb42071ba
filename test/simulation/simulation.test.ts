import assert from "node:assert/strict";
import { test } from "node:test";
import { type HostName, hostNames, play } from "./history.ts";
import { sometimes } from "./sometimes.ts";

/** More are played by `npm run simulate`; these are as many as the time of `npm test` allows. In the 15th a deploy is put back, in the 40th a person rejects. */
const seedsOf = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const histories: Record<HostName, number[]> = {
  memory: [...seedsOf(17), 40],
  sqlite: seedsOf(3),
  aws: seedsOf(5),
};

test("no rule is broken in histories full of faults, and they are not empty", async () => {
  const seen = new Set<string>();
  const broken: string[] = [];
  for (const on of hostNames)
    for (const seed of histories[on]) {
      const played = await play(seed, { on });
      for (const situation of played.seen) seen.add(situation);
      broken.push(...played.violations.map(({ rule, detail }) => `${on} ${seed}: ${rule}: ${detail}`));
    }
  assert.deepEqual(broken, []);
  assert.deepEqual(
    sometimes.filter((situation) => !seen.has(situation)),
    [],
  );
});

test("the same seed is the same history, to the letter", async () => {
  for (const on of hostNames) {
    const [first, second] = [await play(7, { on, isTraced: true }), await play(7, { on, isTraced: true })];
    assert.deepEqual(first.lines, second.lines);
    assert.ok(first.lines.length > 20);
  }
});
