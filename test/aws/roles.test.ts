import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { FunctionName } from "../../infra/aws/host.ts";
import { secretsOf } from "../../infra/aws/secrets.ts";
import { readRoles } from "../../infra/aws-local/roles.ts";
import { startFeed } from "../../infra/aws-local/table-feed.ts";
import { dynamodbClient, dynamodbStore } from "../../shared/adapters/dynamodb/store.ts";
import { evolve } from "../../shared/incident/evolve.ts";
import { emptyIncident } from "../../shared/incident/model.ts";
import { startTable } from "../support/dynamodb.ts";
import { id, opened } from "../support/incident.ts";

const roles = readRoles();

/** The store as the function of this name has it, with what its role allows. */
const storeAs = async (t: TestContext, name: FunctionName) => {
  const { connection, table, close } = await startTable();
  t.after(close);
  const feed = await startFeed(connection, table);
  t.after(feed.stop);
  feed.may = (caller, call) => roles.get(caller as FunctionName)!.reaches(call);
  const credentials = { accessKeyId: name, secretAccessKey: "nothing" };
  const client = dynamodbClient({ endpoint: feed.url, region: "eu-central-1", credentials });
  t.after(() => client.destroy());
  return dynamodbStore({ client, table, clock: () => 1_000 });
};

test("the emulator gives each function the secrets that its role allows, which are those it reads", () => {
  assert.deepEqual(
    Object.fromEntries([...roles].map(([name, { secrets }]) => [name, secrets.toSorted()])),
    Object.fromEntries(Object.entries(secretsOf).map(([name, secrets]) => [name, secrets.toSorted()])),
  );
});

test("a function that only reads is refused what writes, for good, and nothing is written", async (t) => {
  const store = await storeAs(t, "pages");
  const deploy = { service: "checkout", environment: "production", sha: "a".repeat(40), at: 1 };
  const refused = (error: { retryable?: boolean; message: string }) => {
    assert.equal(error.retryable, false);
    assert.match(
      error.message,
      /AccessDeniedException the role of pages is not authorized to perform dynamodb:PutItem/,
    );
    return true;
  };
  await assert.rejects(store.recordDeploy({ ...deploy, status: "succeeded" }), refused);
  assert.deepEqual(await store.list(), []);
  assert.deepEqual(await store.deploys("checkout", "production", 0), []);
});

test("who records deploys reaches no incident to write to, and who changes incidents no deploy", async (t) => {
  const deploys = await storeAs(t, "deploys");
  const record = { service: "checkout", environment: "production", sha: "a".repeat(40), at: 1 } as const;
  await deploys.recordDeploy({ ...record, status: "succeeded" });
  // A cluster that goes back by itself goes to the version before.
  assert.deepEqual(await deploys.deploys("checkout", "production", 0), [{ ...record, status: "succeeded" }]);
  const incident = evolve(emptyIncident(id), opened());
  await assert.rejects(deploys.append(id, 0, incident, [opened()]), /dynamodb:UpdateItem/);
  const alerts = await storeAs(t, "alerts");
  await assert.rejects(alerts.recordDeploy({ ...record, status: "succeeded" }), /dynamodb:PutItem/);
  assert.deepEqual(await alerts.deploys("checkout", "production", 0), []);
});

test("who tells of flags records what changed and reaches no incident but to read it", async (t) => {
  const flags = await storeAs(t, "flags");
  const flip = { service: "checkout", environment: "production", flag: "new-rates", change: "on", at: 1 };
  await flags.recordFlip(flip);
  assert.equal((await flags.load(id)).version, 0);
  await assert.rejects(
    flags.append(id, 0, evolve(emptyIncident(id), opened()), [opened()]),
    /dynamodb:UpdateItem/,
  );
  await assert.rejects(flags.changes("checkout", "production", 0), /dynamodb:Query/);
  const alerts = await storeAs(t, "alerts");
  await assert.rejects(alerts.recordFlip(flip), /dynamodb:PutItem/);
});

test("who answers turns the kill switch, who merges reads it, and pages cannot turn it", async (t) => {
  const stop = { stopped: true, at: 1, by: "ann", why: "a drill" };
  const answers = await storeAs(t, "answers");
  await answers.setRegister("switch", 0, stop);
  assert.deepEqual(await answers.register("switch"), { version: 1, value: stop });
  assert.deepEqual(await answers.active(), []);
  assert.deepEqual(await (await storeAs(t, "merge")).register("switch"), { version: 0 });
  await assert.rejects((await storeAs(t, "pages")).setRegister("switch", 0, stop), /dynamodb:UpdateItem/);
});
