import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Command } from "../../shared/incident/commands.ts";
import { decide } from "../../shared/incident/decide.ts";
import type { Event } from "../../shared/incident/events.ts";
import { evolve } from "../../shared/incident/evolve.ts";
import { type Alert, emptyIncident, type Incident, isActive } from "../../shared/incident/model.ts";
import {
  alert,
  approved,
  asked,
  deployed,
  diagnosed,
  escalated,
  id,
  merged,
  message,
  opened,
  past,
  policy,
  proposed,
  pull,
  resolved,
  revertOf,
  sha,
  suspect,
  verified,
} from "../support/incident.ts";
import { twiceInAnyOrder } from "../support/twice.ts";

const at = fc.integer({ min: 0, max: 5000 });
const round = fc.integer({ min: 0, max: 3 });
const head = fc.constantFrom(pull.head, sha("9"));
const anAlert: fc.Arbitrary<Alert> = fc
  .record({
    fingerprint: fc.constantFrom("f1", "f2", "f3"),
    startsAt: fc.constantFrom(10, 100, 1000),
    firing: fc.boolean(),
  })
  .map(({ fingerprint, startsAt, firing }) =>
    firing ? alert({ fingerprint, startsAt }) : resolved({ fingerprint, startsAt, endsAt: startsAt + 5 }),
  );
