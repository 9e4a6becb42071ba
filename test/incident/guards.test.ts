import assert from "node:assert/strict";
import { test } from "node:test";
import { maxAlerts, mergeAlerts } from "../../shared/incident/alerts/alerts.ts";
import { missingVotes } from "../../shared/incident/approval/votes.ts";
import type { Command } from "../../shared/incident/commands.ts";
import type { Event } from "../../shared/incident/events.ts";
import {
  alert,
  approve,
  approved,
  approvers,
  asked,
  choose,
  deployed,
  diagnosed,
  escalated,
  given,
  merged,
  message,
  notify,
  opened,
  past,
  propose,
  proposed,
  pull,
  reject,
  resolved,
  revertOf,
  sha,
  vote,
} from "../support/incident.ts";

/** Each of these holds one condition of the machine: `npm run mutants` drops them one at a time. */

const day = 24 * 60 * 60_000;
const untilProposed = [opened(), diagnosed(), proposed()];
const untilAsked = [...untilProposed, asked()];
const untilApproved = [...untilAsked, approved()];
const untilDeployed = [...untilApproved, merged(), deployed()];

const request = (over: Partial<Extract<Command, { type: "RecordRequest" }>> = {}): Command => ({
  ...{ type: "RecordRequest", at: 46, round: 1, message, head: pull.head },
  ...over,
});

test("people are asked once, and only about the head that is proposed", () => {
  given(...untilProposed)
    .when(request())
    .then({ type: "ApprovalRequested", at: 46, message });
  given(...untilAsked)
    .when(request())
    .then();
  given(...untilProposed)
    .when(request({ head: sha("9") }))
    .then();
});

test("a pull request that moved is asked about for the whole time of a question", () => {
  given(...untilAsked)
    .when({ type: "RecordMove", at: 50, round: 1, pull, detail: "somebody pushed" })
    .then({
      ...{ type: "ApprovalVoided", at: 50, detail: "somebody pushed" },
      ...{ pull, due: 50 + 1000, unapproved: true },
    });
});

const auto = { mode: "auto" } as const;

test("nothing is approved by itself after a truncated notification, a hold, or where another service shares the change", () => {
  given(opened(), diagnosed()).when(propose(), auto).thenStatus("approved");
  given(opened({ truncated: true }), diagnosed())
    .when(propose(), auto)
    .thenStatus("proposed");
  const hold: Event = { type: "IncidentHeld", at: 22, by: "stop", detail: "stopped", due: 120 };
  const release: Event = { type: "IncidentReleased", at: 25, detail: "started", due: 125 };
  given(opened(), hold, release, diagnosed()).when(propose(), auto).thenStatus("proposed");
  given(
    opened(),
    { type: "OriginJoined", at: 22, origin: "web/production", alerts: [], shares: true },
    diagnosed(),
  )
    .when(propose(), auto)
    .thenStatus("proposed");
});

test("a rollout of the fix that failed does not end a watch that has begun", () => {
  const notLive = (failed?: true): Command => ({
    ...{ type: "RecordNotLive", at: 85, round: 1, sha: sha("9"), detail: "another commit is live" },
    ...(failed && { failed }),
  });
  given(...untilDeployed)
    .when(notLive(true))
    .then();
  given(...untilDeployed)
    .when(notLive())
    .thenStatus("merged");
});

test("an approval is marked as given while all was quiet only when every alert is known and none fires", () => {
  const isQuiet = (...events: Event[]) => {
    let quiet: boolean | undefined;
    given(...events)
      .when(approve("ann"))
      .thenIncident((incident) => {
        quiet = incident.status === "approved" && incident.approval.quiet === true;
      });
    return quiet;
  };
  const flapping: Event = { type: "AlertsResolved", at: 47, alerts: [resolved()], truncated: false };
  const questions: Event = {
    type: "QuestionsRecorded",
    at: 46,
    questions: [{ alert: "PaymentErrorsHigh", at: 46, rules: [] }],
  };
  assert.equal(isQuiet(...untilAsked), false);
  assert.equal(isQuiet(...untilAsked, questions, flapping), true);
  assert.equal(isQuiet(...untilAsked, questions, { ...flapping, truncated: true }), false);
});

test("a question that is held counts no approval, and one whose time is over counts no answer", () => {
  const held: Event = { type: "IncidentHeld", at: 50, by: "stop", detail: "stopped", due: 1050 };
  given(...untilAsked, held)
    .when(approve("ann"))
    .then();
  given(...untilAsked)
    .when({ ...reject("ben", "no"), at: 1039 })
    .thenStatus("closed");
  given(...untilAsked)
    .when({ ...reject("ben", "no"), at: 1040 })
    .then();
});

