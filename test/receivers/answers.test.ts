import assert from "node:assert/strict";
import { test } from "node:test";
import { UpstreamError } from "../../shared/errors.ts";
import { doors } from "../support/doors.ts";
import { id, revertOf, sha, suspect } from "../support/incident.ts";
import { click } from "../support/payloads.ts";
import { burning, service, world } from "../support/world.ts";

const question = { incident: id, round: 1, head: sha("d"), nonce: "nonce" };
const asked = async () => {
  const made = world();
  await made.alerts([burning]);
  await made.settle();
  return doors(made);
};
const statusOf = async ({ made }: Awaited<ReturnType<typeof asked>>) =>
  (await made.store.load(id)).incident.status;

test("an approver's click is stored before it is acknowledged, and wakes the incident", async () => {
  const at = await asked();
  const response = await at.interact(click("approve", "UANN", question));
  assert.equal(response.status, 200);
  assert.equal(await response.text(), "");
  assert.equal(await statusOf(at), "approved");
  assert.deepEqual(at.woken, [id]);
});

test("a click in the instant in which the question is posted waits until it is stored, and counts", async () => {
  const made = world();
  const posted = Promise.withResolvers<void>();
  const stored = Promise.withResolvers<undefined>();
  made.work.chat.linkTo = () => {
    posted.resolve();
    return stored.promise;
  };
  await made.alerts([burning]);
  const settled = made.settle();
  await posted.promise;
  const wait = async () => {
    stored.resolve(undefined);
    await settled;
  };
  await doors(made, { wait }).interact(click("approve", "UANN", question));
  assert.equal((await made.store.load(id)).incident.status, "approved");
});

test("someone who is no approver is told privately, and nothing changes", async () => {
  const at = await asked();
  assert.equal((await at.interact(click("approve", "UEVE", question))).status, 200);
  assert.equal(await statusOf(at), "proposed");
  assert.deepEqual(at.made.state.whispers, [
    "UEVE: you are not an approver of payment-gateway; nothing was changed",
  ]);
});

test("an approver look-up that fails refuses", async () => {
  const at = await asked();
  at.made.state.failing.standing = new Error("slack is down");
  assert.equal((await at.interact(click("approve", "UANN", question))).status, 200);
  assert.equal(await statusOf(at), "proposed");
  assert.match(at.made.state.whispers[0]!, /could not be checked/);
});

test("an approver look-up that hangs refuses in half of the chat's patience", async () => {
  const at = await asked();
  Object.assign(at.made.work.chat, { patienceMs: 20, standing: () => new Promise(() => {}) });
  assert.equal((await at.interact(click("approve", "UANN", question))).status, 200);
  assert.equal(await statusOf(at), "proposed");
  assert.match(at.made.state.whispers[0]!, /could not be checked/);
  assert.match(JSON.stringify(await at.made.store.log(id)), /no answer within 10 ms/);
});

test("a late, a repeated and a superseded click are told privately, and nothing changes", async () => {
  const at = await asked();
  await at.interact(click("approve", "UANN", { ...question, head: sha("9") }));
  await at.interact(click("approve", "UANN", { ...question, round: 0 }));
  assert.equal(await statusOf(at), "proposed");
  await at.interact(click("approve", "UANN", question));
  await at.interact(click("approve", "UANN", question));
  assert.equal(await statusOf(at), "approved");
  const [, , counted, late] = at.made.state.whispers;
  assert.equal(
    counted,
    "UANN: approved: exactly this pull request is merged as soon as GitHub allows; until then any approver can still reject it",
  );
  assert.match(late!, /no longer open: the incident is approved/);
});

test("fifty clicks at once are one approval", async () => {
  const at = await asked();
  await Promise.all(Array.from({ length: 50 }, () => at.interact(click("approve", "UANN", question))));
  const log = await at.made.store.log(id);
  assert.equal(log.filter(({ type }) => type === "RemedyApproved").length, 1);
});

test("a rejection asks why, and its answer closes the incident with the reason", async () => {
  const at = await asked();
  const states: string[] = [];
  at.made.work.chat.askReason = async (_, state) => void states.push(state);
  await at.interact(click("reject", "UANN", question));
  assert.equal(await statusOf(at), "proposed");
  const submission = {
    type: "view_submission",
    user: { id: "UANN" },
    view: {
      id: "V1",
      callback_id: "reject",
      private_metadata: states[0],
      state: { values: { reason: { reason: { value: "it is the upstream" } } } },
    },
  };
  await at.interact(submission);
  const { incident } = await at.made.store.load(id);
  assert.deepEqual(incident.status === "closed" && [incident.outcome, incident.detail, incident.by], [
    "rejected",
    "it is the upstream",
    "UANN",
  ]);
});

test("a modal that Slack does not open any more is told privately, and the click is answered", async () => {
  const at = await asked();
  at.made.work.chat.askReason = async () => {
    throw new UpstreamError("slack", "views.open for the reason: expired_trigger_id", { retryable: false });
  };
  assert.equal((await at.interact(click("reject", "UANN", question))).status, 200);
  assert.equal(await statusOf(at), "proposed");
  assert.deepEqual(at.made.state.whispers, [
    "UANN: the window that asks for the reason did not open in the 3 s that Slack allows; press Reject again, or close pull request #1 on GitHub; nothing was changed",
  ]);
});

