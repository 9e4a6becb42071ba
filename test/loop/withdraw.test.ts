import assert from "node:assert/strict";
import { test } from "node:test";
import type { Alert, Incident } from "../../shared/incident/model.ts";
import { headline } from "../../shared/text/timeline.ts";
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
const wrongFirst = async (alertsOf: (made: ReturnType<typeof world>) => Alert[] = () => [burning]) => {
  const made = world({
    configured: service({ policy: { ...policy, minConfidence: 0, verifyMs: 10 * minute } }),
  });
  made.state.commits = [culprit, quiet];
  await made.alerts(alertsOf(made));
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
  assert.match(message?.headline ?? "", /Put “round payments to minor units” back, as #1 did not help\?$/);
  assert.deepEqual(
    message?.buttons?.others.map(({ text }) => text),
    [`Revert ${quiet.title} · 24 %`],
  );
});

test("a trouble that goes away while people are asked to put it back did not recover by itself, and nothing is put back", async () => {
  const made = await wrongFirst();
  made.state.now += 5 * minute;
  await made.settle();
  made.state.reading = { result: "quiet", since: made.state.now };
  made.state.now += 2 * minute;
  await made.alerts([{ ...burning, status: "resolved", endsAt: made.state.now }]);
  const over = await made.settle();
  assert.match(
    over.status === "closed" ? `${over.outcome}: ${over.detail}` : over.status,
    /^recovered: every alert resolved after pull request #1 had seemed not to help; nothing is put back or merged any more/,
  );
  assert.match(headline(over), /: recovered after the merge, which was not verified$/);
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

/** Two alerts fired, and after the remedy only the first still does. */
const twoAlerts = (made: ReturnType<typeof world>): Alert[] => {
  const { rules, range } = made.work.metrics;
  const expr = "latency > 1";
  made.work.metrics.rules = async (service, name) =>
    name === "Latency"
      ? [{ expr, labels: {}, forMs: 0, keepFiringMs: 0, everyMs: minute, active: [] }]
      : rules(service, name);
  made.work.metrics.range = async (service, query, grid) =>
    query === expr ? [] : range(service, query, grid);
  return [burning, { ...burning, name: "Latency", fingerprint: "l" }];
};

test("a remedy that ended one of two alerts is not put back", async () => {
  const made = await wrongFirst(twoAlerts);
  made.state.now += 5 * minute;
  const incident = await made.settle();
  assert.deepEqual([incident.status, remedyOf(incident)?.kind], ["deployed", "revert"]);
});
