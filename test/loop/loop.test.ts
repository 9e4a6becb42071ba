import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { UpstreamError } from "../../shared/errors.ts";
import { alert, id, resolved, revertOf, sha, suspect } from "../support/incident.ts";
import { burning, policy, service, type World, world } from "../support/world.ts";

const down = (system: "github" | "slack") =>
  new UpstreamError(system, `${system} is down`, { retryable: true });

/** An incident whose question is in Slack. */
const asked = async (made: World = world()): Promise<World> => {
  await made.alerts([burning]);
  await made.settle();
  return made;
};
const approved = async (): Promise<World> => {
  const made = await asked();
  await made.approve();
  await made.settle();
  return made;
};
const live = async (): Promise<World> => {
  const made = await approved();
  made.state.now = 30_000;
  await made.deploy();
  await made.settle();
  return made;
};

test("an alert becomes a diagnosis, a pull request and one question", async () => {
  const { state, store } = await asked();
  const { incident } = await store.load(id);
  assert.equal(incident.status === "proposed" && incident.asked, true);
  assert.equal(state.opened, 1);
  assert.equal(state.posted, 1);
  const [question] = [...state.messages.values()];
  const { approve, reject, ruleOut, snooze, look, ...named } = question?.buttons ?? {};
  assert.deepEqual(
    [ruleOut?.text, snooze?.text, look?.text],
    ["Not this one", "Snooze 15 min", "Look again"],
  );
  assert.deepEqual(named, { incident: id, round: 1, head: sha("d"), nonce: "nonce", others: [] });
  assert.match(approve?.text ?? "", /^Approve · \d\d %$/);
  assert.equal(reject?.text, "Reject");
});

test("the approved head is checked green, merged, watched, verified and told, each once", async () => {
  const made = await live();
  made.state.now = 40_000;
  const incident = await made.settle();
  assert.equal(incident.status === "closed" && incident.outcome, "verified");
  assert.equal(made.state.merges, 1);
  assert.deepEqual([...new Set(made.state.checks)], ["d success"]);
  const told = [...made.state.comments.keys()].map((marker) => marker.split(":").at(-1));
  assert.deepEqual(told, [
    "ApprovalRequested",
    "RemedyApproved",
    "RemedyMerged",
    "RemedyDeployed",
    "IncidentClosed",
  ]);
  assert.equal(made.state.commented, 5);
  assert.equal([...made.state.messages.values()][0]?.buttons, undefined);
});

test("before the hold time has passed nothing is verified", async () => {
  const made = await live();
  made.state.now = 34_999;
  assert.equal((await made.settle()).status, "deployed");
  made.state.now = 35_000;
  assert.equal((await made.settle()).status, "closed");
});

test("an expression that was quiet for only part of the hold time is not recovery", async () => {
  const made = await live();
  made.state.now = 40_000;
  made.state.reading = { result: "quiet", since: 38_000 };
  assert.equal((await made.settle()).status, "deployed");
  made.state.now = 43_000;
  assert.equal((await made.settle()).status, "closed");
});

test("no data is not recovery: it is said, asked again, and in the end a person is called", async () => {
  const made = await live();
  made.state.now = 40_000;
  made.state.reading = { result: "unknown", detail: "no data" };
  const waiting = await made.settle();
  assert.equal(
    waiting.status === "deployed" && waiting.delay?.detail,
    "PaymentErrorsHigh could not be read (no data)",
  );
  await made.handle({ type: "Expire", at: 700_000 });
  const ended = await made.settle();
  assert.equal(ended.status === "escalated" && ended.reason, "not_recovered");
  const [state] = [...made.state.messages.values()][0]!.lines;
  assert.equal(state?.label, "Why a person is needed");
  assert.match(state.text, /PaymentErrorsHigh could not be read \(no data\)/);
});