const remedy = revertOf();
const person = fc.constantFrom("UANN", "UBEN", "github:eve");
const aVote = fc.record({
  ...{ person, by: fc.string(), at },
  door: fc.constantFrom("slack" as const, "github" as const),
  of: fc.subarray(["ours", "theirs"]),
  relation: fc.constantFrom("independent" as const, "author" as const, "unknown" as const),
});

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    type: fc.constant("RecordAlerts" as const),
    at,
    alerts: fc.array(anAlert, { maxLength: 4 }),
    truncated: fc.boolean(),
  }),
  fc.record({
    type: fc.constant("Approve" as const),
    ...{ at, round, head },
    vote: aVote,
    required: fc.record({
      groups: fc.subarray([
        { of: "ours", quorum: 1 },
        { of: "theirs", quorum: 2 },
      ]),
      fourEyes: fc.constantFrom("off" as const, "known" as const, "all" as const),
    }),
  }),
  fc.record({
    type: fc.constant("TakeBack" as const),
    ...{ at, round, person, by: fc.string(), detail: fc.string() },
  }),
  fc.record({
    type: fc.constant("Hold" as const),
    ...{ at, round },
    ...{ by: fc.constant("github" as const), who: fc.string(), detail: fc.string() },
  }),
  fc.record({ type: fc.constant("Release" as const), at, round, detail: fc.string() }),
  fc.record({
    type: fc.constant("AnswerCommand" as const),
    ...{ at, round, comment: fc.integer({ min: 1, max: 3 }), by: fc.string(), text: fc.string() },
  }),
  fc.record({ type: fc.constant("Reject" as const), at, round, head, by: fc.string(), detail: fc.string() }),
  fc.record({
    type: fc.constant("Choose" as const),
    ...{ at, round, head },
    choice: fc.integer({ min: -1, max: 3 }),
    by: fc.string(),
  }),
  fc.record({ type: fc.constant("Expire" as const), at }),
  fc.record({
    type: fc.constant("RecordDiagnosis" as const),
    at,
    round,
    diagnosis: fc
      .record({
        scores: fc.array(fc.float({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
        onsetAt: at,
      })
      .map(({ scores, onsetAt }) => ({
        suspects: scores.map((score) => suspect({ score })),
        ...{ none: 0.1, onsetAt },
        remedies: scores.map((score) => revertOf({ score })),
      })),
  }),
  fc.record({
    type: fc.constant("RecordProposal" as const),
    at,
    round,
    remedy: fc.constant(remedy),
    pull: fc.constant(pull),
    guarded: fc.boolean(),
  }),
  fc.record({ type: fc.constant("RecordRequest" as const), at, round, message: fc.constant(message), head }),
  fc.record({ type: fc.constant("RecordMessage" as const), at, round, message: fc.constant(message) }),
  fc.record({
    type: fc.constant("RecordMove" as const),
    at,
    round,
    detail: fc.string(),
    pull: head.map((head) => ({ ...pull, head })),
  }),
  fc.record({
    type: fc.constant("RecordMerge" as const),
    at,
    round,
    sha: fc.constant(sha("f")),
    by: fc.string(),
    pull: fc.constantFrom(pull.number, 8),
  }),
  fc.record({ type: fc.constant("RecordDeploy" as const), at, round, sha: fc.constant(sha("f")) }),
  fc.record({ type: fc.constant("RecordRecovery" as const), at, round, detail: fc.string() }),
  fc.record({
    type: fc.constant("Withdraw" as const),
    ...{ at, round },
    detail: fc.string(),
    pull: fc.constantFrom(pull.number, 8),
  }),
  fc.record({
    type: fc.constant("RecordFix" as const),
    ...{ at, round },
    fix: fc.record({
      kind: fc.constantFrom("revert" as const, "pull" as const, "rollback" as const, "flag" as const),
      ...{ at, detail: fc.string(), sha: fc.constant(sha("7")), by: fc.string() },
    }),
  }),
  fc.record({
    type: fc.constant("RecordReferral" as const),
    ...{ at, round, detail: fc.string() },
    to: fc.constantFrom("fx/production", id),
  }),
  fc.record({ type: fc.constant("SettleReferral" as const), at, round, detail: fc.string() }),
  fc.record({ type: fc.constant("ReturnReferral" as const), at, round, detail: fc.string() }),
  fc.record({
    type: fc.constant("RecordSeparation" as const),
    at,
    trouble: fc.integer({ min: 0, max: 6 }),
  }),
  fc.record({ type: fc.constant("RecordTold" as const), at, told: round }),
  fc.record({ type: fc.constant("Retry" as const), at, round, by: fc.constantFrom("ann", "policy:retry") }),
  fc.record({
    type: fc.constant("RecordReopening" as const),
    ...{ at, round, detail: fc.string(), by: fc.string() },
    pull: fc.constant(pull),
  }),
  fc.record({
    type: fc.constant("RecordNotLive" as const),
    ...{ at, round, sha: fc.constant(sha("a")) },
    detail: fc.constantFrom("a", "b"),
  }),
  fc.record({
    type: fc.constant("Escalate" as const),
    at,
    round,
    reason: fc.constant("refused" as const),
    detail: fc.string(),
  }),
  fc.record({
    type: fc.constant("Delay" as const),
    at,
    round,
    step: fc.string(),
    detail: fc.constantFrom("a", "b"),
  }),
);
const modes = fc.constantFrom("observe" as const, "approve" as const, "auto" as const);

const everyStatus: Record<string, Event[]> = {
  none: [],
  opened: [opened()],
  diagnosed: [opened(), diagnosed()],
  choosing: [opened(), diagnosed([revertOf(), revertOf()]), proposed()],
  proposed: [opened(), diagnosed(), proposed()],
  asked: [opened(), diagnosed(), proposed(), asked()],
  approved: [opened(), diagnosed(), proposed(), asked(), approved()],
  referred: [
    ...[opened(), diagnosed()],
    { type: "IncidentReferred", at: 40, to: "fx/production", detail: "theirs", due: 5000 },
  ],
  fixed: [
    ...[opened(), diagnosed(), proposed()],
    { type: "FixFound", at: 50, fix: { kind: "pull", at: 50, detail: "theirs" }, due: 5000 },
  ],
  rolledBack: [
    ...[opened(), diagnosed()],
    { type: "FixFound", at: 50, fix: { kind: "rollback", at: 50, detail: "theirs" }, due: 5000 },
  ],
  merged: [opened(), diagnosed(), proposed(), asked(), approved(), merged()],
  deployed: [opened(), diagnosed(), proposed(), asked(), approved(), merged(), deployed()],
  closed: [opened(), diagnosed(), proposed(), asked(), approved(), merged(), deployed(), verified()],
  rejected: [
    ...[opened(), diagnosed(), proposed()],
    { type: "IncidentClosed", at: 60, outcome: "rejected", by: "ann" },
  ],
  escalated: [opened(), escalated()],
  unanswered: [opened(), diagnosed(), proposed(), asked(), escalated()],
  unmerged: [opened(), diagnosed(), proposed(), asked(), approved(), escalated()],
  undeployed: [opened(), diagnosed(), proposed(), asked(), approved(), merged(), escalated()],
  unrecovered: [opened(), diagnosed(), proposed(), asked(), approved(), merged(), deployed(), escalated()],
};
/** The edges of the published machine, by status; `closed` and `escalated` may be reached from all active ones. */
const edges: Record<Incident["status"], Incident["status"][]> = {
  none: ["opened"],
  opened: ["diagnosed"],
  diagnosed: ["proposed", "referred", "merged", "deployed"],
  proposed: ["approved", "merged", "proposed", "diagnosed", "deployed", "referred"],
  approved: ["merged", "proposed"],
  referred: ["deployed", "diagnosed"],
  merged: ["deployed"],
  deployed: ["merged"],
  closed: ["opened", "proposed", "merged"],
  escalated: ["opened", "proposed", "approved", "merged", "deployed", "closed"],
};

for (const [status, events] of Object.entries(everyStatus))
  test(`${status}: no command throws, and each moves along the machine's edges only`, () => {
    fc.assert(
      fc.property(command, modes, (asked, mode) => {
        let incident = past(...events);
        for (const event of decide(incident, asked, { ...policy, mode })) {
          const next = evolve(incident, event);
          const ends = next.status === "closed" || next.status === "escalated";
          assert.ok(
            next.status === incident.status ||
              edges[incident.status].includes(next.status) ||
              (ends && isActive(incident)),
            `${incident.status} → ${next.status}`,
          );
          incident = next;
        }
      }),
      { numRuns: 1000 },
    );
  });

test("a command given twice is the same as given once", () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 20 }), (commands) => {
      let incident: Incident = emptyIncident(id);
      for (const command of commands) {
        incident = decide(incident, command, policy).reduce(evolve, incident);
        if (command.type === "RecordMove") continue; // each move asks again, by design
        const again = decide(incident, command, policy);
        // On the same command, only the end of silence or the step after it remains possible.
        assert.deepEqual(
          again.filter(({ type }) => type !== "IncidentEscalated"),
          [],
          command.type,
        );
      }
    }),
    { numRuns: 1000 },
  );
});

test("every walk ends: with time passing and nobody answering, no incident stays active", () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 40 }), modes, (commands, mode) => {
      let incident: Incident = emptyIncident(id);
      for (const command of commands)
        incident = decide(incident, command, { ...policy, mode }).reduce(evolve, incident);
      if (isActive(incident))
        incident = decide(incident, { type: "Expire", at: incident.due }, policy).reduce(evolve, incident);
      assert.equal(isActive(incident), false);
    }),
    { numRuns: 1000 },
  );
});

test("notifications of an open incident in any order and any number leave the same alerts known", () => {
  fc.assert(
    fc.property(twiceInAnyOrder(anAlert, 6), ([alerts, shuffled]) => {
      const start = past(opened({ alerts: [alert({ fingerprint: "f0", startsAt: 1 })] }));
      const learn = (from: Incident, each: Alert[]) =>
        each.reduce(
          (incident, one) =>
            decide(
              incident,
              { type: "RecordAlerts", at: 20, alerts: [one], truncated: false },
              policy,
            ).reduce(evolve, incident),
          from,
        );
      assert.deepEqual(learn(start, shuffled).alerts, learn(start, alerts).alerts);
    }),
    { numRuns: 1000 },
  );
});
