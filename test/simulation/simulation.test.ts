import assert from "node:assert/strict";
import { test } from "node:test";
import { type HostName, hostNames, play } from "./history.ts";
import { often, sometimes } from "./sometimes.ts";

/** More are played by `npm run simulate`; these are as many as the time of `npm test` allows. */
const histories: Record<HostName, number> = { memory: 200, sqlite: 20, aws: 30 };

test("no rule is broken in histories full of faults, and they are not empty", async () => {
  const seen = new Set<string>();
  const broken: string[] = [];
  for (const on of hostNames)
    for (let seed = 1; seed <= histories[on]; seed++) {
      const played = await play(seed, { on });
      for (const situation of played.seen) seen.add(situation);
      broken.push(...played.violations.map(({ rule, detail }) => `${on} ${seed}: ${rule}: ${detail}`));
    }
  assert.deepEqual(broken, []);
  assert.deepEqual(
    [...sometimes, ...often.situations].filter((situation) => !seen.has(situation)),
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
