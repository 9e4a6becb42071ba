import assert from "node:assert/strict";
import { sha } from "../support/incident.ts";
import { burning, policy, service, world } from "../support/world.ts";

/** Those who would have another commit deployed, or another workflow run. */

const tool = { workflow: "deploy.yml", ref: "main", inputs: { sha: "{sha}", by: "{id}" } };
const text = "on: { workflow_dispatch: { inputs: { sha: {}, by: {} } } }";

const redeploying = () => {
  const configured = service({ rollback: { tool }, policy: { ...policy, minConfidence: 0 } });
  const made = world({ configured });
  made.state.workflow = { digest: sha("7"), text };
  return made;
};
type Made = ReturnType<typeof redeploying>;
type Told = { letter: string; at: number; status?: "succeeded" | "failed" | "started"; environment?: string };

const told = (made: Made, { letter, at, status = "succeeded", environment = "production" }: Told) =>
  made.store.recordDeploy({ service: "payment-gateway", environment, sha: sha(letter), status, at });

const approved = async (made: Made): Promise<void> => {
  await made.settle();
  await made.approve();
  await made.settle();
};

export const alertText = async (): Promise<void> => {
  const made = redeploying();
  await told(made, { letter: "b", at: 1_000 });
  await told(made, { letter: "c", at: 8_000 });
  const forged = {
    sha: sha("9"),
    ref: "evil",
    workflow: "evil.yml",
    deployment: "evil",
    id: "x",
    by: "{sha}",
  };
  const labels = { ...burning.labels, ...forged };
  await made.alerts([{ ...burning, labels, annotations: { ...burning.annotations, ...forged } }]);
  await approved(made);
  assert.deepEqual(
    made.state.orders.map((order) => order.tool),
    [{ ...tool, inputs: { sha: sha("b"), by: "nonce" } }],
  );
};

export const neverRan = async (): Promise<void> => {
  const made = redeploying();
  await told(made, { letter: "b", at: 1_000 });
  await told(made, { letter: "1", at: 2_000, status: "failed" });
  await told(made, { letter: "2", at: 3_000, status: "started" });
  await told(made, { letter: "3", at: 4_000, environment: "staging" });
  await told(made, { letter: "c", at: 8_000 });
  await made.alerts([burning]);
  await approved(made);
  assert.deepEqual(
    made.state.orders.map((order) => order.sha),
    [sha("b")],
  );
};
