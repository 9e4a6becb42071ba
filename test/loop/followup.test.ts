import assert from "node:assert/strict";
import { test } from "node:test";
import { UpstreamError } from "../../shared/errors.ts";
import type { Event } from "../../shared/incident/events.ts";
import type { Revert } from "../../shared/incident/model.ts";
import type { Commit } from "../../shared/ports/history.ts";
import { unchained } from "../support/facts.ts";
import { id, sha } from "../support/incident.ts";
import { burning, policy, service, world } from "../support/world.ts";

const gitops = { repository: "acme/env", branch: "main", paths: [] };
const behind = { sha: sha("b"), title: "round to minor units" };
const rollback: Revert = {
  ...{ kind: "revert", in: "gitops", sha: sha("c"), title: "build: automatic update of gateway", score: 0.9 },
  behind,
};
const remedy: Revert = { kind: "revert", sha: behind.sha, title: behind.title, score: 0.9 };

/** An incident whose rollback is approved and merged; nothing was announced since. */
const merged = async (first: Revert = rollback) => {
  const made = world({ configured: service({ gitops: [gitops] }) });
  await made.alerts([burning]);
  const diagnosis = { suspects: [], none: 0.1, onsetAt: 10_000, remedies: [first] };
  await made.handle({ type: "RecordDiagnosis", at: made.state.now, round: 1, diagnosis });
  await made.settle();
  await made.approve();
  return made;
};
const log = async (made: ReturnType<typeof world>, ...types: Event["type"][]) =>
  unchained(await made.store.log(id)).filter(({ type }) => types.includes(type));

test("a merged rollback is followed by the revert of the commit behind it, once, for its reviewers", async () => {
  const made = await merged();
  await made.settle();
  const pull = made.state.pulls.get("countersteer/revert-bbbbbbbbbbbb")!;
  assert.equal(pull.state, "open");
  assert.deepEqual(await log(made, "FollowUpOpened", "FollowUpRefused"), [
    { type: "FollowUpOpened", at: made.state.now, remedy, pull: pull.pull },
  ]);
  const incident = await made.settle();
  assert.deepEqual("followUp" in incident && incident.followUp, { remedy, pull: pull.pull });
  assert.equal(made.state.opened, 2);
  assert.equal(made.state.checks.filter((check) => check === "9 success").length > 0, true);
  assert.deepEqual([...made.state.comments.keys()].filter((marker) => marker.includes("FollowUp")).length, 1);
});

test("it holds up neither the watch nor the verification, whenever it is opened", async () => {
  const made = await merged();
  made.state.failing.openPull = new UpstreamError("github", "open the pull request: 502", {
    retryable: true,
  });
  await made.settle();
  await made.deploy();
  assert.equal((await made.settle()).status, "deployed");
  made.state.now += 60_000;
  assert.equal((await made.settle()).status, "closed");
  assert.deepEqual(await log(made, "FollowUpOpened", "FollowUpRefused"), []);
  made.state.failing = {};
  const incident = await made.settle();
  assert.deepEqual([incident.status, (await log(made, "FollowUpOpened")).length], ["closed", 1]);
});

test("what will never come off is told, and not tried again", async () => {
  const made = await merged();
  made.state.failing.openPull = new UpstreamError("github", "open the pull request: 403", {
    retryable: false,
  });
  await made.settle();
  made.state.failing = {};
  await made.settle();
  assert.deepEqual(await log(made, "FollowUpOpened", "FollowUpRefused"), [
    {
      ...{ type: "FollowUpRefused", at: made.state.now, remedy },
      ...{ detail: "open the pull request: 403", page: true },
    },
  ]);
  const [paged] = await log(made, "PageRequested");
  assert.match(
    paged?.type === "PageRequested" ? paged.detail : "",
    /could not be opened \(open the pull request: 403\)$/,
  );
  assert.equal(made.state.opened, 1);
});

test("a commit that was taken back before is left alone", async () => {
  const made = await merged();
  const branch = "countersteer/revert-bbbbbbbbbbbb";
  const pull = { number: 9, url: "u", branch, head: sha("8"), base: "main", baseSha: sha("e"), diff: "d" };
  made.state.pulls.set(branch, { pull, state: "merged", paths: [] });
  await made.settle();
  assert.deepEqual(await log(made, "FollowUpRefused"), [
    {
      type: "FollowUpRefused",
      at: made.state.now,
      remedy,
      detail:
        "pull request #9 has taken this change back already, and no report tells what is deployed: deploy main, unless it runs",
    },
  ]);
});

