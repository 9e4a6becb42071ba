import assert from "node:assert/strict";
import { test } from "node:test";
import { UpstreamError } from "../../shared/errors.ts";
import type { Landed } from "../../shared/ports/history.ts";
import { doors, webhook } from "../support/doors.ts";
import { alert, id, resolved, sha, suspect } from "../support/incident.ts";
import { burning, culprit, policy, service, type World, world } from "../support/world.ts";

const minute = 60_000;
const again = { ...policy, minConfidence: 0.5, lookAgainMs: [2 * minute, 5 * minute, 10 * minute] };
/** A commit that shares no word with the alert and landed hours before: nothing is likely. */
const unrelated = {
  ...culprit,
  title: "tidy the docs",
  message: "tidy the docs",
  paths: ["docs/a.md"],
  patch: "+a",
};

const asked = async (made: World = world()): Promise<World> => {
  await made.alerts([burning]);
  await made.settle();
  return made;
};
const deployed = (made: World, commit: string, at: number) =>
  made.store.recordDeploy({
    ...{ service: "payment-gateway", environment: "production", sha: commit },
    ...{ status: "succeeded" as const, at },
  });
const types = async (made: World, one = id) => (await made.store.log(one)).map(({ type }) => type);

for (const [told, ages] of [
  ["three looks", [2, 5, 10]],
  ["one look", [3]],
  ["two looks", [1, 30]],
] as const)
  test(`a thin first look says when it looks again, and the last look escalates: ${told}`, async () => {
    const lookAgainMs = ages.map((age) => age * minute);
    const made = world({ configured: service({ policy: { ...again, lookAgainMs, stepMs: 60 * minute } }) });
    made.state.commits = [unrelated];
    const first = await asked(made).then(() => made.settle());
    assert.equal(first.status, "opened");
    const [message] = [...made.state.messages.values()];
    const at = new Date(20_000 + ages[0] * minute).toISOString().slice(11, 16);
    assert.match(message!.headline, new RegExp(`looking again at ${at}`));
    for (const age of ages) {
      assert.equal((await made.settle()).status, "opened");
      made.state.now = 20_000 + age * minute;
    }
    const last = await made.settle();
    assert.equal(last.status === "escalated" && last.reason, "low_confidence");
    assert.equal((await types(made)).filter((type) => type === "LookPostponed").length, ages.length);
  });

for (const late of [1_000, 30_000, 90_000])
  test(`a deploy told ${late / 1000} s after the alert is diagnosed again and proposed`, async () => {
    const made = world({ configured: service({ policy: again }) });
    made.state.commits = [unrelated];
    await asked(made);
    assert.equal((await made.settle()).status, "opened");
    made.state.now += late;
    made.state.commits = [culprit];
    await deployed(made, culprit.sha, 9_000);
    const incident = await made.settle();
    assert.equal(incident.status, "proposed");
    assert.deepEqual((await types(made)).slice(0, 4), [
      "IncidentOpened",
      "LookPostponed",
      "MessagePosted",
      "IncidentDiagnosed",
    ]);
  });

test("nothing new, nothing told: a look before its time changes nothing", async () => {
  const made = await asked();
  const before = await types(made);
  made.state.now += 30_000;
  await made.settle();
  assert.deepEqual(await types(made), before);
});

test("a new deploy while people are asked is diagnosed again, and the same suspect keeps its pull request", async () => {
  const made = await asked();
  await deployed(made, culprit.sha, 9_000);
  const incident = await made.settle();
  assert.equal(incident.status === "proposed" && incident.pull.number, 1);
  assert.equal((await types(made)).includes("DiagnosisRevised"), true);
  assert.equal(made.state.opened, 1);
});

test("when another change is the first suspect now, its pull request takes the place of the first one", async () => {
  const made = await asked();
  const other = { ...culprit, sha: sha("9"), title: "payments: fail on minor units", at: 9_500 };
  made.state.commits = [other];
  made.state.snapshot.commit = other;
  await deployed(made, other.sha, 9_900);
  const incident = await made.settle();
  assert.equal(
    incident.status === "proposed" && incident.remedy.kind === "revert" && incident.remedy.sha,
    other.sha,
  );
  assert.equal([...made.state.pulls.values()][0]?.state, "closed");
});

const revertOf = (commit: string, author: string): Landed => ({
  ...{ sha: sha("7"), parents: [sha("e")], author },
  message: `Revert "x"\n\nThis reverts commit ${commit}.`,
});