test("Prometheus that cannot be asked is a fact with its code, listed so often and then only once it says something else", async () => {
  const made = await live();
  made.state.now = 40_000;
  const failures = async () =>
    (await made.store.log(id)).filter(
      (event) => event.type === "StepDelayed" && event.failed === "prometheus",
    );
  for (let turn = 0; turn < 30; turn++) {
    const detail = `query ${turn} took too long`;
    made.state.reading = { result: "unknown", detail, failed: "prometheus" };
    await made.settle();
    made.state.now += 1000;
  }
  assert.equal((await failures()).length, 20);
  made.state.reading = { result: "firing", at: made.state.now };
  const incident = await made.settle();
  assert.equal(incident.status === "deployed" && incident.delay?.detail, readable);
});

const readable = "PaymentErrorsHigh 1 → 1, threshold 0, as before";

test("once it can be read again, what was inconclusive is not said any more", async () => {
  const made = await live();
  made.state.now = 40_000;
  made.state.reading = { result: "unknown", detail: "no data" };
  await made.settle();
  made.state.reading = { result: "firing", at: 39_000 };
  const incident = await made.settle();
  assert.equal(incident.status === "deployed" && incident.delay?.detail, readable);
});

test("a deploy of a later commit that holds the merge counts, one that does not hold it does not", async () => {
  const made = await approved();
  await made.deploy(sha("b"));
  assert.equal((await made.settle()).status, "merged");
  made.state.now += 1000;
  await made.deploy(sha("a"));
  assert.equal((await made.settle()).status, "deployed");
});

test("a failed deploy of the revert that nothing follows is for people when the time is over", async () => {
  const made = await approved();
  await made.deploy(sha("f"), "failed");
  assert.equal((await made.settle()).status, "merged");
  await made.handle({ type: "Expire", at: made.state.now + policy.deployMs });
  const incident = await made.settle();
  assert.equal(incident.status === "escalated" && incident.reason, "deploy_failed");
});

test("GitHub down at the diagnosis: the incident waits, says so in Slack, and goes on when GitHub is back", async () => {
  const made = world();
  made.state.failing.commits = down("github");
  await made.alerts([burning]);
  const waiting = await made.settle();
  assert.equal(waiting.status === "opened" && waiting.delay?.detail, "github is down");
  assert.deepEqual([...made.state.messages.values()][0]?.lines[0], {
    label: "Waiting",
    text: "github is down",
  });
  made.state.failing = {};
  const going = await made.settle();
  assert.equal(going.status, "proposed");
  assert.equal(made.state.posted, 1);
  assert.notEqual([...made.state.messages.values()][0]?.buttons, undefined);
});

test("Slack down at the question: the incident waits, and asks once when Slack is back", async () => {
  const made = world();
  made.state.failing.post = down("slack");
  await made.alerts([burning]);
  const waiting = await made.settle();
  assert.equal(waiting.status === "proposed" && waiting.delay?.detail, "slack is down");
  made.state.failing = {};
  assert.equal((await made.settle()).status, "proposed");
  assert.equal(made.state.posted, 1);
});

for (const call of ["openPull", "post", "merge"] as const)
  test(`${call} times out after it was applied: the next try finds it done`, async () => {
    const made = world();
    made.state.failing[`${call} after it was applied`] = down("github");
    await made.alerts([burning]);
    await made.settle();
    await made.approve();
    await made.settle();
    made.state.failing = {};
    await made.settle();
    await made.approve();
    assert.equal((await made.settle()).status, "merged");
    assert.deepEqual([made.state.opened, made.state.posted, made.state.merges], [1, 1, 1]);
  });

test("what GitHub refuses for good is for people, with GitHub's reason", async () => {
  const made = world();
  made.state.failing.openPull = new UpstreamError(
    "github",
    "open pull request on acme/payments: 403 read-only",
    { retryable: false },
  );
  await made.alerts([burning]);
  const incident = await made.settle();
  assert.equal(
    incident.status === "escalated" && incident.detail,
    "open pull request on acme/payments: 403 read-only",
  );
  assert.equal(made.state.posted, 1);
});

