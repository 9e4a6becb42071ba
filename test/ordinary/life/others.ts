import assert from "node:assert/strict";
import { UpstreamError } from "../../../shared/errors.ts";
import { parseMatcher } from "../../../shared/policy/match.ts";
import { alert, approve, resolved, suspect } from "../../support/incident.ts";
import { burning, culprit, service, type World } from "../../support/world.ts";
import {
  asked,
  deployed,
  fixed,
  id,
  messageOf,
  pullOf,
  quiet,
  type Scene,
  sha,
  two,
  typesOf,
} from "./scene.ts";

const second = (made: World, one = two) =>
  made.process.handle(one, {
    ...{ type: "RecordAlerts", at: made.state.now, truncated: false },
    alerts: [{ ...burning, fingerprint: "f2", startsAt: 11_000 }],
  });

const shared: Scene[] = [two, `${id}/3`, "checkout/production"].map((other) => ({
  kind: "two troubles with one culprit have one pull request: the second waits for the first and is verified with it",
  sibling: other,
  given: { others: [service({ name: "checkout" })] },
  play: async (made) => {
    await asked(made);
    await second(made, other);
    const waiting = await made.settle(other);
    assert.equal(waiting.status === "referred" && waiting.referral.to, id);
    assert.equal(made.state.opened, 1);
    const first = await made.settle();
    assert.deepEqual("origins" in first && first.origins, [other]);
    await fixed(made);
    assert.equal((await quiet(made)).status, "closed");
    assert.equal((await made.settle(other)).status, "deployed");
    const over = await quiet(made, other);
    assert.equal(over.status === "closed" && over.outcome, "verified");
  },
}));

const rejected: Scene[] = (
  [
    ["other people answer for the second one", "checkout/production", ["UBEA"], "proposed"],
    ["the person who says no answers for both", "checkout/production", ["UANN", "UBEA"], "escalated"],
    ["the same people answer for both", "checkout/production", ["UANN"], "escalated"],
    ["both are troubles of one service", two, ["UBEA"], "escalated"],
  ] as const
).map(([sibling, other, approvers, status]) => ({
  kind: "a shared pull request that the people of the first incident reject is closed only when the second needs it no more",
  sibling,
  given: { others: [service({ name: "checkout", approvers: [...approvers], channel: "C2" })] },
  play: async (made) => {
    await asked(made);
    await second(made, other);
    await made.settle(other);
    assert.deepEqual((await made.settle()).status, "proposed");
    await made.reject("we roll forward");
    await made.settle();
    const after = await made.settle(other);
    assert.equal(after.status, status);
    assert.equal(pullOf(made)?.state, status === "proposed" ? "open" : "closed");
    assert.equal(made.state.opened, 1);
    if (after.status === "escalated") return assert.equal(after.reason, "elsewhere");
    assert.equal(after.status === "proposed" && after.message?.channel, "C2");
    await made.process.handle(other, {
      ...{ type: "Reject", at: made.state.now, round: 1, head: sha("d"), by: "UBEA", detail: "so do we" },
    });
    await made.settle(other);
    assert.equal(pullOf(made)?.state, "closed", "nobody needs it any more");
  },
}));

const told: Scene[] = ["update", "comment"].map((down) => ({
  kind: "a rejection that could not be told is told once when the next round opens",
  sibling: `${down} down`,
  play: async (made) => {
    await asked(made);
    made.state.failing[down] = new UpstreamError("slack", "down", { retryable: true });
    await made.handle({
      ...{ type: "Reject", at: 21_000, round: 1, head: sha("d"), by: "ann", detail: "we roll forward" },
    });
    await made.settle();
    made.state.now = 40_000;
    await made.alerts([
      resolved({ startsAt: 10_000, endsAt: 39_000 }),
      alert({ fingerprint: "f9", startsAt: 39_500 }),
    ]);
    delete made.state.failing[down];
    await made.settle();
    assert.equal(messageOf(made).buttons, undefined);
    assert.match(messageOf(made).headline, /rejected/);
    const comments = [...made.state.comments.keys()].filter((marker) => marker.endsWith("IncidentClosed"));
    assert.deepEqual(comments.length, 1);
    assert.equal((await typesOf(made)).filter((type) => type === "RoundTold").length, 1);
  },
}));

