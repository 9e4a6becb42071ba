import assert from "node:assert/strict";
import { test } from "node:test";
import { turn } from "../../functions/stop/switch.ts";
import type { Pull } from "../../shared/incident/model.ts";
import type { Gates } from "../../shared/ports/merging.ts";
import { freeGates } from "../support/gates.ts";
import { id, sha } from "../support/incident.ts";
import { burning, type World, world } from "../support/world.ts";

const reviewed: Partial<Gates> = {
  ...{ state: "blocked", reviews: 1, codeOwners: true, reviewMissing: true },
  autoMerge: { allowed: true, on: false },
};
const queued: Partial<Gates> = { queue: { in: false } };

const approved = async (gates: Partial<Gates>): Promise<World> => {
  const made = world();
  made.state.codeowners = "src/ @acme/payments";
  made.state.gates = { ...freeGates, ...gates };
  await made.alerts([burning]);
  await made.settle();
  await made.approve();
  await made.settle();
  return made;
};
const now = async ({ store }: World) => (await store.load(id)).incident;
const types = async ({ store }: World) => (await store.log(id)).map(({ type }) => type);
const replies = ({ state }: World) => [...state.replies.values()].join("\n");
const mergedOnGithub = ({ state }: World): void => {
  const [branch, pull] = [...state.pulls][0]!;
  state.pulls.set(branch, { ...pull, state: "merged", mergeSha: sha("f"), by: "countersteer[bot]" });
};

test("GitHub's own conditions stand in the question, and on the pull request", async () => {
  const made = world();
  made.state.codeowners = "src/ @acme/payments";
  const checks = { failing: [], running: ["ci", "lint"] };
  made.state.gates = { ...freeGates, ...reviewed, checks };
  await made.alerts([burning]);
  await made.settle();
  const lines = [...made.state.messages.values()].at(-1)!.lines;
  const told = "a review by @acme/payments, 2 checks pending (ci, lint)";
  assert.equal(lines.find(({ label }) => label === "GitHub asks for")?.text, told);
  assert.match([...made.state.comments.values()].join("\n"), /GitHub asks for a review by/);
});

test("people are asked also when the conditions cannot be read", async () => {
  const made = world();
  const { UpstreamError } = await import("../../shared/errors.ts");
  made.state.failing.gates = new UpstreamError("github", "502", { retryable: true });
  await made.alerts([burning]);
  const incident = await made.settle();
  assert.deepEqual(incident.status === "proposed" && incident.terms?.gates, [
    "conditions of its own, which could not be read (502)",
  ]);
});

test("what waits for a review is left to auto-merge, said, and followed to its merge", async () => {
  const made = await approved(reviewed);
  const waiting = await now(made);
  assert.equal(waiting.status === "approved" && waiting.armed?.how, "auto-merge");
  assert.deepEqual([made.state.armed, made.state.merges], ["auto-merge", 0]);
  assert.match(replies(made), /GitHub merges it by itself: still missing: a review by @acme\/payments/);
  mergedOnGithub(made);
  const merged = await made.settle();
  assert.deepEqual(merged.status === "merged" && [merged.merge?.differs, merged.armed], [
    undefined,
    undefined,
  ]);
});

const stops: [string, (made: World) => Promise<unknown>][] = [
  ["a no", (made) => made.reject("we roll forward")],
  [
    "the kill switch",
    ({ store, process, state }) =>
      turn(
        { store, process, clock: () => state.now, wake: () => {} },
        { stopped: true, by: "ann", why: "drill" },
      ),
  ],
  [
    "a hold on GitHub",
    async ({ state }) => {
      const [branch, pull] = [...state.pulls][0]!;
      state.pulls.set(branch, { ...pull, held: true });
    },
  ],
  [
    "a new head",
    async ({ state }) => {
      const [branch, pull] = [...state.pulls][0]!;
      state.pulls.set(branch, { ...pull, pull: { ...pull.pull, head: sha("9"), diff: "other" } });
    },
  ],
  [
    "the end of its time",
    async (made) => {
      made.state.now += 48 * 3_600_000;
      await made.process.handle(id, { type: "Expire", at: made.state.now });
    },
  ],
];
for (const [name, stop] of stops)
  for (const [how, gates] of [
    ["auto-merge", reviewed],
    ["queue", queued],
  ] as const)
    test(`${name} takes ${how} back`, async () => {
      const made = await approved(gates);
      assert.equal(made.state.armed, how);
      await stop(made);
      await made.settle();
      await made.settle();
      const incident = await now(made);
      assert.deepEqual([made.state.armed, "armed" in incident], [undefined, false]);
      assert.ok((await types(made)).includes("MergeDisarmed"));
      assert.equal(made.state.merges, 0);
    });

