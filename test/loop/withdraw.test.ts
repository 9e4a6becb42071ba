import assert from "node:assert/strict";
import { test } from "node:test";
import type { Incident } from "../../shared/incident/model.ts";
import { sha } from "../support/incident.ts";
import { burning, culprit, policy, service, world } from "../support/world.ts";

const minute = 60_000;
/** A change of the same deploy that no word of the alert is about. */
const quiet = {
  ...culprit,
  sha: sha("b"),
  parents: [sha("0")],
  title: "read limits once",
  message: "read limits once",
  patch: "+const limits = read()",
};

/** The first suspect is taken back and live, and the alert goes on firing. */
const wrongFirst = async () => {
  const made = world({
    configured: service({ policy: { ...policy, minConfidence: 0, verifyMs: 10 * minute } }),
  });
  made.state.commits = [culprit, quiet];
  await made.alerts([burning]);
  await made.settle();
  await made.approve();
  await made.settle();
  await made.deploy();
  await made.settle();
  made.state.reading = { result: "firing", at: made.state.now };
  return made;
};
const remedyOf = (incident: Incident) => ("remedy" in incident ? incident.remedy : undefined);

test("a remedy that is live and does not help is put back after half of the time to verify, and the next is offered beside it", async () => {
  const made = await wrongFirst();
  made.state.now += 4 * minute;
  assert.equal((await made.settle()).status, "deployed");
  made.state.now += minute;
  const asked = await made.settle();
  assert.equal(asked.status, "proposed");
  assert.equal(remedyOf(asked)?.kind, "withdraw");
  const proposal = made.state.proposals.at(-1);
  assert.deepEqual(
    [proposal?.title, proposal?.labels, proposal?.branch],
    [`Put back "${culprit.title}"`, ["countersteer", "withdraw"], "countersteer/withdraw-cccccccccccc-1"],
  );
  const message = [...made.state.messages.values()].at(-1);
  assert.equal(message?.headline, "payment-gateway in production: it did not help; put the change back?");
  assert.deepEqual(
    message?.buttons?.others.map(({ text }) => text),
    [`take bbbbbbbbbbbb “${quiet.title}” back`],
  );
});

test("another deploy since then leaves the verdict to people: the trouble may be another one by now", async () => {
  const made = await wrongFirst();
  await made.store.recordDeploy({
    ...{ service: "payment-gateway", environment: "production", status: "succeeded", sha: sha("a") },
    at: made.state.now + 1_000,
  });
  made.state.now += 5 * minute;
  assert.equal((await made.settle()).status, "deployed");
});