for (const author of ["Bea", "a bot", "Ann"])
  test(`a revert of ${author} on the branch is waited for, verified and recorded as theirs`, async () => {
    const made = await asked();
    made.state.snapshot.since = { ...made.state.snapshot.since, commits: [revertOf(culprit.sha, author)] };
    const waiting = await made.settle();
    assert.equal(waiting.status === "merged" && waiting.fix?.by, author);
    assert.match(
      [...made.state.messages.values()][0]!.headline,
      /already reverted by .*waiting for it to go live/,
    );
    assert.equal([...made.state.pulls.values()][0]?.state, "closed", "it is not doubled");
    made.state.now = 30_000;
    await deployed(made, sha("7"), 30_000);
    assert.equal((await made.settle()).status, "deployed");
    made.state.now = 40_000;
    const over = await made.settle();
    assert.deepEqual(over.status === "closed" && [over.outcome, over.by], ["recovered_by_people", author]);
  });

test("an open pull request of a person that takes the change back is followed until it is closed", async () => {
  const made = await asked();
  const pull = { number: 9, url: "http://github.test/9", title: `Revert "${culprit.title}"`, body: "" };
  made.state.snapshot.pulls = [{ ...pull, branch: "by-hand", own: true }];
  const waiting = await made.settle();
  assert.equal(waiting.status === "merged" && waiting.fix?.pull?.number, 9);
  made.state.snapshot.pulls = [];
  const over = await made.settle();
  assert.equal(over.status === "escalated" && over.reason, "already_reverted");
});

for (const at of [21_000, 40_000, 3 * minute])
  test(`a rollback by a deploy ${at} ms in is told, watched and closed when quiet, and the revert stays open`, async () => {
    const made = world();
    const held = made.work.history;
    held.contains = async (_, { ancestor, descendant }) =>
      ancestor === culprit.sha && descendant === sha("a");
    await deployed(made, sha("a"), 9_000);
    await asked(made);
    made.state.now = at;
    await deployed(made, sha("b"), at);
    const live = await made.settle();
    assert.equal(live.status === "deployed" && live.fix?.kind, "rollback");
    assert.match(
      [...made.state.messages.values()][0]!.headline,
      /no longer live: rolled back by a deploy at/,
    );
    made.state.now = at + 10_000;
    const over = await made.settle();
    assert.equal(over.status === "closed" && over.outcome, "recovered_by_people");
    assert.equal([...made.state.pulls.values()][0]?.state, "open");
  });

const firing = (name: string, fingerprint: string, startsAt: number) => ({
  ...{ fingerprint, startsAt: new Date(startsAt).toISOString() },
  labels: { alertname: name, environment: "production" },
});
const incidents = async (response: Response) =>
  ((await response.json()) as { receipts: { outcome: string; incident: string }[] }).receipts.map(
    ({ outcome, incident }) => `${outcome} ${incident}`,
  );

for (const [name, between, expected] of [
  [
    "another alert after another deploy is a trouble of its own",
    15_000,
    "opened payment-gateway/production/2",
  ],
  ["another alert with nothing deployed in between joins", 5_000, `joined ${id}`],
] as const)
  test(`while the first waits for an answer, ${name}`, async () => {
    const made = world();
    const at = doors(made);
    await at.notify(webhook([firing("PaymentErrorsHigh", "f1", 10_000)]));
    await made.settle();
    await deployed(made, sha("b"), between);
    made.state.now = 30_000;
    const answer = await at.notify(webhook([firing("QueueFull", "f2", 20_000)]));
    assert.deepEqual(await incidents(answer), [expected]);
  });

test("at most four troubles are open side by side; the fifth joins the first, and the timeline says so", async () => {
  const made = world();
  const at = doors(made);
  const got: string[] = [];
  for (let trouble = 1; trouble <= 5; trouble++) {
    made.state.now = trouble * 20_000;
    await deployed(made, sha(String(trouble)), made.state.now - 5_000);
    got.push(
      ...(await incidents(
        await at.notify(webhook([firing(`Alert${trouble}`, `f${trouble}`, made.state.now - 1_000)])),
      )),
    );
  }
  assert.deepEqual(got, [
    `opened ${id}`,
    `opened ${id}/2`,
    `opened ${id}/3`,
    `opened ${id}/4`,
    `joined ${id}`,
  ]);
  const joined = (await made.store.log(id)).findLast(({ type }) => type === "AlertsJoined");
  assert.equal(joined?.type === "AlertsJoined" && joined.full, true);
});

test("an alert that begins after a fix went live is a trouble of its own, and the first one is verified", async () => {
  const made = await asked();
  const at = doors(made);
  await made.approve();
  await made.settle();
  made.state.now = 30_000;
  await made.deploy();
  await made.settle();
  made.state.now = 34_000;
  const answer = await at.notify(webhook([firing("QueueFull", "f2", 33_000)]));
  assert.deepEqual(await incidents(answer), [`opened ${id}/2`]);
  made.state.now = 40_000;
  const over = await made.settle();
  assert.equal(over.status === "closed" && over.outcome, "verified");
});