test("an alert that flaps keeps its question open when it resolves once more", () => {
  const fires = (at: number): Event => ({
    ...{ type: "AlertsJoined", at, truncated: false },
    alerts: [alert({ startsAt: at })],
  });
  const ends = (at: number): Event => ({
    ...{ type: "AlertsResolved", at, truncated: false },
    alerts: [resolved({ startsAt: at - 1, endsAt: at })],
  });
  given(...untilAsked, ends(50), fires(51), ends(52), fires(53))
    .when(notify([resolved({ startsAt: 53, endsAt: 54 })], { at: 54 }))
    .thenStatus("proposed");
});

test("an incident that was handed over does not end by alerts of which some are not known", () => {
  const recovered: Command = { type: "RecordSelfRecovery", at: 95, round: 1, verdict: "fixed" };
  const ends: Event = { type: "AlertsResolved", at: 92, alerts: [resolved()], truncated: false };
  given(opened(), escalated(), ends).when(recovered).thenStatus("closed");
  given(opened({ truncated: true }), escalated(), ends)
    .when(recovered)
    .then();
  given(opened(), escalated()).when(recovered).then();
});

test("an end that is more than a day ahead is not a time: the alert is as old as its start", () => {
  const far = resolved({ endsAt: 60 + day + 1 });
  given(opened({ alerts: [alert()] }))
    .when(notify([alert({ startsAt: 40 })], { at: 60 }))
    .then({ type: "AlertsJoined", at: 60, alerts: [alert({ startsAt: 40 })], truncated: false, again: true });
  assert.deepEqual(mergeAlerts([far], [alert({ startsAt: 40 })], 60), [alert({ startsAt: 40 })]);
  assert.deepEqual(mergeAlerts([resolved({ endsAt: 60 + day })], [alert({ startsAt: 40 })], 60), [
    resolved({ endsAt: 60 + day }),
  ]);
});

test("an alert that resolves in the instant in which it fired is over", () => {
  assert.deepEqual(mergeAlerts([alert()], [resolved({ endsAt: 10 })], 60), [resolved({ endsAt: 10 })]);
});

test("past the alerts that an incident remembers, those that are over are forgotten before those that fire", () => {
  const over = resolved({ fingerprint: "over", startsAt: 500, endsAt: 600 });
  const firing = Array.from({ length: maxAlerts }, (_, index) =>
    alert({ fingerprint: `f${index}`, startsAt: index }),
  );
  assert.deepEqual(mergeAlerts([...firing.slice(1), over], firing.slice(0, 1), 700), firing);
});

test("a retry takes up an approval only while its question could still be open, and not on another base", () => {
  const retried = (at: number, over: Partial<Extract<Event, { type: "IncidentEscalated" }>> = {}) => {
    let status: string | undefined;
    given(...untilApproved, { ...escalated(), ...over } as Event)
      .when({ type: "Retry", at, round: 1, by: "ann" })
      .thenIncident((incident) => {
        status = incident.status;
      });
    return status;
  };
  assert.equal(retried(1059), "approved");
  assert.equal(retried(1060), "proposed");
  assert.equal(retried(100, { reason: "retargeted" }), "proposed");
});

test("a pull request that is opened again is not asked about once something of the incident is merged", () => {
  const again: Command = {
    ...{ type: "RecordReopening", at: 100, round: 1, pull },
    ...{ detail: "ann opened it again", by: "ann" },
  };
  given(...untilApproved, escalated())
    .when(again)
    .thenStatus("proposed");
  given(...untilApproved, merged(), escalated())
    .when(again)
    .then();
});

test("a cause from which a person released the incident never holds it again", () => {
  const cause = { cause: "node=n1", leader: "web/production", services: 3, detail: "shared" };
  const hold: Command = { type: "Hold", at: 60, round: 1, by: "cause", ...cause };
  given(...untilAsked)
    .when(hold)
    .thenIncident(({ status, ...rest }) => assert.ok(status === "proposed" && "held" in rest));
  given(
    ...untilAsked,
    { type: "IncidentHeld", at: 50, by: "cause", due: 1050, ...cause },
    { type: "IncidentReleased", at: 55, detail: "released by ann", by: "ann", due: 1055 },
  )
    .when(hold)
    .then();
});

test("nobody may approve where no group is configured, and only members of a group count", () => {
  const fourEyes = "off";
  assert.deepEqual(missingVotes([vote("ann")], { groups: [], fourEyes }), ["nobody may approve this"]);
  const groups = [{ of: approvers, quorum: 1 }];
  assert.deepEqual(
    missingVotes([vote("eve", { of: ["others"], relation: "author" })], { groups, fourEyes: "known" }),
    [`1 more of ${approvers}`],
  );
  assert.equal(past(...untilAsked).status, "proposed");
});

test("an alert that fired and resolved within one notification opens nothing", () => {
  const ended = resolved({ startsAt: 10, endsAt: 15 });
  given()
    .when(notify([alert(), ended]))
    .then({ type: "AlertsResolved", at: 20, alerts: [ended], truncated: false });
});

