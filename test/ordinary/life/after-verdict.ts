import assert from "node:assert/strict";
import { diagnosisOf } from "../../../shared/incident/diagnosis/review.ts";
import type { Incident } from "../../../shared/incident/model.ts";
import { resolved } from "../../support/incident.ts";
import { burning, type World } from "../../support/world.ts";
import { asked, culprit, deployed, fixed, minute, pullOf, type Scene, sha } from "./scene.ts";

const hour = 60 * minute;
const outcome = (incident: Incident) => (incident.status === "closed" ? incident.outcome : incident.status);
const firingAgain = async (made: World, startsAt: number): Promise<Incident> => {
  made.state.now = startsAt + minute;
  await made.alerts([{ ...burning, startsAt }]);
  await made.settle();
  return made.settle();
};
const over = async (made: World, at: number): Promise<void> => {
  made.state.now = at;
  await made.alerts([resolved({ startsAt: burning.startsAt, endsAt: at })]);
  await made.settle();
};
/** A person opens the closed pull request again. */
const reopen = (made: World): void => {
  const [branch, now] = [...made.state.pulls][0]!;
  made.state.pulls.set(branch, { ...now, state: "open" });
  made.state.now += minute;
  made.state.reopened = { by: "bea", at: made.state.now };
};

const older: Scene[] = [5, 60].map((minutes) => ({
  kind: "an older version deployed after the verdict makes the culprit the first suspect again, until the revert is deployed",
  sibling: `${minutes} min after it`,
  play: async (made) => {
    await deployed(made, culprit.sha, 1_000);
    await asked(made);
    await fixed(made);
    await over(made, minute);
    assert.equal(outcome(await made.settle()), "verified");
    const at = minute + minutes * minute;
    await deployed(made, sha("b"), at);
    const waiting = await firingAgain(made, at + minute);
    assert.equal(waiting.status === "merged" && waiting.fix?.kind, "deploy");
    const [first] = diagnosisOf(waiting)?.suspects ?? [];
    assert.equal(first?.sha, culprit.sha);
    assert.match(first.reasons[0] ?? "", /is not in what runs now/);
    made.state.now += minute;
    await made.deploy();
    made.state.now += 1000;
    assert.equal((await made.settle()).status, "deployed");
    made.state.now += minute;
    assert.equal(outcome(await made.settle()), "recovered_by_people");
    assert.equal(made.state.opened, 1);
  },
}));

const reopened: Scene[] = [
  {
    kind: "a rejected pull request that a person opens again is asked about again",
    sibling: "in the same round",
    play: async (made) => {
      await asked(made);
      await made.reject("no");
      assert.equal(outcome(await made.settle()), "rejected");
      reopen(made);
      assert.equal((await made.settle()).status, "proposed");
      assert.equal(pullOf(made)?.state, "open");
    },
  },
  {
    kind: "a rejected pull request that a person opens again is asked about again",
    sibling: "in the next round, which had declined it",
    play: async (made) => {
      await asked(made);
      await made.reject("no");
      await made.settle();
      await over(made, hour);
      const declined = await firingAgain(made, 2 * hour);
      assert.equal(declined.status === "escalated" && declined.reason, "declined_before");
      reopen(made);
      assert.equal((await made.settle()).status, "proposed");
    },
  },
];

const lost: Scene = {
  kind: "a merge that a forced push took from the branch is told with what to do",
  sibling: "and a merge that comes again counts",
  play: async (made) => {
    await asked(made);
    await made.approve();
    await made.settle();
    made.state.forcePushed = true;
    made.state.now = 31_000;
    await made.deploy(sha("b"));
    made.state.now = 32_000;
    await made.settle();
    assert.match(
      [...made.state.replies.values()].join("\n"),
      /force-pushed since; cherry-pick f{12} to main/,
    );
    made.state.now = 40_000;
    await made.deploy();
    assert.equal((await made.settle()).status, "deployed");
  },
};

/** The running version holds the culprit. Only the revert's own commit holds the revert. */
const undone: Scene = {
  kind: "a deploy without a verified fix is told when it comes, and so is the next one with it",
  sibling: "an hour later, before any alert",
  play: async (made) => {
    await asked(made);
    await fixed(made);
    await over(made, minute);
    made.work.history.contains = async (_, { ancestor, descendant }) =>
      ancestor === culprit.sha || ancestor === descendant || descendant === "main";
    made.state.now = hour;
    await made.deploy(sha("b"));
    const lost = await made.settle();
    assert.equal(outcome(lost), "verified");
    assert.equal(lost.status === "closed" && lost.notLive?.sha, sha("b"));
    made.state.now += minute;
    await made.deploy();
    const kept = await made.settle();
    assert.equal(kept.status === "closed" && kept.notLive, undefined);
    const told = [...made.state.replies.values()].filter((reply) => /^(Not live|Live again)/.test(reply));
    assert.equal(told.length, 2);
  },
};

export const afterVerdict: Scene[] = [...older, undone, ...reopened, lost];