const uncompleted: Scene = {
  kind: "a pull request that was opened but not completed is on the incident that it belongs to",
  sibling: "a label that GitHub refuses",
  play: async (made) => {
    made.state.failing["openPull after it was applied"] = new UpstreamError("github", "403 labels", {
      retryable: false,
    });
    const incident = await asked(made).then(() => made.settle());
    assert.equal(incident.status === "escalated" && incident.pull?.number, 1);
  },
};

const elsewhere: Scene[] = ["fx", "rates", "ledger", "quotes"].map((other) => ({
  kind: "a change of another service is asked of its people, and the first incident is verified with it",
  sibling: other === "quotes" ? "once that is live again" : other,
  given: {
    configured: service({ dependsOn: [other] }),
    others: [
      service({
        ...{ name: other, repository: `acme/${other}`, channel: "CFX", approvers: ["UFX"] },
        match: [parseMatcher(`service="${other}"`)!],
      }),
    ],
  },
  play: async (made) => {
    const theirs = `${other}/production`;
    await made.alerts([burning]);
    const of = { service: other, repository: `acme/${other}`, approvers: ["UFX"] };
    await made.handle({
      ...{ type: "RecordDiagnosis", at: made.state.now, round: 1 },
      diagnosis: { suspects: [suspect({ of })], none: 0.1, onsetAt: 10, remedies: [] },
    });
    const waiting = await made.settle();
    assert.equal(waiting.status === "referred" && waiting.referral.to, theirs);
    const question = await made.settle(theirs);
    assert.deepEqual(question.status === "proposed" && question.origins, [id]);
    assert.equal(question.status === "proposed" && question.message?.channel, "CFX");
    const people = `the approvers of ${other}`;
    await made.process.handle(theirs, approve("UFX", { at: made.state.now, head: sha("d"), of: people }));
    await made.settle(theirs);
    made.state.now = 30_000;
    await deployed(made, sha("f"), 30_000, other);
    await made.settle(theirs);
    assert.equal((await quiet(made, theirs)).status, "closed");
    assert.equal((await made.settle()).status, "deployed");
    if (other === "quotes") await lostFor(made, theirs);
    const over = await quiet(made);
    assert.equal(over.status === "closed" && over.outcome, "verified");
  },
}));

/** The other service deploys the change without the fix, and then the fix again. */
const lostFor = async (made: World, theirs: string): Promise<void> => {
  const { contains } = made.work.history;
  made.work.history.contains = async (service, named) =>
    named.descendant === sha("7") ? named.ancestor === culprit.sha : contains(service, named);
  const service = theirs.split("/")[0] ?? "";
  made.state.now += 1000;
  await deployed(made, sha("7"), made.state.now, service);
  await made.settle(theirs);
  const doubted = await quiet(made);
  assert.equal(doubted.status === "deployed" && doubted.delay?.verdict, "fix_not_live");
  assert.match(
    "delay" in doubted ? (doubted.delay?.detail ?? "") : "",
    /^the fix of quotes\/production is not live any more: 7{12}, deployed at/,
  );
  await deployed(made, sha("f"), made.state.now, service);
  await made.settle(theirs);
};

const withoutEnvironment: Scene[] = [["staging"], ["live"], ["eu", "us"]].map((environments) => ({
  kind: "the people of another service are not asked where it does not have the environment",
  sibling: environments.join(", "),
  given: {
    configured: service({ dependsOn: ["ledger"] }),
    others: [service({ name: "ledger", repository: "acme/ledger", channel: "CFX", environments })],
  },
  play: async (made) => {
    await made.alerts([burning]);
    const of = { service: "ledger", repository: "acme/ledger", approvers: ["UFX"] };
    await made.handle({
      ...{ type: "RecordDiagnosis", at: made.state.now, round: 1 },
      diagnosis: { suspects: [suspect({ of })], none: 0.1, onsetAt: 10, remedies: [] },
    });
    const over = await made.settle();
    assert.equal(over.status === "escalated" && over.reason, "elsewhere");
    assert.match(
      "detail" in over ? over.detail : "",
      /ledger's, in acme\/ledger.* ledger has no environment production in the configuration, so they are not asked$/,
    );
    assert.deepEqual(await typesOf(made, "ledger/production"), []);
  },
}));

/** Several services and troubles with one cause, and what is told when something fails. */
export const others: Scene[] = [
  ...shared,
  ...rejected,
  ...told,
  uncompleted,
  ...elsewhere,
  ...withoutEnvironment,
];