test("an incident that was handed over does not end by a truncated notification", () => {
  const last = resolved({ endsAt: 95 });
  given(opened(), escalated())
    .when(notify([last], { at: 96 }))
    .thenStatus("closed");
  given(opened(), escalated())
    .when(notify([last], { at: 96, truncated: true }))
    .thenStatus("escalated");
});

test("no other remedy is chosen while the question is held", () => {
  const two = [
    opened(),
    diagnosed([revertOf(), revertOf({ sha: sha("b"), score: 0.5 })]),
    proposed(),
    asked(),
  ];
  const held: Event = { type: "IncidentHeld", at: 50, by: "stop", detail: "stopped", due: 1050 };
  given(...two)
    .when(choose(1))
    .thenStatus("diagnosed");
  given(...two, held)
    .when(choose(1))
    .then();
});

test("an incident that was handed over does not end while another of its alerts fires", () => {
  const other = alert({ fingerprint: "f2" });
  given(opened({ alerts: [alert(), other] }), escalated())
    .when(notify([resolved({ endsAt: 95 })], { at: 96 }))
    .thenStatus("escalated");
});

test("the alerts that a truncated notification left out are added only where something was left out", () => {
  const other = alert({ fingerprint: "f2" });
  const complete: Command = { type: "CompleteAlerts", at: 25, round: 1, alerts: [alert(), other] };
  given(opened({ truncated: true }))
    .when(complete)
    .then({ type: "AlertsJoined", at: 25, alerts: [other], truncated: false, whole: true });
  given(opened()).when(complete).then();
});

test("an incident that counts on this one is counted once", () => {
  const origin = "web/production";
  const joined: Event = { type: "OriginJoined", at: 21, origin, alerts: [alert()] };
  given(opened())
    .when(notify([alert()], { at: 21, origin }))
    .then(joined);
  given(opened(), joined)
    .when(notify([alert()], { at: 22, origin }))
    .then();
});

test("GitHub must fail for five minutes before a person is called for it, also when a reminder is due", () => {
  const delayed: Event = { type: "StepDelayed", at: 500, step: "diagnose", detail: "502", system: "github" };
  const remind = (at: number): Command => ({ type: "Remind", at });
  given(opened({ due: 1e9 }), delayed)
    .when(remind(600), { deadlineMs: 1_000 })
    .then({ type: "DeadlineNeared", at: 600, share: 0.5, deadline: 1_020 });
  given(opened({ due: 1e9 }), delayed)
    .when(remind(500 + 5 * 60_000), { deadlineMs: 0 })
    .then({ type: "PageRequested", at: 300_500, detail: "GitHub cannot be reached since 5 min (502)" });
});

test("a round that another service opens holds the own alerts that still fire, and no others", () => {
  const own = alert();
  const over = resolved({ fingerprint: "f2", name: "QueueFull", endsAt: 60 });
  const theirs = alert({ fingerprint: "f3", name: "CheckoutFails", startsAt: 95 });
  const open: Command = {
    ...{ type: "RecordAlerts", at: 100, alerts: [theirs], truncated: false, origin: "web/production" },
  };
  given(
    opened({ alerts: [own] }),
    { type: "AlertsJoined", at: 50, alerts: [over], truncated: false },
    escalated(),
  )
    .when(open)
    .thenIncident(({ alerts, round }) => {
      assert.equal(round, 2);
      assert.deepEqual(
        alerts.filter(({ status }) => status === "firing").map(({ name }) => name),
        [own.name, theirs.name],
      );
    });
});

test("a pull request that people's own revert took the place of is not told as merged", () => {
  const fix = { kind: "revert", at: 50, detail: "reverted by Ben", by: "Ben", sha: sha("b") } as const;
  const found: Event = { type: "FixFound", at: 50, fix, due: 200 };
  const quiet = notify([resolved({ endsAt: 100 })], { at: 110 });
  const over = "every alert resolved after this was handed over";
  for (const [more, expected] of [
    [[found], over],
    [[approved(), merged()], `${over}; pull request #7 was merged before`],
  ] as const)
    given(...untilProposed, ...more, escalated())
      .when(quiet)
      .thenIncident((incident) => assert.equal(incident.status === "closed" && incident.detail, expected));
});

test("an incident that was handed over and that people fixed is recovered by people", () => {
  const fix = { kind: "rollback", at: 50, detail: "rolled back by Ben", by: "Ben", sha: sha("b") } as const;
  const over = { type: "RecordSelfRecovery", at: 110, round: 1 } as const;
  const gone: Event = {
    type: "AlertsResolved",
    at: 100,
    alerts: [resolved({ endsAt: 100 })],
    truncated: false,
  };
  for (const [found, outcome] of [
    [[{ type: "FixFound", at: 50, fix, due: 200 } as Event], "recovered_by_people"],
    [[], "recovered"],
  ] as const)
    given(opened(), diagnosed(), ...found, escalated(), gone)
      .when(over)
      .thenIncident((incident) => assert.equal(incident.status === "closed" && incident.outcome, outcome));
});