test("nothing follows a rollback that was not merged, or that has no commit behind it", async () => {
  const rejected = world({ configured: service({ gitops: [gitops] }) });
  await rejected.alerts([burning]);
  const diagnosis = { suspects: [], none: 0.1, onsetAt: 10_000, remedies: [rollback] };
  await rejected.handle({ type: "RecordDiagnosis", at: rejected.state.now, round: 1, diagnosis });
  await rejected.settle();
  await rejected.reject("no");
  await rejected.settle();
  assert.equal(rejected.state.opened, 1);
});

/** A merged rollback whose deployer reports the application's commits, which the GitOps repository does not have. `5` holds the culprit. */
const mergedForApplication = async () => {
  const made = await merged();
  await made.settle();
  const { contains } = made.work.history;
  made.work.history.contains = async (place, { ancestor, descendant }) => {
    const isOwn = [sha("f"), "main"].includes(descendant);
    if (place.repository === gitops.repository && !isOwn)
      throw new UpstreamError("github", "compare: 404", { retryable: false, status: 404 });
    if (ancestor === behind.sha) return descendant === sha("5");
    return contains(place, { ancestor, descendant });
  };
  const deploy = async (letter: string) => {
    made.state.now += 1000;
    await made.deploy(sha(letter));
    return made.settle();
  };
  return { made, deploy };
};

test("a deployer that reports the application's commits shows the rollback live once what it took back is not, and gone once it runs again", async () => {
  const { made, deploy } = await mergedForApplication();
  assert.equal((await deploy("5")).status, "merged");
  assert.equal((await deploy("4")).status, "deployed");
  const again = await deploy("5");
  assert.match(
    again.status === "merged" ? (again.notLive?.detail ?? "") : again.status,
    /^555555555555, deployed at \S+, does not hold pull request #\d+; the change that it takes back runs again: deploy main$/,
  );
  assert.equal((await deploy("4")).status, "deployed");
  made.state.now += 60_000;
  assert.equal((await made.settle()).status, "closed");
  // Also after the verdict, when the culprit comes back by the application's own deploy.
  const kept = await deploy("5");
  assert.match(
    "notLive" in kept ? (kept.notLive?.detail ?? "") : kept.status,
    /; the change that it takes back runs again: deploy main$/,
  );
});

/** Open promotions of Jenkins X: their number, version, and the environment whose file they change. */
const promotions: [number, string, string][] = [
  [14, "0.0.44", "staging"],
  [15, "0.0.44", "production"],
  [16, "0.0.45", "production"],
  [17, "0.0.42", "production"],
  [18, "0.0.99", "production"],
];
const openPull = ([number, version]: (typeof promotions)[number]) => ({
  ...{ number, url: `http://github.test/${number}`, title: `chore: promote gateway to version ${version}` },
  ...{ body: "", branch: `promote-${number}`, own: true },
});

/** A merged rollback of a promotion. `v0.0.44` holds the culprit, `v0.0.45` also its revert, `v0.0.42` neither, and `0.0.99` has no tag. */
const promoted = async () => {
  const made = await merged({ ...rollback, title: "chore: promote gateway to version 0.0.43" });
  const { history } = made.work;
  const nothing = async () => undefined;
  const open = { now: [] as typeof promotions };
  made.work.changes = {
    ...{ compare: nothing, ancestors: nothing, touching: async () => new Set(), branchesAt: async () => [] },
    ...{ withFiles: async (_, change) => change, mergedPulls: async () => [] },
    openPulls: async ({ repository }) => (repository === gitops.repository ? open.now.map(openPull) : []),
  };
  const tags: Record<string, string> = { "tags/v0.0.44": "4", "tags/v0.0.45": "5", "tags/v0.0.42": "2" };
  history.find = async (_, name) => (tags[name] ? ({ sha: sha(tags[name]) } as Commit) : undefined);
  history.changedPaths = async (_, { to }) => {
    const [, , environment = "production"] = promotions.find(([number]) => to === `promote-${number}`) ?? [];
    return [`helmfiles/jx-${environment}/helmfile.yaml`];
  };
  const { contains } = history;
  history.contains = async (place, of) =>
    of.ancestor === behind.sha ? ["4", "5"].map(sha).includes(of.descendant) : contains(place, of);
  history.undone = async (_, { by }) => (by === sha("5") ? { paths: ["src/a.js"] } : undefined);
  return { made, open };
};

