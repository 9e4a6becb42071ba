import assert from "node:assert/strict";
import { test } from "node:test";
import type { Event } from "../../shared/incident/events.ts";
import { type Report, reportOn, roundsIn } from "../../shared/incident/rounds/report.ts";
import { mergedIn } from "../../shared/policy/autonomy.ts";
import {
  alert,
  approved,
  diagnosed,
  merged,
  proposed,
  pull,
  resolved,
  revertOf,
} from "../support/incident.ts";

const id = "shop/production";
const opened = (at: number, round = 1): Event => ({
  ...{ type: "IncidentOpened", at, round, alerts: [alert()], onsetAt: at - 5, truncated: false, due: at },
});
const proposedAt = (at: number, score = 0.9, kind: "revert" | "withdraw" = "revert"): Event => ({
  ...{ type: "RemedyProposed", at, pull, due: at },
  remedy:
    kind === "revert"
      ? revertOf({ score })
      : { kind, of: revertOf(), merge: "a".repeat(40), pull: 7, title: "put it back", score },
});
const live = (at: number): Event => ({ type: "RemedyDeployed", at, sha: "f".repeat(40), due: at });
const closed = (at: number, outcome: "verified" | "recovered" | "rejected", detail?: string): Event => ({
  ...{ type: "IncidentClosed", at, outcome },
  ...(detail !== undefined && { detail }),
});
const escalated = (at: number): Event => ({
  ...{ type: "IncidentEscalated", at, reason: "unanswered", detail: "nobody answered" },
});
const on = (facts: Record<string, Event[]>, range = { since: 0, until: 1_000_000 }): Report =>
  reportOn(
    Object.entries(facts).flatMap(([incident, own]) => roundsIn(incident, own)),
    range,
  );

test("a verified revert is right, and its times are those between its facts", () => {
  const facts = [opened(10), proposed(), approved(), merged(), live(80), closed(100, "verified")];
  const { all } = on({ [id]: facts });
  assert.deepEqual(all, {
    ...{ rounds: 1, open: 0, escalated: 0, paged: 0, ends: { verified: 1 } },
    ...{ proposed: 1, approved: 1, merged: 1 },
    judged: { verified: 1, ineffective: 0, ruled_out: 0, rejected: 0, unjudged: 0 },
    times: {
      ...{ propose: 30, decide: approved().at - 40, live: 80 - approved().at },
      ...{ restore: 95, restoreVerified: 95 },
    },
  });
});

test("a verdict about a trouble that had ended before the merge says nothing about the revert, nor earns mode auto", () => {
  const over: Event = {
    type: "AlertsResolved",
    at: 65,
    alerts: [resolved({ endsAt: 50 })],
    truncated: false,
  };
  const asked = [opened(10), diagnosed(), proposed(), approved()];
  const facts = [...asked, over, merged(), live(80), closed(100, "verified")];
  const { judged } = on({ [id]: facts }).all;
  assert.deepEqual(judged, { verified: 0, ineffective: 0, ruled_out: 0, rejected: 0, unjudged: 1 });
  assert.deepEqual(mergedIn(facts), []);
  const later = facts.map((one) => (one === over ? { ...over, alerts: [resolved({ endsAt: 90 })] } : one));
  assert.equal(on({ [id]: later }).all.judged.verified, 1);
  assert.deepEqual(mergedIn(later), [{ at: 100, isRight: true }]);
});

test("a remedy that did not help, one that was ruled out and one that was rejected are wrong, each by itself", () => {
  const ineffective: Event = { type: "RemedyIneffective", at: 30, detail: "as before", due: 40 };
  const ruledOut = { type: "RemedyRuledOut", at: 60, by: "ann", remedy: revertOf(), due: 70 } as Event;
  const { all, rejections } = on({
    [id]: [
      ...[opened(10), proposedAt(20, 0.8), ineffective, proposedAt(50, 0.6), ruledOut],
      ...[proposedAt(70, 0.5), closed(80, "rejected", "it is the database")],
    ],
  });
  assert.deepEqual(all.judged, { verified: 0, ineffective: 1, ruled_out: 1, rejected: 1, unjudged: 0 });
  assert.deepEqual(rejections, [{ incident: id, title: revertOf().title, why: "it is the database" }]);
});

