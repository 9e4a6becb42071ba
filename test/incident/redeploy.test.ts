import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command } from "../../shared/incident/commands.ts";
import { decide } from "../../shared/incident/decide.ts";
import type { Event } from "../../shared/incident/events.ts";
import { evolve } from "../../shared/incident/evolve.ts";
import { emptyIncident, type Incident, type Revert } from "../../shared/incident/model.ts";
import { isSamePull, isSameRemedy } from "../../shared/incident/remedies.ts";
import {
  approved,
  asked,
  diagnosed,
  id,
  opened,
  policy,
  pull,
  resolved,
  revertOf,
  sha,
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
  due: 2061,
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
  const voided: Event = { type: "ApprovalVoided", at: 64, detail: "moved", pull, due: 1064 };
  const quiet: Command = { type: "RecordAlerts", at: 70, alerts: [resolved()], truncated: false };
  assert.deepEqual(types(decided([...past, voided], quiet)), ["AlertsResolved"]);
  assert.deepEqual(types(decided(proposing(), quiet)), ["AlertsResolved", "IncidentClosed"]);
});

test("an end before the merge says that the former version was put back", () => {
  const no: Command = { type: "Reject", at: 70, round: 1, head: pull.head, by: "ann", detail: "" };
  const [plain] = decided([...proposing(), approved()], no);
  assert.equal(plain?.type === "IncidentClosed" && plain.detail, "");
  const [closed] = decided([...proposing(), approved(), begun], no);
  assert.equal(
    closed?.type === "IncidentClosed" && closed.detail,
    "bbbbbbbbbbbb was put back, and main still holds the change: the next deploy of main brings it back unless #7 is merged",
  );
});