test("commits pushed to the branch after the approval void it, and people are asked about the new head", async () => {
  const made = await asked();
  const [now] = made.state.pulls.values();
  await made.approve();
  made.state.pulls.set(now!.pull.branch, { ...now!, pull: { ...now!.pull, head: sha("9"), diff: "other" } });
  const incident = await made.settle();
  assert.equal(made.state.merges, 0);
  assert.equal(incident.status === "proposed" && incident.asked, true);
  const [question] = made.state.messages.values();
  assert.equal(question?.buttons?.head, sha("9"));
  assert.equal(
    question?.lines.find(({ label }) => label === "Asked again")?.text,
    "the pull request's branch has new commits",
  );
  await made.approve("UANN", sha("d"));
  assert.equal((await made.settle()).status, "proposed");
  await made.approve("UANN", sha("9"));
  assert.equal((await made.settle()).status, "merged");
});

test("a file of the revert that changed on the base since asks again; other files do not", async () => {
  const made = await asked();
  made.state.changed = ["README.md", "src/fx.js"];
  await made.approve();
  assert.equal((await made.settle()).status, "proposed");
  assert.equal(made.state.merges, 0);
  made.state.changed = ["README.md"];
  await made.approve();
  assert.equal((await made.settle()).status, "merged");
});

test("a pull request merged or closed by hand is followed", async () => {
  const merged = await asked();
  const [open] = merged.state.pulls.values();
  merged.state.pulls.set(open!.pull.branch, { ...open!, state: "merged", mergeSha: sha("f"), by: "ben" });
  assert.equal((await merged.settle()).status, "merged");
  const closed = await asked();
  closed.state.pulls.set(open!.pull.branch, { ...open!, state: "closed", by: "ben" });
  const incident = await closed.settle();
  assert.equal(incident.status === "closed" && incident.outcome, "withdrawn");
});

test("a rejection closes the pull request and fails its check", async () => {
  const made = await asked();
  await made.reject("upstream");
  await made.settle();
  assert.equal([...made.state.pulls.values()][0]?.state, "closed");
  assert.deepEqual([...new Set(made.state.checks)], ["d failure"]);
});

test("the same culprit in a later round is not proposed again once people declined it", async () => {
  const made = await asked();
  await made.reject("upstream");
  await made.settle();
  await made.alerts([{ ...burning, startsAt: 19_000 }]);
  const incident = await made.settle();
  assert.equal(incident.round, 2);
  assert.equal(incident.status === "escalated" && incident.reason, "declined_before");
  assert.equal(made.state.opened, 1);
});

test("an unclean revert opens no pull request and says which file and why", async () => {
  const made = world();
  made.state.snapshot = { ...made.state.snapshot, ours: new Map() };
  await made.alerts([burning]);
  const incident = await made.settle();
  assert.equal(incident.status === "escalated" && incident.reason, "unclean_revert");
  assert.match(
    incident.status === "escalated" ? incident.detail : "",
    /src\/fx\.js: it is not there any more/,
  );
  assert.equal(made.state.opened, 0);
});

test("a revert that would follow a renamed file is for a person, who is told where it went", async () => {
  const made = world();
  const { ours } = made.state.snapshot;
  made.state.snapshot = { ...made.state.snapshot, ours: new Map([["src/rates.js", ours.get("src/fx.js")!]]) };
  await made.alerts([burning]);
  const incident = await made.settle();
  assert.equal(incident.status === "escalated" && incident.reason, "unclean_revert");
  assert.match(incident.status === "escalated" ? incident.detail : "", /src\/rates\.js/);
  assert.equal(made.state.opened, 0);
});

test("in observe mode the message tells the suspect and nothing is written to GitHub", async () => {
  const made = world({ configured: service({ policy: { ...policy, mode: "observe" } }) });
  await made.alerts([burning]);
  const incident = await made.settle();
  assert.equal(incident.status === "closed" && incident.outcome, "observed");
  assert.deepEqual([made.state.opened, made.state.posted, made.state.checks.length], [0, 1, 0]);
  assert.match(JSON.stringify([...made.state.messages.values()]), /round payments to minor units/);
});

