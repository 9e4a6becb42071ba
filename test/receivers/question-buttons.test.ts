import assert from "node:assert/strict";
import { test } from "node:test";
import type { In } from "../../shared/incident/model.ts";
import { doors } from "../support/doors.ts";
import { id, revertOf, sha, suspect } from "../support/incident.ts";
import { click } from "../support/payloads.ts";
import { burning, world } from "../support/world.ts";

const question = { incident: id, round: 1, head: sha("d"), nonce: "nonce" };
/** A question about the likelier one of two changes. */
const asked = async () => {
  const made = world();
  await made.alerts([burning]);
  const diagnosis = {
    suspects: [suspect({ score: 0.6 }), suspect({ sha: sha("b"), title: "bump the base image", score: 0.3 })],
    ...{ none: 0.1, onsetAt: 10_000, remedies: [revertOf({ score: 0.6 })] },
  };
  await made.handle({ type: "RecordDiagnosis", at: made.state.now, round: 1, diagnosis });
  await made.settle();
  return doors(made);
};
type At = Awaited<ReturnType<typeof asked>>;
const now = async ({ made }: At) => (await made.store.load(id)).incident as In<"proposed">;
const typesOf = async ({ made }: At): Promise<string[]> =>
  (await made.store.log(id)).map(({ type }) => type).slice(-2);
const press = (at: At, action: string, user = "UANN", over: object = {}) =>
  at.interact(click(action, user, { ...question, ...over }));

test("the buttons say which change comes next and how likely it is then", async () => {
  const at = await asked();
  const [message] = at.made.state.messages.values();
  const { ruleOut, snooze, look } = message?.buttons ?? {};
  assert.deepEqual(
    [ruleOut?.text, snooze?.text, look?.text],
    ["Not this one · next 75 %", "Snooze 15 min", "Look again"],
  );
  assert.match(
    ruleOut?.confirm?.text ?? "",
    /^#1 is closed\. Next: Revert bump the base image \(75 % then\)/,
  );
});

test("“not this one” closes the pull request, opens the next one and asks about it", async () => {
  const at = await asked();
  assert.equal((await press(at, "rule-out")).status, 200);
  assert.deepEqual(at.made.state.whispers, [
    "UANN: ruled out: the next option is prepared, and you are asked again",
  ]);
  assert.deepEqual(at.woken, [id]);
  await at.made.settle();
  const incident = await now(at);
  assert.deepEqual([incident.status, incident.asked, incident.pull.number], ["proposed", true, 2]);
  assert.equal(incident.remedy.title, "bump the base image");
  assert.deepEqual(
    [...at.made.state.pulls.values()].map(({ state }) => state),
    ["closed", "open"],
  );
});

test("a snooze is a fact, its button goes, and everything else can still be answered", async () => {
  const at = await asked();
  await press(at, "snooze");
  assert.deepEqual((await typesOf(at)).at(-1), "QuestionSnoozed");
  assert.match(at.made.state.whispers[0] ?? "", /^UANN: snoozed: you are asked again at 00:15 UTC/);
  await at.made.settle();
  const [message] = at.made.state.messages.values();
  assert.deepEqual([message?.buttons?.snooze, message?.buttons?.look?.text], [undefined, "Look again"]);
  await press(at, "approve");
  assert.equal((await now(at)).status as string, "approved");
});

test("“look again” has the incident diagnosed anew, and the thread says what was found", async () => {
  const at = await asked();
  await press(at, "look");
  assert.deepEqual(at.made.state.whispers, ["UANN: looking again: the thread says what was found"]);
  await at.made.settle();
  assert.match([...at.made.state.replies.values()].join("\n"), /asked for by uann/);
  assert.ok((await at.made.store.log(id)).some(({ type }) => type === "DiagnosisRevised"));
});

for (const [action, attempt] of [
  ["rule-out", "rule the change out"],
  ["snooze", "snooze the question"],
  ["look", "have it looked at again"],
] as const) {
  test(`“${action}” of somebody who is no approver changes nothing, and is a refusal on record`, async () => {
    const at = await asked();
    await press(at, action, "UEVE");
    assert.deepEqual(at.made.state.whispers, [
      "UEVE: you are not an approver of payment-gateway; nothing was changed",
    ]);
    const refused = (await at.made.store.log(id)).at(-1);
    assert.ok(refused?.type === "AttemptRefused");
    assert.deepEqual([refused.attempt, refused.code], [attempt, "not_approver"]);
    assert.equal((await now(at)).snoozed, undefined);
  });

  test(`“${action}” on a button of an earlier question changes nothing`, async () => {
    const at = await asked();
    await press(at, action, "UANN", { nonce: "earlier" });
    assert.match(at.made.state.whispers[0] ?? "", /you are asked anew/);
    assert.deepEqual((await typesOf(at)).at(-1), "AttemptRefused");
  });
}
