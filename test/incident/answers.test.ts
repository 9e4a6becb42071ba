import assert from "node:assert/strict";
import { test } from "node:test";
import { decide } from "../../shared/incident/decide.ts";
import { withFirstCommits } from "../../shared/incident/diagnosis/first-commits.ts";
import { withoutSuspect } from "../../shared/incident/diagnosis/ruled-out.ts";
import type { Event } from "../../shared/incident/events.ts";
import { evolve } from "../../shared/incident/evolve.ts";
import type { Diagnosis, In, Incident } from "../../shared/incident/model.ts";
import { snoozeMs } from "../../shared/incident/schedule/snooze.ts";
import {
  asked,
  diagnosed,
  opened,
  past,
  policy,
  proposed,
  revertOf,
  sha,
  suspect,
} from "../support/incident.ts";

const at = 100;
const diagnosis = (scores: number[]): Diagnosis => ({
  suspects: scores.map((score, index) =>
    suspect({ sha: sha("cde"[index]!), title: `change ${index}`, score }),
  ),
  none: 1 - scores.reduce((sum, score) => sum + score, 0),
  onsetAt: 10_000,
  remedies: [revertOf({ score: scores[0]! })],
});
const question = (scores: number[] = [0.6, 0.3]): In<"proposed"> => {
  const found = { ...diagnosed(), diagnosis: diagnosis(scores) } as Event;
  return past(opened(), found, proposed(), asked()) as In<"proposed">;
};
const answer = (incident: Incident, type: "RuleOut" | "Snooze" | "LookAgain", over: object = {}): Event[] =>
  decide(incident, { type, at, round: 1, head: question().pull.head, by: "ann", ...over }, policy);
const after = (incident: Incident, events: Event[]): Incident => events.reduce(evolve, incident);

test("a ruled-out change leaves the others its share, and the next one is asked about", () => {
  const [ruled, ...more] = answer(question(), "RuleOut");
  assert.ok(ruled?.type === "RemedyRuledOut");
  assert.deepEqual([ruled.choice, more], [1, []]);
  const next = after(question(), [ruled]) as In<"diagnosed">;
  assert.deepEqual(
    [
      next.status,
      next.taken,
      next.ruledOut,
      next.replaced?.by,
      next.diagnosis.suspects.map((one) => one.title),
    ],
    ["diagnosed", [0, 1], [sha("c")], "ann", ["change 1"]],
  );
  const [first, second] = next.diagnosis.remedies;
  assert.deepEqual([first?.score, second?.kind, second?.title], [0, "revert", "change 1"]);
  assert.ok(Math.abs((second?.score ?? 0) - 0.75) < 1e-9);
});

test("where nothing else is likely enough people take over, and the sentence says how likely the next one was", () => {
  const events = answer(question([0.9, 0.01]), "RuleOut");
  assert.deepEqual(
    events.map(({ type }) => type),
    ["RemedyRuledOut", "IncidentEscalated"],
  );
  const ended = after(question([0.9, 0.01]), events);
  assert.ok(ended.status === "escalated" && ended.reason === "low_confidence");
  assert.match(ended.detail, /^ann ruled out “.*”, and the next option has 10 %; the policy asks for \d+ %$/);
});

test("another service's change, or our own, is never the next one", () => {
  const of = { service: "fx", repository: "acme/fx", approvers: [] };
  const found = diagnosis([0.6, 0.3]);
  for (const theirs of [{ of }, { own: { pull: 7, way: "" } }]) {
    const suspects = [found.suspects[0]!, { ...found.suspects[1]!, ...theirs }];
    assert.equal(withoutSuspect({ ...found, suspects }, sha("c")).remedies.length, 1);
  }
});

test("the first commit of a repository is no remedy: the next change is offered, and the reason is said", () => {
  const found = diagnosis([0.6, 0.3]);
  const [first, second] = found.suspects;
  const named = withFirstCommits(found, [sha("c")]);
  assert.deepEqual(
    named.remedies.map((one) => one.kind === "revert" && [one.sha, one.score]),
    [[second!.sha, 0.3]],
  );
  assert.match(
    named.suspects[0]!.reasons[0]!,
    /^it is the first commit of its repository, so there is nothing/,
  );
  assert.equal(named.suspects[1], second);
  assert.equal(withFirstCommits(found, [sha("f")]), found);
  // After a person ruled out the likeliest one, the first commit is passed over too.
  const three = { ...diagnosis([0.5, 0.3, 0.1]), remedies: [revertOf({ score: 0.5 })] };
  const left = withoutSuspect(withFirstCommits(three, [three.suspects[1]!.sha]), first!.sha);
  assert.deepEqual(
    left.remedies.map((one) => one.kind === "revert" && one.sha),
    [first!.sha, three.suspects[2]!.sha],
  );
});

