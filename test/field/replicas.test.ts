import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decide } from "../../shared/incident/decide.ts";
import { evolve } from "../../shared/incident/evolve.ts";
import type { Alert, Incident } from "../../shared/incident/model.ts";
import { alert, given, notify, opened, past, policy, resolved } from "../support/incident.ts";
import { twiceInAnyOrder } from "../support/twice.ts";

/** Two Prometheus replicas see one trouble begin a few seconds apart; Alertmanager keeps the earlier start once it knows both. */
const [early, late, end] = [10_000, 25_000, 60_000];
const minute = 60_000;
const year9999 = Date.parse("9999-01-01T00:00:00Z");

const isOver = (incident: Incident) =>
  assert.deepEqual([incident.status, outcome(incident)], ["closed", "recovered"]);
const outcome = (incident: Incident) => (incident.status === "closed" ? incident.outcome : undefined);
const told = (alerts: Alert[], from: Incident = past()): Incident =>
  alerts.reduce(
    (incident, one, index) =>
      decide(incident, notify([one], { at: end + index }), policy).reduce(evolve, incident),
    from,
  );

for (const [firings, start] of [
  [[late, early], early],
  [[late, early], late],
  [[early, late], early],
  [[early, late], late],
  [[late], early],
  [[early], late],
] as const)
  test(`firings with the starts ${firings.join(" and ")}, resolved with ${start}: the incident is over`, () => {
    isOver(
      told([...firings.map((startsAt) => alert({ startsAt })), resolved({ startsAt: start, endsAt: end })]),
    );
  });

test("the second replica's start opens nothing and is not told as another alert", () => {
  given(opened({ at: 30_000, alerts: [alert({ startsAt: late })] }))
    .when(notify([alert({ startsAt: early })], { at: 31_000 }))
    .then();
});

test("a firing that arrives late, from inside the time that is known to be over, opens nothing", () => {
  const over = told([alert({ startsAt: early }), resolved({ startsAt: early, endsAt: end })]);
  assert.deepEqual(decide(over, notify([alert({ startsAt: late })], { at: end + minute }), policy), []);
});

test("an end from before the known start resolves nothing", () => {
  given(opened({ at: 30_000, alerts: [alert({ startsAt: late })] }))
    .when(notify([resolved({ startsAt: early, endsAt: late - 1 })], { at: 31_000 }))
    .then();
});

test("a firing that goes on after Alertmanager took it for over opens the next round, though its start is the same", () => {
  const over = told([alert({ startsAt: early }), resolved({ startsAt: early, endsAt: end })]);
  const events = decide(over, notify([alert({ startsAt: early })], { at: end + 6 * minute }), policy);
  assert.deepEqual(
    events.map((event) => event.type === "IncidentOpened" && event.round),
    [2],
  );
  assert.equal(events.reduce(evolve, over).alerts[0]?.status, "firing");
});

test("a start in the year 9999 does not mute its label set: it resolves, and fires again", () => {
  const over = told([alert({ startsAt: year9999 }), resolved({ startsAt: year9999, endsAt: end })]);
  isOver(over);
  const again = decide(over, notify([alert({ startsAt: end + minute })], { at: end + 2 * minute }), policy);
  assert.equal(again[0]?.type, "IncidentOpened");
  const healed = told([
    alert({ startsAt: year9999 }),
    alert({ startsAt: early }),
    resolved({ startsAt: early, endsAt: end }),
  ]);
  isOver(healed);
});

test("a start in the year 9999 that is repeated is one firing", () => {
  const open = told([alert({ startsAt: year9999 })]);
  assert.deepEqual(decide(open, notify([alert({ startsAt: year9999 })], { at: end + minute }), policy), []);
});

test("two replicas' notifications in any order and number leave the same known", () => {
  const one = fc
    .record({ startsAt: fc.constantFrom(early, late), endsAt: fc.option(fc.constantFrom(20_000, end)) })
    .map(({ startsAt, endsAt }) => (endsAt === null ? alert({ startsAt }) : resolved({ startsAt, endsAt })));
  fc.assert(
    fc.property(twiceInAnyOrder(one, 5), ([alerts, shuffled]) => {
      const start = past(opened({ alerts: [alert({ fingerprint: "f0", startsAt: 1 })] }));
      const known = (each: Alert[]) =>
        told(each, start).alerts.map(({ fingerprint, status }) => [fingerprint, status]);
      assert.deepEqual(known(shuffled), known(alerts));
    }),
    { numRuns: 500 },
  );
});