test("a promotion of Jenkins X that would bring the culprit back is warned about on its pull request, once, also after the verdict", async () => {
  const { made, open } = await promoted();
  await made.settle();
  open.now = promotions.slice(0, 4);
  await made.settle();
  await made.settle();
  const told = await log(made, "ReturnProposed");
  assert.deepEqual(
    told.map((event) => event.type === "ReturnProposed" && [event.number, event.detail]),
    [
      [
        15,
        "pull request #15 “chore: promote gateway to version 0.0.44” would bring the culprit back: 0.0.44 holds bbbbbbbbbbbb “round to minor units”. Hold it: the comment /hold sets its label do-not-merge/hold",
      ],
    ],
  );
  const warned = () => [...made.state.comments.keys()].filter((marker) => marker.includes(":returned:"));
  assert.deepEqual(warned(), [`${id}#1:returned:#15`]);
  await made.deploy();
  assert.equal((await made.settle()).status, "deployed");
  made.state.now += 60_000;
  assert.equal((await made.settle()).status, "closed");
  open.now = promotions.slice(4);
  await made.settle();
  assert.deepEqual(warned(), [`${id}#1:returned:#15`, `${id}#1:returned:#18`]);
  const [, unknown] = await log(made, "ReturnProposed");
  assert.match(
    unknown?.type === "ReturnProposed" ? unknown.detail : "",
    /: 0\.0\.43 was put back, and nothing tells whether 0\.0\.99 holds a fix\. Hold it/,
  );
});

test("a rollback that does not help is put back in its own repository, its follow-up is closed, and it is live once the application's commit runs again", async () => {
  const others = [{ repository: "acme/other", branch: "main", paths: [] }, gitops];
  const verifyMs = 10 * 60_000;
  const made = world({
    configured: service({ gitops: others, policy: { ...policy, minConfidence: 0, verifyMs } }),
  });
  await made.alerts([burning]);
  const first = { ...rollback, repository: gitops.repository };
  const diagnosis = { suspects: [], none: 0.1, onsetAt: 10_000, remedies: [first] };
  await made.handle({ type: "RecordDiagnosis", at: made.state.now, round: 1, diagnosis });
  await made.settle();
  await made.approve();
  await made.settle();
  const followed = () => made.state.pulls.get("countersteer/revert-bbbbbbbbbbbb")?.state;
  assert.equal(followed(), "open");
  const { contains } = made.work.history;
  made.work.history.contains = async (place, { ancestor, descendant }) => {
    if (place.repository !== gitops.repository) return ancestor === behind.sha && descendant === sha("5");
    const isOwn = [sha("f"), "main"].includes(descendant);
    if (!isOwn) throw new UpstreamError("github", "compare: 404", { retryable: false, status: 404 });
    return contains(place, { ancestor, descendant });
  };
  made.state.now += 1000;
  await made.deploy(sha("4"));
  assert.equal((await made.settle()).status, "deployed");
  made.state.reading = { result: "firing", at: made.state.now };
  made.state.now += verifyMs / 2 + 1000;
  const asked = await made.settle();
  const back = "remedy" in asked ? asked.remedy : undefined;
  assert.deepEqual(
    [asked.status, back?.kind, back?.in, back?.repository],
    ["proposed", "withdraw", "gitops", gitops.repository],
  );
  assert.equal(followed(), "closed");
  await made.approve("UANN", "pull" in asked && asked.pull !== undefined ? asked.pull.head : "");
  await made.settle();
  made.state.now += 1000;
  await made.deploy(sha("4"));
  assert.equal((await made.settle()).status, "merged");
  made.state.now += 1000;
  await made.deploy(sha("5"));
  const types = (await log(made, "RemedyDeployed")).length;
  await made.settle();
  assert.equal((await log(made, "RemedyDeployed")).length, types + 1);
});
