import assert from "node:assert/strict";
import { test } from "node:test";
import { announcer } from "../../infra/aws/announcer.ts";
import { open, type Stands } from "../../infra/aws/host.ts";
import { publisher } from "../../infra/aws/publisher.ts";
import { ticker } from "../../infra/aws/ticker.ts";
import { dynamodbStore } from "../../shared/adapters/dynamodb/store.ts";
import { UpstreamError } from "../../shared/errors.ts";
import { clientOf, createTable } from "../simulation/dynamodb.ts";
import { id } from "../support/incident.ts";
import { burning, world } from "../support/world.ts";

const surroundings = (stands: Partial<Stands>) => ({
  env: { TABLE_NAME: "incidents", EVENT_BUS_NAME: "countersteer", BASE_URL: "http://countersteer.test" },
  ...{ clock: () => 20_000, wait: async () => {}, write: () => {}, loadSecrets: async () => ({}) },
  config: { services: world().services },
  stands: stands as Stands,
});
const look = (number: string) => ({
  dynamodb: {
    ...{ SequenceNumber: number, Keys: { pk: { S: `look#${id}` }, sk: { S: "verify" } } },
    NewImage: { pk: { S: `look#${id}` }, sk: { S: "verify" }, version: { N: "3" }, at: { N: "6" } },
  },
});

test("records that the bus never takes are reported, so that Lambda comes back to them", async () => {
  const answer = (isTaken: boolean) => ({
    Entries: [isTaken ? { EventId: "e" } : { ErrorCode: "ThrottlingException" }],
  });
  const run = async (isTaken: boolean) => {
    const eventbridge = { send: async () => answer(isTaken) } as never;
    const publish = await open(publisher, surroundings({ eventbridge }));
    return publish({ Records: [look("7")] } as never);
  };
  assert.deepEqual(await run(true), { batchItemFailures: [] });
  assert.deepEqual(await run(false), { batchItemFailures: [{ itemIdentifier: "7" }] });
});

test("news that could not be told stays in the table until it is, and news that is refused for good does not", async () => {
  for (const [error, isLeft] of [
    [new UpstreamError("slack", "down", { retryable: true }), true],
    [new UpstreamError("slack", "no such channel", { retryable: false }), false],
  ] as const) {
    const dynamodb = clientOf(
      createTable(
        () => {},
        () => 20_000,
      ),
      { call: async (_, __, work) => work() },
    );
    const store = dynamodbStore({ client: dynamodb, table: "incidents", clock: () => 20_000 });
    const made = world({ store });
    await made.alerts([burning]);
    const { version } = await made.handle({
      ...{ type: "Escalate", at: 20_000, round: 1, reason: "refused", detail: "no token" },
    });
    made.state.failing.post = error;
    const { history, trees, pulls, merging, accounts, chat, metrics } = made.work;
    const source = { history, trees, pulls, merging, accounts };
    const tell = await open(announcer, surroundings({ dynamodb, source, chat, metrics }));
    await tell({
      ...{ id: "e", source: "countersteer", "detail-type": "IncidentEscalated" },
      detail: { incidentId: id, version, at: 1, tell: true },
    } as never);
    const left = (await store.pending()).some((one) => one.version === version);
    assert.equal(left, isLeft, error.message);
  }
});

test("the tick has news announced that nobody was told yet", async () => {
  const looks: string[] = [];
  const table = createTable(
    ({ dynamodb }) => {
      const { pk, sk } = dynamodb?.NewImage ?? {};
      if (pk?.S === `look#${id}`) looks.push(sk?.S ?? "");
    },
    () => 20_000,
  );
  const dynamodb = clientOf(table, { call: async (_, __, work) => work() });
  const store = dynamodbStore({ client: dynamodb, table: "incidents", clock: () => 20_000 });
  const made = world({ store });
  await made.alerts([burning]);
  await made.handle({ type: "Abandon", at: 20_000, round: 1, detail: "it is not configured any more" });
  const tick = await open(ticker, surroundings({ dynamodb }));
  await tick({});
  assert.deepEqual(looks, ["announce"]);
});
