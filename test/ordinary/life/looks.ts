import assert from "node:assert/strict";
import { service } from "../../support/world.ts";
import {
  again,
  asked,
  culprit,
  deployed,
  messageOf,
  minute,
  pullOf,
  type Scene,
  sha,
  typesOf,
  unrelated,
} from "./scene.ts";

const thin: Scene[] = (
  [
    ["three looks", [2, 5, 10]],
    ["one look", [3]],
    ["two looks", [1, 30]],
  ] as const
).map(([sibling, ages]) => {
  const lookAgainMs = ages.map((age) => age * minute);
  return {
    kind: "a thin first look says when it looks again, and the last look escalates",
    sibling,
    given: { configured: service({ policy: { ...again, lookAgainMs, stepMs: 60 * minute } }) },
    play: async (made) => {
      made.state.commits = [unrelated];
      const first = await asked(made).then(() => made.settle());
      assert.equal(first.status, "opened");
      const at = new Date(20_000 + ages[0] * minute).toISOString().slice(11, 16);
      assert.match(messageOf(made).headline, new RegExp(`looking again at ${at}`));
      for (const age of ages) {
        assert.equal((await made.settle()).status, "opened");
        made.state.now = 20_000 + age * minute;
      }
      const last = await made.settle();
      assert.equal(last.status === "escalated" && last.reason, "low_confidence");
      assert.equal((await typesOf(made)).filter((type) => type === "LookPostponed").length, ages.length);
    },
  };
});

const late: Scene[] = [1_000, 30_000, 90_000].map((ms) => ({
  kind: "a deploy told after the alert is diagnosed again and proposed",
  sibling: `${ms / 1000} s late`,
  given: { configured: service({ policy: again }) },
  play: async (made) => {
    made.state.commits = [unrelated];
    await asked(made);
    assert.equal((await made.settle()).status, "opened");
    made.state.now += ms;
    made.state.commits = [culprit];
    await deployed(made, culprit.sha, 9_000);
    const incident = await made.settle();
    assert.equal(incident.status, "proposed");
    assert.deepEqual((await typesOf(made)).slice(0, 4), [
      "IncidentOpened",
      "LookPostponed",
      "MessagePosted",
      "IncidentDiagnosed",
    ]);
  },
}));

const afterTheLast: Scene[] = (
  [
    ["a deploy from before the trouble", 12, 9_000, "proposed"],
    ["a deploy from before the trouble, an hour later", 60, 9_500, "proposed"],
    ["a deploy long after the trouble began", 20, 900_000, "escalated"],
  ] as const
).map(([sibling, minutes, at, status]) => ({
  kind: "a deploy that is told after the last look has the handed-over incident diagnosed again",
  sibling,
  given: { configured: service({ policy: { ...again, lookAgainMs: [2 * minute] } }) },
  play: async (made) => {
    made.state.commits = [unrelated];
    await asked(made);
    made.state.now += 2 * minute;
    const last = await made.settle();
    assert.equal(last.status === "escalated" && last.reason, "low_confidence");
    assert.equal((await made.settle()).status, "escalated", "nothing is new yet");
    made.state.now += minutes * minute;
    made.state.commits = [culprit];
    await deployed(made, culprit.sha, at);
    assert.equal((await made.settle()).status, status);
    // A deploy that is reported later may have begun before the trouble as well, so the text tells no time.
    const told =
      "Goes on: a deploy or a flag change that may explain the trouble became known: it is diagnosed again";
    assert.equal([...made.state.replies.values()].includes(told), true);
  },
}));

const unchanged: Scene = {
  kind: "nothing new, nothing told: a look before its time changes nothing",
  sibling: "30 s later",
  play: async (made) => {
    await asked(made);
    const before = await typesOf(made);
    made.state.now += 30_000;
    await made.settle();
    assert.deepEqual(await typesOf(made), before);
  },
};

const same: Scene = {
  kind: "a new deploy while people are asked is diagnosed again, and the same suspect keeps its pull request",
  sibling: "the suspect's own deploy",
  play: async (made) => {
    await asked(made);
    await deployed(made, culprit.sha, 9_000);
    const incident = await made.settle();
    assert.equal(incident.status === "proposed" && incident.pull.number, 1);
    assert.equal((await typesOf(made)).includes("DiagnosisRevised"), true);
    assert.equal(made.state.opened, 1);
  },
};

const replaced: Scene[] = (["9", "8", "a"] as const).map((letter, index) => ({
  kind: "when another change is the first suspect now, its pull request takes the place of the first one",
  sibling: ["a later one", "one of another author", "one that was deployed at the onset"][index] ?? "",
  play: async (made) => {
    await asked(made);
    const other = {
      ...{ ...culprit, sha: sha(letter), author: ["Ann", "Bea", "Cid"][index] ?? "" },
      ...{ title: "payments: fail on minor units", at: 9_500 },
    };
    made.state.commits = [other];
    made.state.snapshot.commit = other;
    await deployed(made, other.sha, 9_900 + 50 * index);
    const incident = await made.settle();
    assert.equal(
      incident.status === "proposed" && incident.remedy.kind === "revert" && incident.remedy.sha,
      other.sha,
    );
    assert.equal(pullOf(made)?.state, "closed");
  },
}));

/** The diagnosis follows what becomes known. */
export const looks: Scene[] = [...thin, ...late, ...afterTheLast, unchanged, same, ...replaced];
