import assert from "node:assert/strict";
import type { Vote } from "../../shared/incident/approval/votes.ts";
import type { Command } from "../../shared/incident/commands.ts";
import { decide } from "../../shared/incident/decide.ts";
import type { Event } from "../../shared/incident/events.ts";
import { evolve } from "../../shared/incident/evolve.ts";
import type { Alert, Incident, Pull, Remedy, Revert, Suspect } from "../../shared/incident/model.ts";
import { emptyIncident } from "../../shared/incident/model.ts";
import type { Policy } from "../../shared/incident/policy.ts";

/** A past, a question, an answer. Every instant is small and ours. */
export const id = "payment-gateway/production";
export const policy: Policy = {
  mode: "approve",
  minConfidence: 0.5,
  autoConfidence: 0.8,
  lookAgainMs: [],
  changePrior: 0.7,
  stepMs: 100,
  approvalMs: 1000,
  deployMs: 2000,
  verifyMs: 3000,
  cooldownMs: 100_000,
  deadlineMs: 100_000,
};
export const sha = (letter: string): string => letter.repeat(40);

export const alert = (over: Partial<Alert> = {}): Alert => ({
  fingerprint: "f1",
  name: "PaymentErrorsHigh",
  status: "firing",
  labels: { service: "payment-gateway" },
  annotations: { summary: "payments fail" },
  startsAt: 10,
  ...over,
});
export const resolved = (over: Partial<Alert> = {}): Alert =>
  alert({ status: "resolved", endsAt: 50, ...over });
export const suspect = (over: Partial<Suspect> = {}): Suspect => ({
  sha: sha("c"),
  score: 0.9,
  title: "round amounts to minor units",
  author: "Ann",
  at: 5,
  url: "http://github.test/c",
  reasons: ["went live 5 s before the trouble began"],
  ...over,
});
export const pull: Pull = {
  number: 7,
  url: "http://github.test/pull/7",
  branch: "countersteer/revert-cccccccccccc",
  head: sha("d"),
  base: "main",
  baseSha: sha("e"),
  diff: "digest-1",
};
export const message = { channel: "C1", ts: "1.1" };
export const revertOf = (over: Partial<Revert> = {}): Revert => ({
  ...{ kind: "revert", sha: sha("c"), title: "round amounts to minor units", score: 0.9 },
  measured: true,
  ...over,
});
const remedy = revertOf();

export const opened = (over: Partial<Extract<Event, { type: "IncidentOpened" }>> = {}): Event => ({
  ...{ type: "IncidentOpened", at: 20, round: 1, alerts: [alert()], onsetAt: 10, truncated: false, due: 120 },
  ...over,
});
export const diagnosed = (remedies: Remedy[] = [remedy]): Event => ({
  type: "IncidentDiagnosed",
  at: 30,
  diagnosis: { suspects: [suspect()], none: 0.1, onsetAt: 10, remedies },
  due: 130,
});
export const proposed = (): Event => ({ type: "RemedyProposed", at: 40, remedy, pull, due: 1040 });
export const asked = (): Event => ({ type: "ApprovalRequested", at: 45, message });
export const approved = (): Event => ({
  type: "RemedyApproved",
  at: 60,
  by: "ann",
  head: pull.head,
  diff: pull.diff,
  due: 160,
  votes: [vote("ann")],
});
export const merged = (): Event => ({
  type: "RemedyMerged",
  at: 70,
  sha: sha("f"),
  by: "countersteer[bot]",
  due: 2070,
});
export const deployed = (): Event => ({ type: "RemedyDeployed", at: 80, sha: sha("f"), due: 3080 });
export const verified = (): Event => ({
  type: "IncidentClosed",
  at: 90,
  outcome: "verified",
  detail: "quiet",
  verdict: "fixed",
});
export const escalated = (): Event => ({
  type: "IncidentEscalated",
  at: 90,
  reason: "overdue",
  detail: "too long",
});

export const approvers = "the approvers of payment-gateway";
export const vote = (person: string, over: Partial<Vote> = {}): Vote => ({
  ...{ person, by: person, at: 60, door: "slack", of: [approvers], relation: "independent" },
  ...over,
});
/** A person's approval where one of `of` is enough. */
export const approve = (
  by: string,
  { of = approvers, ...over }: { of?: string; at?: number; round?: number; head?: string } = {},
): Command => ({
  ...{ type: "Approve", at: 60, round: 1, head: pull.head },
  vote: vote(by, { of: [of], ...(over.at !== undefined && { at: over.at }) }),
  required: { groups: [{ of, quorum: 1 }], fourEyes: "off" },
  ...over,
});
export const choose = (
  choice: number,
  over: Partial<Extract<Command, { type: "Choose" }>> = {},
): Command => ({
  ...{ type: "Choose", at: 60, round: 1, head: pull.head, choice, by: "ann" },
  ...over,
});
export const reject = (by: string, detail: string): Command => ({
  type: "Reject",
  at: 60,
  round: 1,
  head: pull.head,
  by,
  detail,
});
export const notify = (
  alerts: Alert[],
  over: Partial<Extract<Command, { type: "RecordAlerts" }>> = {},
): Command => ({
  ...{ type: "RecordAlerts", at: 20, alerts, truncated: false },
  ...over,
});
export const diagnose = (over: Partial<Suspect> = {}): Command => ({
  ...{ type: "RecordDiagnosis", at: 30, round: 1 },
  diagnosis: {
    suspects: [suspect(over)],
    none: 0.1,
    onsetAt: 10,
    remedies: [revertOf({ score: suspect(over).score })],
  },
});
export const propose = (guarded = false): Command => ({
  type: "RecordProposal",
  at: 40,
  round: 1,
  remedy,
  pull,
  guarded,
});

export const past = (...events: Event[]): Incident => events.reduce(evolve, emptyIncident(id) as Incident);

export const given = (...events: Event[]) => ({
  when: (command: Command, under: Partial<Policy> = {}) => {
    const before = past(...events);
    const facts = decide(before, command, { ...policy, ...under });
    return {
      then: (...expected: Event[]) => assert.deepEqual(facts, expected),
      thenStatus: (status: Incident["status"]) => assert.equal(facts.reduce(evolve, before).status, status),
      thenIncident: (check: (incident: Incident) => void) => check(facts.reduce(evolve, before)),
    };
  },
});
