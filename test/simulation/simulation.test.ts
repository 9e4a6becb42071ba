import assert from "node:assert/strict";
import { test } from "node:test";
import { play } from "./history.ts";

/** More are played by `npm run simulate`; these are as many as the time of `npm test` allows. */
const seeds = Array.from({ length: 24 }, (_, index) => index + 1);

/** Situations without which the histories would show nothing. */
const sometimes = [
  ...["outcome verified", "outcome recovered", "outcome rejected", "reason unanswered", "reason elsewhere"],
  ...["merged by Countersteer", "merged by itself", "alert answered 5xx", "alert without an answer"],
  ...["crash before", "crash after", "github answer is lost", "slack answer is lost", "store refuses"],
  ...["message deleted", "push to the pull request", "merged by hand", "person leaves"],
  ...["stopped", "clock jumps", "flapping", "late click", "delivery of GitHub is lost"],
  ...["proposed × ApprovalVoided", "closed × IncidentOpened", "opened × RoundTold"],
];

test("no rule is broken in histories full of faults, and they are not empty", async () => {
  const seen = new Set<string>();
  const broken: string[] = [];
  for (const seed of seeds) {
    const played = await play(seed);
    for (const situation of played.seen) seen.add(situation);
    broken.push(...played.violations.map(({ rule, detail }) => `seed ${seed}: ${rule}: ${detail}`));
  }
  assert.deepEqual(broken, []);
  assert.deepEqual(
    sometimes.filter((situation) => !seen.has(situation)),
    [],
  );
});

test("the same seed is the same history, to the letter", async () => {
  const [first, second] = [await play(7, { isTraced: true }), await play(7, { isTraced: true })];
  assert.deepEqual(first.lines, second.lines);
  assert.ok(first.lines.length > 20);
});