test("a remedy whose trouble was not over in time did not help, also when it was over later", () => {
  const overdue = (verdict?: "still_firing" | "telemetry_gone"): Event => ({
    ...{ type: "IncidentEscalated", at: 90, reason: "not_recovered", detail: "not seen to be over in time" },
    ...(verdict && { verdict }),
  });
  const resumed: Event = {
    type: "IncidentResumed",
    at: 95,
    to: "deployed",
    detail: "retry",
    by: "ann",
    due: 99,
  };
  const ends = (...facts: Event[]) => {
    const { all, bars } = on({
      [id]: [opened(10), proposedAt(20), approved(), merged(), live(80), ...facts],
    });
    const { verified, ineffective, unjudged } = all.judged;
    return { verified, ineffective, unjudged, bar: [bars[0]?.right, bars[0]?.judged] };
  };
  const wrong = { verified: 0, ineffective: 1, unjudged: 0, bar: [0, 1] };
  assert.deepEqual(ends(overdue("still_firing")), wrong);
  // A fact of an earlier release has no verdict.
  assert.deepEqual(ends(overdue()), wrong);
  assert.deepEqual(ends(overdue("still_firing"), resumed, closed(100, "verified")), wrong);
  const notKnown = { verified: 0, ineffective: 0, unjudged: 1, bar: [0, 0] };
  assert.deepEqual(ends(overdue("telemetry_gone")), notKnown);
  assert.deepEqual(ends(overdue("telemetry_gone"), resumed, closed(100, "verified")), {
    ...{ verified: 1, ineffective: 0, unjudged: 0, bar: [1, 1] },
  });
});

test("the pull request that withdraws our own remedy is no proposal of its own", () => {
  const ineffective: Event = { type: "RemedyIneffective", at: 30, detail: "as before", due: 40 };
  const { all } = on({
    [id]: [
      ...[opened(10), proposedAt(20), ineffective, proposedAt(50, 0.9, "withdraw")],
      ...[proposedAt(60, 0.7), closed(90, "verified")],
    ],
  });
  assert.deepEqual([all.proposed, all.judged.verified, all.judged.ineffective], [2, 1, 1]);
});

test("each bar counts the judged proposals with at least its probability", () => {
  const round = (at: number, score: number, outcome: "verified" | "rejected") => [
    ...[opened(at, at), proposedAt(at + 1, score), closed(at + 2, outcome, "no")],
  ];
  const { bars } = on({
    [id]: [...round(1, 0.95, "verified"), ...round(10, 0.75, "rejected"), ...round(20, 0.55, "verified")],
  });
  assert.deepEqual(
    bars.map(({ atLeast, judged, right }) => [atLeast, right, judged]),
    [
      [0.5, 2, 3],
      [0.6, 1, 2],
      [0.7, 1, 2],
      [0.8, 1, 1],
      [0.9, 1, 1],
    ],
  );
});

test("an incident that goes on after it needed a person ends as it ended then, and has needed one", () => {
  const resumed = {
    type: "IncidentResumed",
    at: 60,
    to: "merged",
    detail: "merged by ann",
    by: "ann",
    due: 90,
  } as Event;
  const facts = [opened(10), proposedAt(20), escalated(50), resumed];
  assert.deepEqual(on({ [id]: facts }).all.ends, {});
  assert.equal(on({ [id]: facts }).all.open, 1);
  const { ends, escalated: needed } = on({ [id]: [...facts, closed(80, "verified")] }).all;
  assert.deepEqual([ends, needed], [{ verified: 1 }, 1]);
});

test("only rounds that began in the time count, those of a service's troubles together", () => {
  const facts = { [id]: [opened(10), closed(20, "recovered"), opened(50, 2)], [`${id}/2`]: [opened(60)] };
  const { all, services } = on({ ...facts, "cart/production": [opened(70)] }, { since: 50, until: 70 });
  assert.deepEqual([all.rounds, Object.keys(services)], [2, ["shop"]]);
  assert.deepEqual(services.shop, all);
});
