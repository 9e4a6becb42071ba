import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command } from "../../shared/incident/commands.ts";
import { decide } from "../../shared/incident/decide.ts";
import type { Event } from "../../shared/incident/events.ts";
import { evolve } from "../../shared/incident/evolve.ts";
import { emptyIncident, type Incident, type Revert, type Withdraw } from "../../shared/incident/model.ts";
import { mayHaveEnded, putBackBy } from "../../shared/incident/remedies/redeploy.ts";
import type { RedeployEnd } from "../../shared/incident/remedies/redeployment.ts";
import { isSamePull, isSameRemedy } from "../../shared/incident/remedies/remedies.ts";
import { roundsIn } from "../../shared/incident/rounds/report.ts";
import {
  approved,
  asked,
  deployed,
  diagnosed,
  escalated,
  id,
  merged,
  opened,
  policy,
  pull,
  resolved,
  revertOf,
  sha,
  verified,
} from "../support/incident.ts";

const first = {
  ...{ sha: sha("b"), deployedAt: 1, live: sha("c") },
  tool: { workflow: "deploy.yml", ref: "main", inputs: { sha: "{sha}" } },
};
const remedy = revertOf({ first });
const after = (...events: Event[]): Incident => events.reduce<Incident>(evolve, emptyIncident(id));
const proposing = (of: Revert = remedy): Event[] => [
  opened(),
  diagnosed([of]),
  { type: "RemedyProposed", at: 40, remedy: of, pull, due: 1040 },
  asked(),
];
const begun: Event = {
  type: "RedeployBegun",
  at: 61,
  sha: sha("b"),
  id: "n",
  tool: "deploy.yml at main",
  due: 2161,
};
const begin: Command = {
  type: "BeginRedeploy",
  at: 61,
  round: 1,
  sha: sha("b"),
  id: "n",
  tool: "deploy.yml at main",
};
const decided = (past: Event[], command: Command, over = {}): Event[] =>
  decide(after(...past), command, { ...policy, ...over });
const types = (events: Event[]): string[] => events.map(({ type }) => type);

test("a redeploy is begun once, and only as it was approved", () => {
  const past = [...proposing(), approved()];
  assert.deepEqual(decided(past, begin), [begun]);
  assert.deepEqual(decided([...past, begun], begin), []);
  assert.deepEqual(decided(proposing(), begin), []);
  assert.deepEqual(decided(past, { ...begin, sha: sha("9") }), []);
  assert.deepEqual(decided([...proposing(revertOf()), approved()], begin), []);
  assert.deepEqual(decided(past, { ...begin, round: 2 }), []);
});

test("a redeploy makes another remedy of a revert, on the same pull request", () => {
  assert.deepEqual([isSameRemedy(remedy, revertOf()), isSamePull(remedy, revertOf())], [false, true]);
  assert.deepEqual(
    [isSameRemedy(remedy, remedy), isSamePull(remedy, revertOf({ sha: sha("9") }))],
    [true, false],
  );
});

test("its run and its end are recorded once, and one that was left out has neither begun nor a run", () => {
  const past = [...proposing(), approved()];
  const run: Command = { type: "RecordRedeployRun", at: 62, round: 1, run: 41, url: "u" };
  const end: Command = {
    type: "EndRedeploy",
    at: 63,
    round: 1,
    sha: sha("b"),
    how: "live",
    detail: "it is live",
  };
  assert.deepEqual(decided(past, run), []);
  assert.deepEqual(decided(past, end), []);
  assert.deepEqual(types(decided([...past, begun], run)), ["RedeployStarted"]);
  const started: Event = { type: "RedeployStarted", at: 62, run: 41, url: "u" };
  assert.deepEqual(decided([...past, begun, started], run), []);
  assert.deepEqual(types(decided([...past, begun, started], end)), ["RedeployEnded"]);
  const ended: Event = {
    type: "RedeployEnded",
    at: 63,
    sha: sha("b"),
    how: "live",
    detail: "it is live",
    due: 2061,
  };
  assert.deepEqual(decided([...past, begun, started, ended], { ...end, how: "failed" }), []);
  const leftOut = { ...end, how: "left_out" as const };
  assert.deepEqual(types(decided(past, leftOut)), ["RedeployEnded"]);
  assert.deepEqual(decided([...past, begun], leftOut), []);
});

