import assert from "node:assert/strict";
import { diagnosisOf } from "../../../shared/incident/diagnosis/review.ts";
import type { Deployer } from "../../../shared/policy/deployers.ts";
import { parseMatcher } from "../../../shared/policy/match.ts";
import type { Landed } from "../../../shared/ports/history.ts";
import { headline } from "../../../shared/text/timeline.ts";
import { doors } from "../../support/doors.ts";
import { alert } from "../../support/incident.ts";
import { service } from "../../support/world.ts";
import {
  again,
  asked,
  culprit,
  deployed,
  messageOf,
  minute,
  pullOf,
  quiet,
  type Scene,
  sha,
  unrelated,
} from "./scene.ts";

const revertOf = (commit: string, author: string): Landed => ({
  ...{ sha: sha("7"), parents: [sha("e")], author },
  message: `Revert "x"\n\nThis reverts commit ${commit}.`,
});

const reverted: Scene[] = ["Bea", "a bot", "Ann"].map((author) => ({
  kind: "a revert on the branch is waited for, verified and recorded as theirs",
  sibling: `by ${author}`,
  play: async (made) => {
    await asked(made);
    made.state.snapshot.since = { ...made.state.snapshot.since, commits: [revertOf(culprit.sha, author)] };
    const waiting = await made.settle();
    assert.equal(waiting.status === "merged" && waiting.fix?.by, author);
    assert.match(messageOf(made).headline, /already reverted by .*waiting for it to go live/);
    assert.equal(pullOf(made)?.state, "closed", "it is not doubled");
    made.state.now = 30_000;
    await deployed(made, sha("7"), 30_000);
    assert.equal((await made.settle()).status, "deployed");
    const over = await quiet(made);
    assert.deepEqual(over.status === "closed" && [over.outcome, over.by], ["recovered_by_people", author]);
  },
}));

const opened = { number: 9, url: "http://github.test/9", branch: "by-hand", own: true };
const pulls: Scene[] = (
  [
    ["with the title of GitHub's button, closed by them", `Revert "${culprit.title}"`, "", "closed"],
    [
      "that names the commit in its text, merged by them",
      "undo",
      `This reverts commit ${culprit.sha}.`,
      "merged",
    ],
    [
      "with an abbreviated id, merged by them",
      "back out",
      `reverts commit ${culprit.sha.slice(0, 10)}`,
      "merged",
    ],
  ] as const
).map(([sibling, title, body, end]) => ({
  kind: "an open pull request of a person that takes the change back is linked and followed",
  sibling,
  play: async (made) => {
    await asked(made);
    made.state.snapshot.pulls = [{ ...opened, title, body }];
    const waiting = await made.settle();
    assert.equal(waiting.status === "merged" && waiting.fix?.pull?.number, 9);
    assert.ok(messageOf(made).links.some(({ url }) => url === opened.url));
    made.state.snapshot.pulls = [];
    if (end === "closed") {
      const over = await made.settle();
      assert.equal(over.status === "escalated" && over.reason, "already_reverted");
      return;
    }
    made.state.snapshot.since = { ...made.state.snapshot.since, commits: [revertOf(culprit.sha, "Bea")] };
    assert.equal((await made.settle()).status, "merged");
    made.state.now = 30_000;
    await deployed(made, sha("7"), 30_000);
    await made.settle();
    const over = await quiet(made);
    assert.deepEqual(over.status === "closed" && [over.outcome, over.by], ["recovered_by_people", "Bea"]);
  },
}));

const rollbacks: Scene[] = [21_000, 40_000, 3 * minute].map((at) => ({
  kind: "a rollback by a deploy is told, watched and closed when quiet, and the revert stays open",
  sibling: `${at / 1000} s in`,
  play: async (made) => {
    made.work.history.contains = async (_, { ancestor, descendant }) =>
      ancestor === culprit.sha && descendant === sha("a");
    await deployed(made, sha("a"), 9_000);
    await asked(made);
    made.state.now = at;
    await deployed(made, sha("b"), at);
    const live = await made.settle();
    assert.equal(live.status === "deployed" && live.fix?.kind, "rollback");
    assert.match(messageOf(made).headline, /no longer live, rolled back by a deploy at/);
    const over = await quiet(made);
    assert.equal(over.status === "closed" && over.outcome, "recovered_by_people");
    assert.equal(pullOf(made)?.state, "open");
  },
}));

