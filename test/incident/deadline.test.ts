import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command } from "../../shared/incident/commands.ts";
import { isLookDue } from "../../shared/incident/diagnosis/review.ts";
import type { Event } from "../../shared/incident/events.ts";
import {
  approve,
  asked,
  deployed,
  diagnosed,
  escalated,
  given,
  merged,
  opened,
  past,
  proposed,
  resolved,
  verified,
} from "../support/incident.ts";

// The incident of these tests opens at 20; its deadline is 1,000 later.
const under = { deadlineMs: 1_000 };
const remind = (at: number): Command => ({ type: "Remind", at });
const reminded = (at: number, share: number) =>
  ({ type: "DeadlineNeared", at, share, deadline: 1_020 }) as const;
const resolvedNow = (): Event => ({ type: "AlertsResolved", at: 60, alerts: [resolved()], truncated: false });
const paged = (at: number, detail = "not verified 1 s after the first alert") =>
  ({ type: "PageRequested", at, detail }) as const;

test("people are reminded at half and at three quarters of the deadline, once each, then a person is called", () => {
  given(opened()).when(remind(519), under).then();
  given(opened()).when(remind(520), under).then(reminded(520, 0.5));
  given(opened(), reminded(520, 0.5)).when(remind(700), under).then();
  given(opened(), reminded(520, 0.5)).when(remind(770), under).then(reminded(770, 0.75));
  given(opened(), reminded(770, 0.75)).when(remind(1_020), under).then(paged(1_020));
  given(opened(), paged(1_020)).when(remind(5_000), under).then();
});

test("a question whose time is over is not looked at again: only its end is due", () => {
  const incident = past(opened(), { ...diagnosed(), lookAt: 500, basis: "deploys 1" } as Event, proposed());
  assert.ok(incident.status === "proposed");
  assert.deepEqual(
    [499, 500, 1_039, 1_040].map((at) => isLookDue(incident, at, "deploys 1")),
    [false, true, true, false],
  );
  assert.deepEqual(
    [60, 1_040].map((at) => isLookDue(incident, at, "deploys 2")),
    [true, false],
  );
});

test("nobody is called for a flapping alert while it is quiet", () => {
  given(opened(), diagnosed(), proposed(), asked(), resolvedNow()).when(remind(5_000), under).then();
});

test("what was missed while nothing ran is told once, by the latest of it", () => {
  given(opened()).when(remind(800), under).then(reminded(800, 0.75));
  given(opened()).when(remind(9_000), under).then(paged(9_000));
});

test("the deadline goes on while a fix rolls out and after an escalation, as long as the alert fires", () => {
  const live = [opened(), diagnosed(), proposed(), merged(), deployed()];
  given(...live)
    .when(remind(2_000), under)
    .then(paged(2_000));
  given(opened(), escalated()).when(remind(2_000), under).then(paged(2_000));
  const over: Event = { type: "AlertsResolved", at: 95, alerts: [resolved()], truncated: false };
  given(opened(), escalated(), over).when(remind(2_000), under).then();
  given(...live, verified())
    .when(remind(2_000), under)
    .then();
});

test("without a deadline nobody is reminded, and nothing is reminded of before anything happened", () => {
  given(opened()).when(remind(9_000), { deadlineMs: 0 }).then();
  given().when(remind(9_000), under).then();
});

test("a person is called when GitHub or Slack fails for five minutes, also where each failure has other words", () => {
  const delayed = (at: number, detail: string, system?: "github") =>
    ({ type: "StepDelayed", at, step: "diagnose", detail, ...(system && { system }) }) as const;
  const five = 5 * 60_000;
  const before = [opened(), delayed(30, "GET /a: 502", "github"), delayed(40, "GET /a: no answer", "github")];
  given(...before)
    .when(remind(29 + five), { deadlineMs: 0 })
    .then();
  given(...before)
    .when(remind(30 + five), { deadlineMs: 0 })
    .then(paged(30 + five, "GitHub cannot be reached since 5 min (GET /a: no answer)"));
  given(opened(), delayed(30, "inconclusive"))
    .when(remind(30 + five), { deadlineMs: 0 })
    .then();
});

test("a page stays while the trouble does, through a new round, and is forgotten once it has ended", () => {
  const again = opened({ at: 3_000, round: 2 });
  given(opened(), paged(1_020), escalated(), again).when(remind(9_000), under).then();
  given(opened(), paged(1_020), verified(), again)
    .when(remind(9_000), under)
    .then({ ...paged(9_000) });
});

test("an approval is taken as ever after a reminder", () => {
  given(opened(), diagnosed(), proposed(), asked(), reminded(55, 0.5))
    .when(approve("ann"))
    .thenStatus("approved");
});