test("what was begun ends also once a stop voided the approval, and nothing can be left out then", () => {
  const stopped: Event = { type: "IncidentHeld", at: 62, by: "stop", detail: "drill", due: 1062 };
  const past = [...proposing(), approved(), begun, stopped];
  const end: Command = {
    type: "EndRedeploy",
    at: 63,
    round: 1,
    sha: sha("b"),
    how: "held_back",
    detail: "drill",
  };
  const [told] = decided(past, end);
  assert.deepEqual(told, {
    type: "RedeployEnded",
    at: 63,
    sha: sha("b"),
    how: "held_back",
    detail: "drill",
    due: 1062,
  });
  const incident = after(...past, told!);
  assert.deepEqual(
    [incident.status, "redeploy" in incident && incident.redeploy?.end?.how, putBackBy(incident)],
    ["proposed", "held_back", undefined],
  );
  assert.deepEqual(decided([...proposing(), approved(), stopped], { ...end, how: "left_out" }), []);
});

test("what a person must choose is never approved by the policy", () => {
  const auto = { mode: "auto" as const, minConfidence: 0.5, autoConfidence: 0.5 };
  const record = (of: Revert): Command => ({
    ...{ type: "RecordProposal", at: 40, round: 1, remedy: of, pull, guarded: false },
  });
  const past = (of: Revert) => [opened(), diagnosed([of])];
  assert.deepEqual(types(decided(past(remedy), record(remedy), auto)), ["RemedyProposed", "RemedyApproved"]);
  const doubtful = revertOf({ first: { ...first, why: ["a migration lies in between (db/3.sql)"] } });
  assert.deepEqual(types(decided(past(doubtful), record(doubtful), auto)), ["RemedyProposed"]);
});

test("an incident whose redeploy was begun does not end as recovered by itself", () => {
  const past = [...proposing(), approved(), begun];
  const quiet: Command = { type: "RecordAlerts", at: 70, alerts: [resolved()], truncated: false };
  assert.deepEqual(types(decided([...past, voided], quiet)), ["AlertsResolved"]);
  assert.deepEqual(types(decided(proposing(), quiet)), ["AlertsResolved", "IncidentClosed"]);
});

const ended = (how: RedeployEnd): Event => ({
  ...{ type: "RedeployEnded", at: 63, sha: sha("b"), how, detail: "it ended", due: 2061 },
});
const voided: Event = { type: "ApprovalVoided", at: 64, detail: "moved", pull, due: 1064 };
const merging: Event[] = [...proposing(), approved(), begun, ended("live"), merged(), deployed()];
const withdrawal: Withdraw = {
  ...{ kind: "withdraw", of: remedy, merge: sha("f"), pull: 7, title: remedy.title, score: 1 },
};
/** The redeploy and its revert did not help, and people are asked whether to put the culprit back. */
const withdrawing: Event[] = [
  ...merging,
  { type: "RemedyIneffective", at: 85, detail: "still fires", due: 185 },
  diagnosed([withdrawal]),
  { type: "RemedyProposed", at: 90, remedy: withdrawal, pull: { ...pull, number: 8 }, due: 1090 },
];

test("alerts that end count as ended by the redeploy only while its own revert is approved, and as far as it is known to have run", () => {
  const isOurs = (past: Event[]): boolean => {
    const incident = after(...past);
    assert.ok(incident.status === "approved");
    return mayHaveEnded(incident);
  };
  const own = [...proposing(), approved(), begun];
  assert.deepEqual(
    [own, ...(["live", "ran", "failed", "unknown"] as const).map((how) => [...own, ended(how)])].map(isOurs),
    [true, true, true, false, false],
  );
  assert.equal(isOurs([...proposing(), approved(), ended("left_out")]), false);
  assert.equal(isOurs([...withdrawing, asked(), { ...approved(), at: 95 }]), false);
  const other = revertOf({ sha: sha("9") });
  const another: Event[] = [
    ...[...own, voided],
    { type: "RemedyChosen", at: 65, by: "ann", remedy: other, choice: 1, due: 165 },
    { type: "RemedyProposed", at: 66, remedy: other, pull: { ...pull, number: 8 }, due: 1066 },
    { ...approved(), at: 67 },
  ];
  assert.equal(isOurs(another), false);
});

