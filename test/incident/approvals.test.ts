import assert from "node:assert/strict";
import { test } from "node:test";
import type { Requirement, Vote } from "../../shared/incident/approval/votes.ts";
import type { Command } from "../../shared/incident/commands.ts";
import type { Event } from "../../shared/incident/events.ts";
import {
  approve,
  approved,
  approvers,
  asked,
  choose,
  diagnosed,
  given,
  merged,
  opened,
  past,
  proposed,
  pull,
  reject,
  revertOf,
  sha,
  vote,
} from "../support/incident.ts";
import { untilApproved, untilProposed } from "./until.ts";

test("an approval binds the head and the diff that were asked about", () => {
  given(...untilProposed)
    .when(approve("ann"))
    .then(approved());
});

test("an approval after the deadline changes nothing", () => {
  given(...untilProposed)
    .when(approve("ann", { at: 1040 }))
    .then();
});

test("an approval of another head or an earlier round changes nothing", () => {
  given(...untilProposed)
    .when(approve("ann", { head: sha("0") }))
    .then();
  given(...untilProposed)
    .when(approve("ann", { round: 0 }))
    .then();
});

test("an approval after the approval changes nothing, and a no before the merge stops it", () => {
  given(...untilApproved)
    .when(approve("ben"))
    .then();
  given(...untilApproved)
    .when(reject("ben", "no"))
    .then({
      type: "IncidentClosed",
      at: 60,
      outcome: "rejected",
      detail: "no",
      by: "ben",
      verdict: "still_firing",
    });
  given(...untilApproved, merged())
    .when(reject("ben", "no"))
    .then();
});

const two: Requirement = { groups: [{ of: approvers, quorum: 2 }], fourEyes: "off" };

const second = (by: string, over: Partial<Vote> = {}): Command => ({
  ...{ type: "Approve", at: 60, round: 1, head: pull.head, required: two },
  vote: vote(by, over),
});

test("with a quorum of two the first approval is counted, twice by one person is once, and the second approves", () => {
  const first: Event = {
    ...{ type: "ApprovalGiven", at: 60, vote: vote("ann") },
    missing: [`1 more of ${approvers}`],
  };
  given(...untilProposed)
    .when(second("ann"))
    .then(first);
  given(...untilProposed, first)
    .when(second("ann"))
    .then();
  given(...untilProposed, first)
    .when(second("ben"))
    .then({ ...approved(), by: "ann and ben", votes: [vote("ann"), vote("ben")] } as Event);
});

test("an approval on GitHub can be taken back there, before and after it was enough", () => {
  const onGithub = vote("ann", { door: "github" });
  const given1: Event = { type: "ApprovalGiven", at: 60, vote: onGithub, missing: [] };
  const back: Command = {
    ...{ type: "TakeBack", at: 65, round: 1, person: "ann", by: "ann", detail: "ann dismissed the review" },
  };
  given(...untilProposed, given1)
    .when(back)
    .then({
      type: "ApprovalTakenBack",
      at: 65,
      person: "ann",
      by: "ann",
      detail: "ann dismissed the review",
    });
  given(...untilProposed, { ...approved(), votes: [onGithub] } as Event)
    .when(back)
    .then({ type: "ApprovalVoided", at: 65, detail: "ann dismissed the review", pull, due: 1065 });
  given(...untilApproved)
    .when(back)
    .then();
});

test("a hold on GitHub voids the approval, lets nobody approve, and ends in another question", () => {
  const detail = "ann set the label countersteer/hold";
  const held: Event = { type: "IncidentHeld", at: 62, by: "github", who: "ann", detail, due: 1062 };
  const command: Command = { type: "Hold", at: 62, round: 1, by: "github", who: "ann", detail };
  given(...untilApproved)
    .when(command)
    .then(held);
  given(...untilApproved, held)
    .when(command)
    .then();
  given(...untilApproved, held)
    .when(approve("ben"))
    .then();
  given(...untilApproved, held)
    .when(reject("ben", "no"))
    .then({
      type: "IncidentClosed",
      at: 60,
      outcome: "rejected",
      detail: "no",
      by: "ben",
      verdict: "still_firing",
    });
  given(...untilApproved, held)
    .when({ type: "Release", at: 70, round: 1, detail: "the label is gone" })
    .thenIncident((incident) =>
      assert.deepEqual(
        incident.status === "proposed" && [incident.asked, incident.moved, incident.held, incident.votes],
        [false, "the label is gone", undefined, undefined],
      ),
    );
});

const another = revertOf({ sha: sha("b"), title: "bump the base image", score: 0.05 });

const untilOffered = [opened(), diagnosed([revertOf(), another]), proposed(), asked()];

test("another remedy may be chosen instead, once: the former pull request is kept to be closed", () => {
  given(...untilOffered)
    .when(choose(1))
    .then({ type: "RemedyChosen", at: 60, choice: 1, remedy: another, by: "ann", due: 160 });
  const chosen: Event = { type: "RemedyChosen", at: 60, choice: 1, remedy: another, by: "ann", due: 160 };
  const incident = past(...untilOffered, chosen);
  assert.equal(incident.status, "diagnosed");
  assert.deepEqual(incident.status === "diagnosed" && [incident.taken, incident.replaced], [
    [0, 1],
    { remedy: revertOf(), pull, by: "ann" },
  ]);
  const second = { ...pull, number: 8 };
  const again: Event = { type: "RemedyProposed", at: 70, remedy: another, pull: second, due: 1070 };
  given(...untilOffered, chosen, again)
    .when(choose(0, { at: 80 }))
    .then();
});

test("what is proposed already, what was never offered, a late choice and one about another head change nothing", () => {
  for (const choice of [
    choose(0),
    choose(2),
    choose(-1),
    choose(1, { at: 1040 }),
    choose(1, { head: sha("0") }),
  ])
    given(...untilOffered)
      .when(choice)
      .then();
  given(...untilApproved)
    .when(choose(1))
    .then();
});

test("what is seen of a pull request that another took the place of decides nothing", () => {
  for (const command of [
    { type: "RecordMerge", at: 70, round: 1, pull: 6, sha: sha("f"), by: "ben" },
    { type: "Withdraw", at: 70, round: 1, pull: 6, detail: "closed" },
    { type: "RecordMove", at: 70, round: 1, detail: "new commits", pull: { ...pull, number: 6 } },
  ] as const)
    given(...untilProposed)
      .when(command)
      .then();
});
