import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Event } from "../../shared/incident/events.ts";
import { mergedIn, unearned } from "../../shared/policy/autonomy.ts";
import { overRate } from "../../shared/policy/rates.ts";

const hour = 60 * 60_000;

test("the limit that holds longest is told, with the instant at which one more is allowed", () => {
  const merges = [0, 10 * 60_000, 20 * 60_000];
  const at = 30 * 60_000;
  assert.equal(overRate(merges, at, { maxPerHour: 4, maxPerDay: 4 }), undefined);
  assert.deepEqual(overRate(merges, at, { maxPerHour: 3 }), { limit: "maxPerHour", max: 3, until: hour });
  assert.deepEqual(overRate(merges, at, { maxPerHour: 2 }), {
    ...{ limit: "maxPerHour", max: 2, until: hour + 10 * 60_000 },
  });
  assert.deepEqual(overRate(merges, at, { maxPerHour: 1, maxPerDay: 3 }), {
    ...{ limit: "maxPerDay", max: 3, until: 24 * hour },
  });
  assert.equal(overRate(merges, at, {}), undefined);
});

test("merging as soon as it is allowed never exceeds a limit in any window", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 2 * hour }), { maxLength: 40 }),
      fc.integer({ min: 1, max: 5 }),
      (gaps, max) => {
        const merges: number[] = [];
        let now = 0;
        for (const gap of gaps) {
          now += gap;
          const over = overRate(merges, now, { maxPerHour: max });
          if (over !== undefined) {
            assert.ok(over.until > now);
            now = over.until;
          }
          assert.equal(overRate(merges, now, { maxPerHour: max }), undefined);
          merges.push(now);
          assert.ok(merges.filter((one) => one > now - hour).length <= max);
        }
      },
    ),
  );
});

const opened = (at: number): Event => ({
  ...{ type: "IncidentOpened", at, round: 1, alerts: [], onsetAt: at, truncated: false, due: at },
});
const merged = (at: number): Event => ({ type: "RemedyMerged", at, sha: "f", by: "us", due: at });
const closed = (at: number, outcome: "verified" | "recovered"): Event => ({
  type: "IncidentClosed",
  at,
  outcome,
});

test("a verified remedy is right, one that did not help is wrong, and what people did counts for nothing", () => {
  const log: Event[] = [
    ...[opened(1), merged(2), closed(3, "verified")],
    ...[opened(4), merged(5), { type: "RemedyIneffective", at: 6, detail: "", due: 6 } as const],
    ...[opened(7), closed(8, "recovered")],
    ...[
      opened(9),
      { type: "FixFound", at: 10, fix: { kind: "flag", at: 10, detail: "" }, due: 10 } as const,
      closed(11, "verified"),
    ],
    ...[
      opened(12),
      merged(13),
      { type: "IncidentEscalated", at: 14, reason: "not_recovered", detail: "" } as const,
    ],
    ...[
      opened(15),
      merged(16),
      { type: "IncidentEscalated", at: 17, reason: "overdue", detail: "" } as const,
    ],
  ];
  assert.deepEqual(mergedIn(log), [
    { at: 3, isRight: true },
    { at: 6, isRight: false },
    { at: 14, isRight: false },
  ]);
});

test("auto is earned by a row of verified ones, and lost for a time by one that was wrong", () => {
  const rule = { verified: 2, pauseMs: 100 };
  const right = (at: number) => ({ at, isRight: true });
  const wrong = (at: number) => ({ at, isRight: false });
  const row = (has: number) => ({
    detail: `mode auto needs 2 verified in a row in this service, and has ${has}`,
  });
  assert.deepEqual(unearned([right(1)], 10, rule), row(1));
  assert.equal(unearned([right(1), right(2)], 10, rule), undefined);
  const lost = { detail: "a merged remedy of this service did not help", until: 103 };
  assert.deepEqual(unearned([right(1), right(2), wrong(3)], 10, rule), lost);
  assert.deepEqual(unearned([wrong(3), right(4), right(5)], 102, rule), lost);
  assert.deepEqual(unearned([right(1), right(2), wrong(3), right(4)], 103, rule), row(1));
  assert.equal(unearned([wrong(3), right(4), right(5)], 103, rule), undefined);
});