test("where only the first commit is likely enough, people take over with the reason", () => {
  const named = withFirstCommits(diagnosis([0.6, 0.01]), [sha("c")]);
  const [, escalated] = decide(
    past(opened()),
    { type: "RecordDiagnosis", at, round: 1, diagnosis: named },
    policy,
  );
  assert.ok(escalated?.type === "IncidentEscalated" && escalated.reason === "no_suspect");
  assert.equal(
    escalated.detail,
    "the likeliest change, cccccccccccc “change 0” (60 %), cannot be taken back: it is the first commit of its repository, so there is nothing to go back to",
  );
});

test("a whole deploy keeps what the ruled-out change leaves of it, and a change that is no suspect changes nothing", () => {
  const found = diagnosis([0.6, 0.3]);
  const remedies = [found.remedies[0]!, revertOf({ from: sha("b"), score: 0.9 })];
  const [, whole] = withoutSuspect({ ...found, remedies }, sha("c")).remedies;
  assert.ok(Math.abs(whole!.score - 0.75) < 1e-9);
  assert.equal(withoutSuspect(found, sha("f")), found);
});

test("a snooze puts the question off by 15 minutes and leaves as long to answer, and is told when it ends", () => {
  const [snoozed, ...more] = answer(question(), "Snooze");
  assert.ok(snoozed?.type === "QuestionSnoozed");
  assert.deepEqual([snoozed.until, snoozed.count, more], [at + snoozeMs, 1, []]);
  assert.ok(snoozed.due >= snoozed.until + snoozeMs);
  const waiting = after(question(), [snoozed]);
  const far = { ...policy, deadlineMs: 0 };
  assert.deepEqual(decide(waiting, { type: "Remind", at: snoozed.until - 1 }, far), []);
  assert.deepEqual(decide(waiting, { type: "Remind", at: snoozed.until }, far), [
    { type: "SnoozeEnded", at: snoozed.until },
  ]);
  const woken = after(waiting, [{ type: "SnoozeEnded", at: snoozed.until }]);
  assert.deepEqual(decide(woken, { type: "Remind", at: snoozed.until }, far), []);
});

test("a snooze under way is not made longer, four are the most, and a page at the deadline goes out all the same", () => {
  let now: Incident = question();
  for (let count = 1; count <= 4; count++) {
    const snooze = decide(
      now,
      { type: "Snooze", at, round: 1, head: question().pull.head, by: "ann" },
      policy,
    );
    assert.equal(snooze.length, 1, String(count));
    now = after(now, snooze);
    assert.deepEqual(answer(now, "Snooze"), []);
    now = after(now, [{ type: "SnoozeEnded", at }]);
  }
  assert.deepEqual(answer(now, "Snooze"), []);
  const waiting = after(question(), answer(question(), "Snooze"));
  const near = { ...policy, deadlineMs: 1_000 };
  assert.equal(decide(waiting, { type: "Remind", at: 5_000 }, near)[0]?.type, "PageRequested");
});

test("a look that a person asks for is due at once, and one that finds the same says so", () => {
  const requested = answer(question(), "LookAgain");
  assert.deepEqual(requested, [{ type: "LookRequested", at, by: "ann" }]);
  const now = after(question(), requested);
  const again = { type: "RecordDiagnosis", at, round: 1, diagnosis: diagnosis([0.6, 0.3]) } as const;
  const [revised] = decide(now, again, policy);
  assert.ok(revised?.type === "DiagnosisRevised");
  assert.deepEqual(revised.changes, ["nothing new was found in the look that ann asked for"]);
  const after2 = after(now, [revised]) as In<"proposed">;
  assert.equal(after2.lookBy, undefined);
});

test("a look that finds another probability tells the same one of the remedy as of its change", () => {
  const now = after(question(), answer(question(), "LookAgain")) as In<"proposed">;
  const again = { type: "RecordDiagnosis", at, round: 1, diagnosis: diagnosis([0.45, 0.3]) } as const;
  const revised = after(now, decide(now, again, policy)) as In<"proposed">;
  assert.deepEqual([now.remedy.score, revised.remedy.score], [0.9, 0.45]);
});

test("none of the three answers a question that is over, of another head or round, or held", () => {
  const held = after(question(), [{ type: "IncidentHeld", at, by: "stop", detail: "stopped", due: at + 1 }]);
  for (const type of ["RuleOut", "Snooze", "LookAgain"] as const) {
    assert.deepEqual(answer(held, type), []);
    assert.deepEqual(answer(question(), type, { head: sha("9") }), []);
    assert.deepEqual(answer(question(), type, { round: 2 }), []);
    assert.deepEqual(answer(question(), type, { at: question().due }), []);
  }
});