test("redelivery of anything, at any time and in any order, gives the same end with one pull request", async () => {
  type Delivery = (made: World) => Promise<unknown>;
  const second = alert({ fingerprint: "f2", startsAt: 11_000 });
  const natural: Delivery[] = [
    (made) => made.alerts([burning]),
    (made) => made.alerts([burning, second]),
    (made) => made.approve(),
    (made) => made.deploy(),
    (made) =>
      made.alerts([
        resolved({ startsAt: 10_000, endsAt: 31_000 }),
        resolved({ fingerprint: "f2", startsAt: 11_000, endsAt: 31_000 }),
      ]),
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 100 })), { maxLength: 25 }),
      async (repeats) => {
        const made = world();
        for (const [index, deliver] of natural.entries()) {
          await deliver(made);
          await made.settle();
          // Events that were delivered before come again, any of them, in any order.
          for (const [after, which] of repeats)
            if (after === index) await natural[which % (index + 1)]!(made);
          if (index % 2 === 0) await made.settle();
          made.state.now += 2_000;
        }
        made.state.now += 10_000;
        const incident = await made.settle();
        assert.equal(incident.status === "closed" && incident.outcome, "verified");
        assert.equal(incident.round, 1);
        const { opened, posted, merges, commented } = made.state;
        assert.deepEqual(
          { opened, posted, merges, commented },
          { opened: 1, posted: 1, merges: 1, commented: 5 },
        );
      },
    ),
    { numRuns: 150 },
  );
});

/** An incident that offers the culprit's revert first, and another instead. */
const offered = async (): Promise<World> => {
  const made = world();
  await made.alerts([burning]);
  const diagnosis = {
    suspects: [suspect()],
    ...{ none: 0.1, onsetAt: 10_000 },
    remedies: [revertOf(), revertOf({ sha: sha("b"), title: "bump the base image", score: 0.25 })],
  };
  await made.handle({ type: "RecordDiagnosis", at: made.state.now, round: 1, diagnosis });
  await made.settle();
  return made;
};
const choose = (made: World) =>
  made.handle({ type: "Choose", at: made.state.now, round: 1, head: sha("d"), choice: 1, by: "ann" });

test("choosing another remedy closes the first pull request, opens the other, and asks about it", async () => {
  const made = await offered();
  assert.deepEqual(
    [...made.state.messages.values()][0]?.buttons?.others.map(({ choice, text }) => [choice, text]),
    [[1, "Revert bump the base image · 25 %"]],
  );
  await choose(made);
  const incident = await made.settle();
  assert.equal(incident.status === "proposed" && incident.pull.number, 2);
  assert.deepEqual(
    [...made.state.pulls].map(([branch, { state }]) => [branch, state]),
    [
      [`countersteer/revert-${"c".repeat(12)}`, "closed"],
      [`countersteer/revert-${"b".repeat(12)}`, "open"],
    ],
  );
  const question = [...made.state.messages.values()][0];
  assert.deepEqual([question?.buttons?.head, question?.buttons?.approve?.text], [sha("9"), "Approve · 25 %"]);
  assert.match(made.state.comments.get(`${id}#1:replaced`) ?? "", /by ann; this pull request is closed/);
});

test("a pull request merged by hand while another remedy is chosen is for people", async () => {
  const made = await offered();
  await choose(made);
  const [branch, now] = [...made.state.pulls][0]!;
  made.state.pulls.set(branch, { ...now, state: "merged", mergeSha: sha("f"), by: "ben" });
  const incident = await made.settle();
  assert.equal(
    incident.status === "escalated" && incident.detail,
    "pull request #1 was merged by ben while another took its place",
  );
  assert.equal(made.state.opened, 1);
});

test("an incident that ends between the choice and its proposal leaves no pull request open", async () => {
  const made = await offered();
  await choose(made);
  await made.handle({ type: "Expire", at: 10_000_000 });
  await made.settle();
  assert.deepEqual(
    [...made.state.pulls.values()].map(({ state }) => state),
    ["closed"],
  );
});
