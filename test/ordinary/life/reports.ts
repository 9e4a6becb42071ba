import assert from "node:assert/strict";
import { UpstreamError } from "../../../shared/errors.ts";
import { service, type World } from "../../support/world.ts";
import {
  again,
  asked,
  culprit,
  deployed,
  id,
  minute,
  pullOf,
  quiet,
  type Scene,
  sha,
  typesOf,
  unrelated,
} from "./scene.ts";

/** The repository has only the merge and what held it; `sha` of 9 is of a branch that was rewritten. */
const withoutNine = (made: World): void => {
  made.work.history.contains = async (_, { ancestor, descendant }) => {
    if (descendant === sha("9") || ancestor === sha("9"))
      throw new UpstreamError("github", "404 no commit", { retryable: false, status: 404 });
    return ancestor === descendant || descendant === "main";
  };
};

const foreign: Scene[] = (
  [
    [
      "a commit that no longer exists",
      "9",
      "succeeded",
      /the repository has no such commit|has no such commit/,
    ],
    ["a commit without the fix", "8", "succeeded", /does not hold pull request #1/],
    ["a commit that no longer exists, whose rollout failed", "9", "failed", /has no such commit/],
  ] as const
).map(([sibling, letter, status, said]) => ({
  kind: "no foreign report ends an incident: it waits, says why, and goes on with the right one",
  sibling,
  play: async (made) => {
    withoutNine(made);
    await asked(made);
    await made.approve();
    await made.settle();
    made.state.now = 30_000;
    await made.deploy(sha(letter), status);
    const waiting = await made.settle();
    assert.equal(waiting.status, "merged");
    assert.match("delay" in waiting ? (waiting.delay?.detail ?? "") : "", said);
    made.state.now = 90_000;
    await made.deploy();
    assert.equal((await made.settle()).status, "deployed");
    const over = await quiet(made);
    assert.equal(over.status === "closed" && over.outcome, "verified");
  },
}));

const unanswered: Scene[] = [1, 15, 120].map((minutes) => ({
  kind: "a merge by a person after nobody answered is followed to live and verified",
  sibling: `${minutes} min later`,
  play: async (made) => {
    await asked(made);
    made.state.now += 11 * minute;
    await made.process.handle(id, { type: "Expire", at: made.state.now });
    const escalated = await made.settle();
    assert.equal(escalated.status === "escalated" && escalated.reason, "unanswered");
    made.state.now += minutes * minute;
    const pull = pullOf(made);
    assert.ok(pull !== undefined);
    made.state.pulls.set(pull.pull.branch, { ...pull, state: "merged", mergeSha: sha("f"), by: "bea" });
    assert.equal((await made.settle()).status, "merged");
    await made.deploy();
    assert.equal((await made.settle()).status, "deployed");
    const over = await quiet(made);
    assert.equal(over.status === "closed" && over.outcome, "verified");
  },
}));

const twice: Scene[] = [1_000, 60_000, 60 * minute].map((apart) => ({
  kind: "a deploy that is reported twice with different times counts as of the first time",
  sibling: `${apart / 1000} s apart`,
  given: { configured: service({ policy: { ...again, minConfidence: 0.3 } }) },
  play: async (made) => {
    made.state.now = 2 * 60 * minute;
    const startsAt = made.state.now - 10_000;
    await deployed(made, sha("b"), startsAt - 3 * 60 * minute);
    await deployed(made, culprit.sha, startsAt - apart - 5_000);
    await deployed(made, culprit.sha, startsAt - 5_000);
    made.state.commits = [
      { ...culprit, at: startsAt - apart - 8_000 },
      { ...unrelated, sha: sha("b"), at: 0 },
    ];
    const incident = await asked(made, [{ ...burningAt(startsAt) }]);
    const diagnosis =
      incident.status === "opened"
        ? incident.thin?.diagnosis
        : "diagnosis" in incident
          ? incident.diagnosis
          : undefined;
    const first = diagnosis?.suspects.find((one) => one.sha === culprit.sha);
    assert.equal(first?.change?.deploy?.at, startsAt - apart - 5_000);
    assert.equal((await typesOf(made)).includes("IncidentEscalated"), false);
  },
}));
const burningAt = (startsAt: number) => ({
  ...{ fingerprint: "f1", name: "PaymentErrorsHigh", status: "firing" as const, startsAt },
  labels: { service: "payment-gateway" },
  annotations: { summary: "payments fail for minor units" },
});

/** Reports of deploys and merges that come late, twice, or of what the repository does not have. */
export const reports: Scene[] = [...foreign, ...unanswered, ...twice];
