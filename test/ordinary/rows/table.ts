import assert from "node:assert/strict";
import { played } from "../played.ts";
import { told } from "../weigh.ts";
import { changedRules } from "./alert-rules.ts";
import { failedRollouts, landedLongAgo, branches as releaseBranches, rolledBack } from "./brought-live.ts";
import { bumpsToldLate } from "./bumps.ts";
import { confirmed } from "./confirmed.ts";
import { undeclared } from "./declared.ts";
import { dependencies } from "./dependencies.ts";
import { lives } from "./lives.ts";
import { pullRequests } from "./pull-request.ts";
import type { Sibling } from "./row.ts";
import { trains } from "./trains.ts";
import { type Weighed, weighed } from "./weighed.ts";

/** `isOfGit`: its deploys are read from a real repository, by the adapter of GitHub. */
type Row = { happened: string; siblings: Sibling[]; isOfGit?: true };

const inLoop = ({ sibling, culprit, given, none = 1, onlyFirst = false }: Weighed): Sibling => ({
  sibling,
  play: async (host) => {
    const { diagnosis, isProposed } = await played(given, host.world);
    const seen = JSON.stringify(diagnosis, null, 1).slice(0, 3000);
    if (culprit !== undefined) assert.equal(diagnosis.suspects[0]?.title, culprit, seen);
    if (!onlyFirst) assert.equal(isProposed, culprit !== undefined, seen);
    assert.ok(diagnosis.none <= none, seen);
    assert.equal(diagnosis.none.toFixed(6), told(given).diagnosis.none.toFixed(6));
  },
});
const ofGit = (happened: string, siblings: Sibling[]): Row => ({ happened, siblings, isOfGit: true });
const ofLife = (happened: string, siblings: Sibling[]): Row => ({ happened, siblings });
const ofWeight = (happened: string, siblings: Weighed[]): Row => ({
  happened,
  siblings: siblings.map(inLoop),
});

/** The ordinary incidents, in the order of the issue that asked for them: first without, then with logs and metrics. */
export const rows: Row[] = [
  ofGit("a deploy train: the culprit says what the alert says", trains),
  ofGit("landed days ago, deployed a minute ago", landedLongAgo),
  ofGit("a pull request of three commits", pullRequests),
  ofGit("a rollout fails, and pods crash", failedRollouts),
  ofLife("the deploy is told after the alert", lives.toldLate),
  ofLife("a person reverted the culprit on the branch", lives.revertedByPeople),
  ofGit("the deployed commit is on a release branch", releaseBranches),
  ofWeight("one commit in the deploy before the onset", weighed.alone),
  ofWeight("a label of the alert names a path of the culprit", weighed.symptoms),
  ofWeight("an innocent shares the words of the template", weighed.templateWords),
  ofGit("production still declares the former image", undeclared),
  ofGit("the deploy of the bump is told after the alert", bumpsToldLate),
  ofLife("the culprit is the deploy of a dependency", [...dependencies, ...lives.askedElsewhere]),
  ofLife("somebody rolls back by hand while people are asked", lives.rolledBackByHand),
  ofLife("a second trouble begins while the first waits for an answer", lives.secondTrouble),
  ofLife("a second trouble begins while the first is verified", lives.whileVerifying),
  ofLife("the report of its deploy never lowers the culprit", confirmed),

  ofWeight("a ratio steps just after a deploy", weighed.steps),
  ofWeight("new log lines match no change", weighed.unexplained),
  ofWeight("an image tag that cannot be pulled", weighed.imageTags),
  ofWeight("a field of the log lines holds what the culprit sets", weighed.logFields),
  ofWeight("the error says who failed", weighed.whoFailed),
  ofGit("old code after a rollback by hand is the trouble", rolledBack),
  ofGit("the alert's own rule was made stricter", changedRules),
  ofWeight("a leak that takes hours", weighed.leaks),
  ofWeight("a shared library of a monorepo", weighed.sharedLibrary),
  ofWeight("a stack trace through a package", weighed.traces),
  ofWeight("alert and commits in another script", weighed.scripts),
];