test("auto-merge that could not be taken back is tried again, and a merge in between is not called ours", async () => {
  const made = await approved(reviewed);
  const { UpstreamError } = await import("../../shared/errors.ts");
  made.state.failing.disarm = new UpstreamError("github", "502", { retryable: true });
  await turn(
    { ...made, clock: () => made.state.now, wake: () => {} },
    { stopped: true, by: "ann", why: "drill" },
  );
  await made.settle();
  const held = await now(made);
  assert.equal(held.status === "proposed" && held.armed?.how, "auto-merge");
  mergedOnGithub(made);
  await turn(
    { ...made, clock: () => made.state.now, wake: () => {} },
    { stopped: false, by: "ann", why: "over" },
  );
  const merged = await made.settle();
  assert.equal(
    merged.status === "merged" && merged.merge?.differs,
    "GitHub merged it before auto-merge could be taken back",
  );
});

test("a merge of other changes than those approved is said, and never verified as ours", async () => {
  const made = await approved(queued);
  made.state.isSameMerged = false;
  mergedOnGithub(made);
  const merged = await made.settle();
  const differs = `its changes are not those of ${"d".repeat(12)}, which UANN approved`;
  assert.equal(merged.status === "merged" && merged.merge?.differs, differs);
  assert.match(replies(made), /Merged, and not as approved/);
  await made.deploy();
  await made.settle();
  made.state.now += 60_000;
  const over = await made.settle();
  assert.equal(over.status === "closed" && over.outcome, "recovered_by_people");
});

const meanwhile: [string, Partial<Pull>, string][] = [
  ["with other changes", {}, `its changes are not those of ${"d".repeat(12)}, which UANN approved`],
  [
    "at another head",
    { head: sha("9") },
    `it was merged at ${"9".repeat(12)}, not at ${"d".repeat(12)}, which UANN approved`,
  ],
];
for (const [name, other, differs] of meanwhile)
  test(`what GitHub merges by itself ${name} in the instant before our own merge is not called approved`, async () => {
    const made = await approved(reviewed);
    made.state.gates = freeGates;
    made.state.isSameMerged = false;
    made.state.beforeMerge = () => {
      const [branch, now] = [...made.state.pulls][0]!;
      const moved = { ...now.pull, ...other };
      made.state.pulls.set(branch, {
        ...{ ...now, pull: moved, state: "merged" },
        ...{ mergeSha: sha("f"), by: "countersteer[bot]" },
      });
    };
    const merged = await made.settle();
    assert.equal(merged.status === "merged" && merged.merge?.differs, differs);
    assert.equal(made.state.merges, 0);
  });

test("in a queue the status goes on the commit that the queue tests, where it is required", async () => {
  const made = await approved(queued);
  made.state.gates = {
    ...made.state.gates,
    ...{ required: ["countersteer/approval"], queue: { in: true, head: sha("7") } },
  };
  const waiting = await made.settle();
  assert.match(waiting.status === "approved" ? waiting.delay!.detail : "", /is in the merge queue of main/);
  assert.ok(made.state.checks.includes("7 success"));
});

test("what the queue takes out again is a person's, and is not put in again by itself", async () => {
  const made = await approved(queued);
  const ended = await made.settle();
  assert.equal(ended.status === "escalated" && ended.reason, "merge_refused");
  assert.match(ended.status === "escalated" ? ended.detail : "", /the merge queue of main took #1 out again/);
});

test("a branch that lacks the newest base is updated, and people are asked about the new head", async () => {
  const made = await approved({ state: "behind", upToDate: true });
  const again = await now(made);
  assert.deepEqual(again.status === "proposed" && [again.pull.head, again.asked], [sha("8"), true]);
  const lines = [...made.state.messages.values()]
    .at(-1)!
    .lines.map(({ text }) => text)
    .join("\n");
  assert.match(lines, /lacked the newest commits of main, so its branch was updated/);
  await made.approve("UANN", sha("8"));
  assert.equal((await made.settle()).status, "merged");
});

test("a check that GitHub does not require takes auto-merge back when it fails", async () => {
  const made = await approved(reviewed);
  made.state.gates = { ...made.state.gates, checks: { failing: [{ name: "e2e" }], running: [] } };
  const waiting = await made.settle();
  assert.equal(made.state.armed, undefined);
  assert.match(waiting.status === "approved" ? waiting.delay!.detail : "", /because e2e failed/);
});

test("where GitHub refuses auto-merge it is merged, or refused, as without", async () => {
  const made = world();
  made.state.gates = { ...freeGates, ...reviewed };
  made.state.armRefused = "Pull request is in clean status";
  await made.alerts([burning]);
  await made.settle();
  await made.approve();
  assert.equal((await made.settle()).status, "merged");
});
