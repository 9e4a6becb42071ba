import assert from "node:assert/strict";
import { test } from "node:test";
import { id, sha } from "../support/incident.ts";
import { burning, type World, world } from "../support/world.ts";

const asked = async (): Promise<World> => {
  const made = world();
  await made.alerts([burning]);
  await made.settle();
  return made;
};
const change = (made: World, over: object): void => {
  const [branch, now] = [...made.state.pulls][0]!;
  made.state.pulls.set(branch, { ...now, ...over });
};
const base = (made: World, name: string): void => {
  const [, now] = [...made.state.pulls][0]!;
  change(made, { pull: { ...now.pull, base: name } });
};
const texts = (made: World) => [...made.state.replies.values()].join("\n");

test("a pull request retargeted while people are asked is void and said, and no button can merge it", async () => {
  const made = await asked();
  base(made, "release");
  const now = await made.settle();
  assert.equal(now.status === "escalated" && now.reason, "retargeted");
  assert.match(texts(made), /goes to release now, not to main/);
  assert.equal([...made.state.messages.values()].at(-1)?.buttons, undefined);
  await made.approve();
  await made.settle();
  assert.equal(made.state.merges, 0);
});

test("a pull request retargeted after the approval is never merged", async () => {
  const made = await asked();
  await made.approve();
  base(made, "release");
  const now = await made.settle();
  assert.equal(now.status === "escalated" && now.reason, "retargeted");
  await made.approve("UANN", sha("d"));
  await made.settle();
  assert.equal(made.state.merges, 0);
});

test("a pull request that someone merged into another branch is said as that, and is not watched as if it were the fix", async () => {
  for (const before of ["asked", "approved"] as const) {
    const made = await asked();
    if (before === "approved") await made.approve();
    base(made, "release");
    change(made, { state: "merged", mergeSha: sha("f"), by: "bea" });
    const now = await made.settle();
    assert.equal(now.status === "escalated" && now.reason, "retargeted");
    assert.match(texts(made), /bea merged #1 into release.*main never got it/);
  }
});

test("a merge into another branch is told also after the retargeting was", async () => {
  const made = await asked();
  base(made, "release");
  await made.settle();
  change(made, { state: "merged", mergeSha: sha("f"), by: "bea" });
  made.state.now += 60_000;
  const now = await made.settle();
  assert.equal(now.status === "escalated" && now.reason, "retargeted");
  assert.match(texts(made), /bea merged #1 into release, main never got it/);
  const told = (await made.store.log(id)).filter(({ type }) => type === "IncidentEscalated").length;
  made.state.now += 60_000;
  await made.settle();
  assert.equal((await made.store.log(id)).filter(({ type }) => type === "IncidentEscalated").length, told);
});

test("when it goes to the branch again, people are asked again", async () => {
  const made = await asked();
  base(made, "release");
  await made.settle();
  base(made, "main");
  made.state.now += 60_000;
  const now = await made.settle();
  assert.equal(now.status, "proposed");
  await made.approve();
  await made.settle();
  assert.equal(made.state.merges, 1);
});