test("a forged, an old and a future-dated request are 401 and change nothing", async () => {
  const at = await asked();
  const approve = click("approve", "UANN", question);
  const now = at.made.state.now;
  assert.equal((await at.interact(approve, { secret: "wrong" })).status, 401);
  at.made.state.now = now + 10 * 365 * 86_400_000;
  assert.equal((await at.interact(approve, { at: at.made.state.now - 301_000 })).status, 401);
  assert.equal((await at.interact(approve, { at: at.made.state.now + 301_000 })).status, 401);
  at.made.state.now = now;
  assert.equal(await statusOf(at), "proposed");
});

test("ssl_check and other unsigned forms are no way around the signature", async () => {
  const at = await asked();
  assert.equal((await at.post("/slack/interactions", "ssl_check=1")).status, 401);
  assert.equal(
    (await at.post("/slack/interactions", '{"type":"url_verification","challenge":"x"}')).status,
    401,
  );
});

test("an approver may choose another remedy, and nobody else may", async () => {
  const made = world();
  await made.alerts([burning]);
  const remedies = [revertOf(), revertOf({ sha: sha("b"), title: "bump the base image" })];
  const diagnosis = { suspects: [suspect()], none: 0.1, onsetAt: 10_000, remedies };
  await made.handle({ type: "RecordDiagnosis", at: made.state.now, round: 1, diagnosis });
  await made.settle();
  const at = doors(made);
  const chosen = { ...question, choice: 1 };
  await at.interact(click("choose:1", "UEVE", chosen));
  assert.equal(await statusOf(at), "proposed");
  await at.interact(click("choose:1", "UANN", chosen));
  assert.equal(await statusOf(at), "diagnosed");
  assert.deepEqual(at.woken, [id]);
});

/** Two services with other people, one change: the first incident asks the people of both. */
const sharedBy = async (approvers: string[]) => {
  const services = [service(), service({ name: "checkout", approvers })];
  const made = world({ configured: services[0]!, others: services.slice(1) });
  await made.alerts([burning]);
  await made.settle();
  const other = "checkout/production";
  await made.process.handle(other, {
    ...{ type: "RecordAlerts", at: made.state.now, truncated: false },
    alerts: [{ ...burning, fingerprint: "f2" }],
  });
  assert.equal((await made.settle(other)).status, "referred");
  await made.settle();
  const at = doors(made, { services });
  return { at, approve: (user: string) => at.interact(click("approve", user, question)) };
};

for (const [what, approvers, clicks] of [
  [
    "other people",
    ["UBEA"],
    [
      ["UANN", "proposed"],
      ["UBEA", "approved"],
    ],
  ],
  [
    "other people, who answer first",
    ["UBEA", "UCID"],
    [
      ["UCID", "proposed"],
      ["UANN", "approved"],
    ],
  ],
  ["one person in both", ["UBEA", "UANN"], [["UANN", "approved"]]],
] as const)
  test(`a change that incidents of two services share is approved once each one's policy is satisfied: ${what}`, async () => {
    const { at, approve } = await sharedBy([...approvers]);
    assert.equal(at.made.state.opened, 1);
    for (const [user, status] of clicks) {
      assert.equal((await approve(user)).status, 200);
      assert.equal(await statusOf(at), status, user);
    }
  });

test("an approval from before another service joined is asked for again, and its people are named", async () => {
  const services = [service(), service({ name: "checkout", approvers: ["UBEA"] })];
  const made = world({ configured: services[0]!, others: services.slice(1) });
  await made.alerts([burning]);
  await made.settle();
  const at = doors(made, { services });
  await at.interact(click("approve", "UANN", question));
  assert.equal(await statusOf(at), "approved");
  await made.process.handle(id, {
    ...{ type: "RecordAlerts", at: made.state.now, truncated: false, shares: true },
    ...{ alerts: [{ ...burning, fingerprint: "f2" }], origin: "checkout/production" },
  });
  const { incident } = await made.store.load(id);
  assert.equal(incident.status === "proposed" && incident.asked, false);
  assert.equal(made.state.merges, 0);
});

test("a button about another head is late, whatever else it names rightly", async () => {
  const at = await asked();
  for (const action of ["approve", "reject"]) {
    await at.interact(click(action, "UANN", { ...question, head: sha("8") }));
    assert.match(at.made.state.whispers.at(-1) ?? "", /^UANN: this question is no longer open: /);
  }
  assert.equal(await statusOf(at), "proposed");
});

test("only an approver has an incident tried again that a person must look at", async () => {
  const at = await asked();
  const { state, handle } = at.made;
  await handle({ type: "Escalate", at: state.now, round: 1, reason: "refused", detail: "403" });
  await at.interact(click("retry", "UEVE", question));
  assert.equal(await statusOf(at), "escalated");
  assert.match(state.whispers.at(-1) ?? "", /^UEVE: .*nothing was changed$/);
  await at.interact(click("retry", "UANN", question));
  assert.equal(await statusOf(at), "proposed");
});