test("two troubles with one culprit have one pull request: the second waits for the first and is verified with it", async () => {
  const made = await asked();
  const two = `${id}/2`;
  await made.process.handle(two, {
    ...{ type: "RecordAlerts", at: made.state.now, truncated: false },
    alerts: [{ ...burning, fingerprint: "f2", startsAt: 11_000 }],
  });
  const waiting = await made.settle(two);
  assert.equal(waiting.status === "referred" && waiting.referral.to, id);
  assert.equal(made.state.opened, 1);
  const first = await made.settle();
  assert.deepEqual("origins" in first && first.origins, [two]);
  await made.approve();
  await made.settle();
  made.state.now = 30_000;
  await made.deploy();
  await made.settle();
  made.state.now = 40_000;
  assert.equal((await made.settle()).status, "closed");
  assert.equal((await made.settle(two)).status, "deployed");
  made.state.now = 50_000;
  const over = await made.settle(two);
  assert.equal(over.status === "closed" && over.outcome, "verified");
});

for (const down of ["update", "comment"])
  test(`a rejection that could not be told (${down} down) is told once when the next round opens`, async () => {
    const made = await asked();
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
    const [first] = [...made.state.messages.values()];
    assert.equal(first?.buttons, undefined);
    assert.match(first!.headline, /rejected/);
    const told = [...made.state.comments.keys()].filter((marker) => marker.endsWith("IncidentClosed"));
    assert.deepEqual(told.length, 1);
    assert.equal((await types(made)).filter((type) => type === "RoundTold").length, 1);
  });

test("a pull request that was opened but not completed is on the incident that it belongs to", async () => {
  const made = world();
  made.state.failing["openPull after it was applied"] = new UpstreamError("github", "403 labels", {
    retryable: false,
  });
  const incident = await asked(made).then(() => made.settle());
  assert.equal(incident.status === "escalated" && incident.pull?.number, 1);
});

for (const other of ["fx", "rates", "ledger"])
  test(`a change of ${other} is asked of its people: an incident of theirs opens, and this one is verified with it`, async () => {
    const made = world();
    const theirs = `${other}/production`;
    await made.alerts([burning]);
    const of = { service: other, repository: `acme/${other}`, approvers: ["UFX"] };
    await made.handle({
      ...{ type: "RecordDiagnosis", at: made.state.now, round: 1 },
      diagnosis: { suspects: [suspect({ of })], none: 0.1, onsetAt: 10, remedies: [] },
    });
    const waiting = await made.settle();
    assert.equal(waiting.status === "referred" && waiting.referral.to, theirs);
    const asked = await made.settle(theirs);
    assert.deepEqual(asked.status === "proposed" && asked.origins, [id]);
    await made.process.handle(theirs, {
      ...{ type: "Approve", at: made.state.now, round: 1, head: sha("d"), by: "UFX" },
    });
    await made.settle(theirs);
    made.state.now = 30_000;
    await made.store.recordDeploy({
      ...{ service: other, environment: "production", sha: sha("f") },
      ...{ status: "succeeded", at: 30_000 },
    });
    await made.settle(theirs);
    made.state.now = 40_000;
    assert.equal((await made.settle(theirs)).status, "closed");
    assert.equal((await made.settle()).status, "deployed");
    made.state.now = 50_000;
    const over = await made.settle();
    assert.equal(over.status === "closed" && over.outcome, "verified");
  });

for (const [flag, score] of [
  ["new-rates", 0.8],
  ["dark-mode", 0.6],
  ["eu-routing", 0.95],
] as const)
  test(`the suspected flag ${flag} that people turned back is watched and recorded as theirs`, async () => {
    const made = await asked();
    const incident = (await made.store.load(id)).incident;
    assert.ok(incident.status === "proposed");
    const flags = [{ flag, score: 1, reason: `the flag ${flag} was changed (${score})` }];
    made.work.store.changes = async () => ({
      deploys: [],
      flips: [
        { service: "payment-gateway", environment: "production", flag, change: "on → off", at: 21_000 },
      ],
    });
    await made.handle({
      ...{ type: "RecordDiagnosis", at: made.state.now, round: 1, basis: "flag" },
      diagnosis: { ...incident.diagnosis, flags },
    });
    made.state.now = 22_000;
    const live = await made.settle();
    assert.equal(live.status === "deployed" && live.fix?.kind, "flag");
    made.state.now = 30_000;
    const over = await made.settle();
    assert.equal(over.status === "closed" && over.outcome, "recovered_by_people");
  });