/** One deployed it again and then what was before; the other went on with the change and its revert. */
const takenAway: Scene[] = [
  { how: "until it is rolled back again", sha: sha("8"), reverted: false },
  { how: "until a revert is deployed", sha: sha("9"), reverted: true },
].map(({ how, sha: back, reverted }) => ({
  kind: "a rollback by people that a later deploy takes away is told, and recovers nothing until it is back",
  sibling: how,
  play: async (made) => {
    const running = new Set([sha("a"), sha("7"), ...(reverted ? [back] : [])]);
    made.work.history.contains = async (_, { ancestor, descendant }) =>
      ancestor === culprit.sha ? running.has(descendant) : reverted && descendant === back;
    await deployed(made, sha("a"), 9_000);
    await asked(made);
    made.state.now = 40_000;
    await deployed(made, sha("b"), 40_000);
    assert.equal((await made.settle()).status, "deployed");
    made.state.now = 42_000;
    await deployed(made, sha("7"), 42_000);
    assert.equal((await made.settle()).status, "merged");
    assert.equal((await quiet(made)).status, "merged");
    assert.match(
      [...made.state.replies.values()].join("\n"),
      /Not live: 7{12}, deployed at 00:00:42, runs c{12} again: what people did .* is not live any more/,
    );
    const doubted = await made.settle();
    assert.match(headline(doubted), /: the fix is not in what runs now, waiting for a deploy$/);
    if (reverted)
      made.state.snapshot.since = { ...made.state.snapshot.since, commits: [revertOf(culprit.sha, "Bea")] };
    await deployed(made, back, made.state.now);
    assert.equal((await made.settle()).status, "deployed");
    const over = await quiet(made);
    assert.equal(over.status === "closed" && over.outcome, "recovered_by_people");
  },
}));

const release: Deployer = { tool: "flux", name: "HelmRelease/payment/gateway" };
const application: Deployer = { tool: "argocd", name: "gateway" };
const goneBack = "Helm rollback to previous release payment/gateway.v11 with chart gateway@1.8.2 succeeded";

/** Flux rolls a release back that failed, and later Argo CD puts the state of Git back over what runs. */
const byTheCluster: Scene = {
  kind: "a cluster that goes back by itself while people are asked is told as that, and so is what it puts back",
  sibling: "a HelmRelease that Flux rolled back, then a self-heal of Argo CD",
  given: { configured: service({ deploys: [release, application] }) },
  play: async (made) => {
    made.work.history.contains = async (_, { ancestor, descendant }) =>
      ancestor === descendant || (ancestor === sha("b") && descendant === culprit.sha);
    const told = doors(made, {
      services: made.services,
      registry: {
        origin: async () => ({ revision: culprit.sha, source: "https://github.com/acme/payments" }),
      },
    });
    await deployed(made, sha("b"), 3_000);
    await deployed(made, culprit.sha, 9_000);
    await asked(made);
    made.state.now = 40_000;
    await told.deployed({
      involvedObject: { kind: "HelmRelease", namespace: "payment", name: "gateway" },
      ...{ severity: "info", reason: "RollbackSucceeded", message: goneBack },
      ...{ timestamp: "1970-01-01T00:00:40Z", metadata: { image: "ghcr.io/acme/gateway:1.8.3" } },
    });
    const live = await made.settle();
    assert.equal(live.status === "deployed" && live.fix?.kind, "rollback");
    assert.match(
      messageOf(made).headline,
      /c{12} is no longer live, the cluster itself went back at 00:00 \(“Helm rollback .* succeeded”\); Git still has it/,
    );
    assert.equal(pullOf(made)?.state, "open");
    made.state.now = 44_000;
    await told.deployed({
      ...{ schema: "argocd.v1", app: "gateway", source: { repoURL: "https://github.com/acme/payments" } },
      operationState: {
        ...{ phase: "Succeeded", finishedAt: "1970-01-01T00:00:43Z", syncResult: { revision: culprit.sha } },
        operation: { sync: { revision: culprit.sha, autoHealAttemptsCount: 1 } },
      },
      health: { status: "Healthy" },
    });
    assert.equal((await made.settle()).status, "merged");
    assert.match(
      [...made.state.replies.values()].join("\n"),
      /Not live: c{12}, deployed at 00:00:43, runs c{12} again: .* is not live any more \(“self-heal: Argo CD put the state of Git back”\)/,
    );
  },
};

