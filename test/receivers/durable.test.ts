import assert from "node:assert/strict";
import { test } from "node:test";
import { UpstreamError } from "../../shared/errors.ts";
import { unresolvedAlert } from "../../shared/ports/paging.ts";
import type { Store } from "../../shared/ports/store.ts";
import { doors } from "../support/doors.ts";
import { id, revertOf, sha, suspect } from "../support/incident.ts";
import { webhook } from "../support/payloads.ts";
import { burning, service, type World, world } from "../support/world.ts";

/** Doors over a store that takes no deploys and no flags. */
const failing = () => {
  const made = world();
  const fail = async (): Promise<never> => {
    throw new UpstreamError("store", "the disk is full", { retryable: true });
  };
  const store: Store = { ...made.store, recordDeploy: fail, recordFlip: fail };
  return doors(made, { store });
};
const place = { service: "payment-gateway", environment: "production" };
const deployment = (over: object = {}) => ({
  deployment: { sha: sha("a"), environment: "production" },
  deployment_status: { state: "success", created_at: "1970-01-01T00:00:12Z", ...over },
  repository: { full_name: "acme/payments" },
});

test("a deploy, a deployment of GitHub and a flag that cannot be made durable are answered 503, and wake nobody", async () => {
  const at = failing();
  const answers = [
    await at.deployed({ ...place, sha: sha("a") }),
    await at.github("deployment_status", deployment(), undefined, "d-1"),
    await at.flipped({ ...place, flag: "minor-units", change: "turned on" }),
  ];
  assert.deepEqual(
    answers.map(({ status }) => status),
    [503, 503, 503],
  );
  assert.deepEqual(at.woken, []);
  assert.equal(await at.made.store.isDelivered("d-1", at.made.state.now), false);
});

test("a deployment whose time lies ahead of us happened now", async () => {
  const at = doors();
  await at.github("deployment_status", deployment({ created_at: "1970-01-01T02:00:00Z" }));
  const [deploy] = await at.made.store.deploys("payment-gateway", "production", 0);
  assert.equal(deploy?.at, at.made.state.now);
});

type Receipts = { receipts: { outcome: string }[] };

test("our own page that a route sends back to us opens nothing", async () => {
  const at = doors();
  const response = await at.notify(webhook([{ labels: { alertname: unresolvedAlert } }]));
  assert.deepEqual(
    ((await response.json()) as Receipts).receipts.map(({ outcome }) => outcome),
    ["own_page"],
  );
  assert.deepEqual(await at.made.store.list(), []);
});

const other = "checkout/production";
/** The incident waits for another one, which counts its alert in. */
const referred = async (made: World): Promise<void> => {
  const at = made.state.now;
  await made.alerts([burning]);
  await made.handle({
    ...{ type: "RecordDiagnosis", at, round: 1 },
    diagnosis: { suspects: [suspect()], none: 0.1, onsetAt: 10_000, remedies: [revertOf()] },
  });
  await made.handle({ type: "RecordReferral", at, round: 1, to: other, detail: "the same change" });
  await made.process.handle(other, {
    ...{ type: "RecordAlerts", at, alerts: [burning], truncated: false, origin: id },
  });
};

test("an incident that another one waits for learns that the trouble is over there", async () => {
  const made = world({ others: [service({ name: "checkout" })] });
  await referred(made);
  assert.equal((await made.store.load(id)).incident.status, "referred");
  await doors(made).notify(
    webhook([{ status: "resolved", startsAt: "1970-01-01T00:00:10Z", endsAt: "1970-01-01T00:00:19Z" }]),
  );
  const { incident } = await made.store.load(other);
  assert.deepEqual(
    incident.alerts.map(({ status }) => status),
    ["resolved"],
  );
});