test("a withdrawal that nobody decided about ends by itself when the alerts end, also after a redeploy", () => {
  const quiet: Command = { type: "RecordAlerts", at: 95, alerts: [resolved()], truncated: false };
  const [, closed] = decided(withdrawing, quiet);
  assert.equal(
    closed?.type === "IncidentClosed" && closed.detail,
    "every alert resolved after pull request #7 had seemed not to help; nothing is put back or merged any more",
  );
});

test("an end before the merge says how far the former version was put back, and nothing once the revert was merged", () => {
  const no: Command = { type: "Reject", at: 98, round: 1, head: pull.head, by: "ann", detail: "" };
  const told = (past: Event[]) => {
    const [closed] = decided(past, no);
    return closed?.type === "IncidentClosed" && closed.detail;
  };
  const own = [...proposing(), approved(), begun];
  const rest = "and main still holds the change: the next deploy of main brings it back";
  assert.deepEqual(
    [own, ...(["live", "ran", "unknown", "failed"] as const).map((how) => [...own, ended(how)])].map(told),
    [
      `bbbbbbbbbbbb is being put back, ${rest} unless #7 is merged`,
      `bbbbbbbbbbbb was put back, ${rest} unless #7 is merged`,
      `bbbbbbbbbbbb was put back, ${rest} unless #7 is merged`,
      `bbbbbbbbbbbb may have been put back, ${rest} unless #7 is merged`,
      "",
    ],
  );
  assert.equal(told([...proposing(), approved()]), "");
  assert.equal(told(withdrawing), "");
});

test("the revert behind a redeploy is told once it is live, once, and does not begin the verification anew", () => {
  const live = [...proposing(), approved(), begun, ended("live"), merged(), { ...deployed(), sha: sha("b") }];
  const record: Command = { type: "RecordDeploy", at: 85, round: 1, sha: sha("f") };
  const told: Event = { type: "RemedyDeployed", at: 85, sha: sha("f"), due: 3080, behind: true };
  assert.deepEqual(decided(live, record), [told]);
  assert.deepEqual(decided(live, { ...record, sha: sha("b") }), []);
  assert.deepEqual(decided([...live, told], record), []);
  const incident = after(...live, told);
  assert.ok(incident.status === "deployed");
  assert.deepEqual(
    [incident.deploy, incident.due, incident.revertLive],
    [{ sha: sha("b"), at: 80 }, 3080, { sha: sha("f"), at: 85 }],
  );
  assert.deepEqual(decided([...live, verified()], record), [{ ...told, due: 85 }]);
  assert.deepEqual(decided([...live, verified(), { ...told, due: 85 }], record), []);
  assert.deepEqual(
    decided([...proposing(), approved(), merged(), deployed()], { ...record, sha: sha("9") }),
    [],
  );
  assert.equal(roundsIn(id, [...live, told])[0]?.attempts[0]?.liveAt, 80);
  const gone: Event = { type: "FixNotLive", at: 86, sha: sha("c"), detail: "gone", due: 2086 };
  const waiting = after(...live, told, gone);
  assert.equal("revertLive" in waiting, false);
});

test("a trouble that ends after it was handed over says that the former version runs, and the change is still there", () => {
  const quiet: Command = { type: "RecordAlerts", at: 95, alerts: [resolved()], truncated: false };
  const [, closed] = decided([...proposing(), approved(), begun, ended("live"), escalated()], quiet);
  assert.equal(
    closed?.type === "IncidentClosed" && closed.detail,
    "every alert resolved after this was handed over; bbbbbbbbbbbb was put back, and main still holds the change: the next deploy of main brings it back unless #7 is merged",
  );
});