const firstReport: Scene = {
  kind: "a rollback by a deploy is told, watched and closed when quiet, and the revert stays open",
  sibling: "it is the first deploy that was ever told",
  play: async (made) => {
    await asked(made);
    made.work.history.contains = async (_, { ancestor, descendant }) =>
      ancestor === sha("b") && descendant === culprit.sha;
    made.state.now = 40_000;
    await deployed(made, sha("b"), 40_000);
    const live = await made.settle();
    assert.equal(live.status === "deployed" && live.fix?.kind, "rollback");
  },
};

const flags: Scene[] = (
  [
    ["new-rates", "off → on", "on → off", 21_000],
    ["dark-mode", "0 % → 50 %", "50 % → 0 %", 25_000],
    ["eu-routing", "on → off", "off → on", 31_000],
  ] as const
).map(([flag, there, back, at]) => ({
  kind: "a suspected flag that people turned back is watched and recorded as theirs",
  sibling: `${flag}, ${back}`,
  given: { configured: service({ policy: again }) },
  play: async (made) => {
    made.state.commits = [unrelated];
    const flip = { service: "payment-gateway", environment: "production", flag };
    await made.store.recordFlip({ ...flip, change: there, at: 9_500 });
    const first = await asked(made);
    assert.equal(first.status === "opened" && first.thin?.diagnosis.flags?.[0]?.flag, flag);
    made.state.now = at;
    await made.store.recordFlip({ ...flip, change: back, at });
    const live = await made.settle();
    assert.equal(live.status === "deployed" && live.fix?.kind, "flag");
    const over = await quiet(made);
    assert.equal(over.status === "closed" && over.outcome, "recovered_by_people");
  },
}));

/** Words that name the state of the flag, and words that name none. */
const flippedAgain: Scene[] = (
  [
    ["by its states", ["off → on", "on → off", "off → on", "on → off"]],
    ["by the words of its tool", ["turned on", "turned off", "turned on", "turned off"]],
    [
      "by shares, to less than before",
      ["a strategy was changed (0 % → 50 %)", "50 % → 0 %", "0 % → 10 %", "10 % → 0 %"],
    ],
    ["by words without a state", ["rules changed", "rules changed", "rules changed", "rules changed"]],
  ] as const
).map(([sibling, [there, back, anew, once]]) => ({
  kind: "a flag that is flipped again before the verdict is told, and recovers nothing until it is turned back for the hold time",
  sibling,
  given: { configured: service({ policy: again }) },
  play: async (made) => {
    made.state.commits = [unrelated];
    const flip = { service: "payment-gateway", environment: "production", flag: "new-rates" };
    await made.store.recordFlip({ ...flip, change: there, at: 9_500 });
    await asked(made);
    made.state.now = 21_000;
    await made.store.recordFlip({ ...flip, change: back, at: 21_000 });
    const fixed = await made.settle();
    assert.equal(fixed.status, "deployed");
    const [suspect] = diagnosisOf(fixed)?.flags ?? [];
    assert.ok(suspect?.reason.includes(`(${there})`), "a change that answers the alert is no suspect");
    await made.store.recordFlip({ ...flip, change: anew, at: 24_000 });
    const doubted = await quiet(made);
    assert.equal(doubted.status === "deployed" && doubted.delay?.verdict, "fix_not_live");
    const told = `flag new-rates was changed again at 00:00 (${anew}): what people did (flag new-rates was changed at 00:00 (${back})) is not live any more`;
    assert.equal(doubted.status === "deployed" && doubted.delay?.detail, told);
    assert.ok([...made.state.replies.values()].some((reply) => reply.includes(told)));
    assert.equal((await quiet(made)).status, "deployed");
    await made.store.recordFlip({ ...flip, change: once, at: made.state.now });
    assert.equal((await made.settle()).status, "deployed", "it must be quiet with the flag turned back");
    const over = await quiet(made);
    assert.equal(over.status === "closed" && over.outcome, "recovered_by_people");
  },
}));

const flippedTwice: Scene = {
  kind: "a flag that is flipped again before the verdict is told, and recovers nothing until it is turned back for the hold time",
  sibling: "before anybody looked: that is no fix",
  given: { configured: service({ policy: again }) },
  play: async (made) => {
    made.state.commits = [unrelated];
    const flip = { service: "payment-gateway", environment: "production", flag: "new-rates" };
    await made.store.recordFlip({ ...flip, change: "off → on", at: 9_500 });
    await asked(made);
    made.state.now = 23_000;
    await made.store.recordFlip({ ...flip, change: "on → off", at: 21_000 });
    await made.store.recordFlip({ ...flip, change: "off → on", at: 22_000 });
    assert.equal((await made.settle()).status, "opened");
  },
};

const target = "HorizontalPodAutoscaler/shop/api";
const maxed = alert({ name: "KubeHpaMaxedOut", startsAt: 10_000, labels: { alertname: "KubeHpaMaxedOut" } });
const hpa = `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: api, namespace: shop}
spec:
  scaleTargetRef: {kind: Deployment, name: api}
  minReplicas: 3
  maxReplicas: 50
`;
const rule = {
  match: [parseMatcher('alertname="KubeHpaMaxedOut"')!],
  ...{ target, field: "max" as const, ceiling: 80, forMs: 60 * minute, load: "asked_for" },
};
const scaled: Scene[] = (
  [
    ["to what would be proposed, at once", 75, 21_000],
    ["beyond it, a minute later", 80, 80_000],
    ["far beyond it, minutes later", 200, 5 * minute],
  ] as const
).map(([sibling, to, at]) => ({
  kind: "a limit that people raised by hand is watched and recorded as theirs",
  sibling,
  given: { configured: service({ scaling: [rule] }) },
  play: async (made) => {
    made.state.texts.set("k8s/hpa.yaml", hpa);
    made.state.values = new Map([
      ["status_desired_replicas", 50],
      ["spec_max_replicas", 50],
      ["asked_for", 1.5],
      ["replicas_ready", 1],
    ]);
    const first = await asked(made, [maxed]);
    assert.equal(first.status === "proposed" && first.remedy.kind, "scale");
    made.state.now = at;
    assert.equal((await made.settle()).status, "proposed", "nothing was raised yet");
    made.state.values.set("spec_max_replicas", to);
    const live = await made.settle();
    assert.equal(live.status === "deployed" && live.fix?.kind, "scale");
    assert.match(messageOf(made).headline, new RegExp(`${target} was raised to ${to} by hand, checking`));
    made.state.values.set("spec_max_replicas", 50);
    const doubted = await quiet(made);
    assert.equal(doubted.status === "deployed" && doubted.delay?.verdict, "fix_not_live");
    made.state.values.set("spec_max_replicas", to);
    const over = await quiet(made);
    assert.equal(over.status === "closed" && over.outcome, "recovered_by_people");
    assert.equal(pullOf(made)?.state, "closed", "it is not doubled");
  },
}));

/** People who were faster: their fix counts, and is not doubled. */
export const people: Scene[] = [
  ...reverted,
  ...pulls,
  ...rollbacks,
  ...takenAway,
  byTheCluster,
  firstReport,
  ...flags,
  ...flippedAgain,
  flippedTwice,
  ...scaled,
];
