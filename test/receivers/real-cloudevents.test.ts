import assert from "node:assert/strict";
import { test } from "node:test";
import { application, at, environment, json, receiving, record, recorded } from "./told-deploys.ts";

// The SDK of CloudEvents as an independent sender: `npm install --no-save cloudevents`, or its folder in CLOUDEVENTS_SDK.

type Message = { headers: Record<string, string>; body: unknown };
type Sdk = {
  CloudEvent: new (attributes: object) => { toJSON(): object };
  HTTP: { binary(event: unknown): Message; structured(event: unknown): Message };
};
const name = process.env.CLOUDEVENTS_SDK ?? "cloudevents";
const sdk: Sdk | undefined = await import(name).then(
  (one) => one.default ?? one,
  () => undefined,
);
const skip = sdk === undefined && "npm's cloudevents is not installed: it was NOT tried";

const deployed = json("cdevents/service_deployed.json");
const live = [record({ sha: application, status: "succeeded", at: at(deployed.context.timestamp) })];

test("an event that the SDK of CloudEvents sends in binary, structured and batched mode is a deploy", {
  skip,
}, async () => {
  const { CloudEvent, HTTP } = sdk!;
  const event = new CloudEvent({
    ...{ id: "7", source: "/acme/cd", type: deployed.context.type, subject: "payment-gateway" },
    ...{ time: deployed.context.timestamp, data: deployed },
  });
  for (const { headers, body } of [HTTP.binary(event), HTTP.structured(event)]) {
    const { send, stored } = receiving([environment]);
    assert.deepEqual(await send(body, headers), recorded, headers["content-type"]);
    assert.deepEqual(await stored(), live);
  }
  const { send, stored } = receiving([environment]);
  const batched = { "content-type": "application/cloudevents-batch+json" };
  assert.deepEqual(await send([event.toJSON()], batched), [202, { receipts: [recorded[1]] }]);
  assert.deepEqual(await stored(), live);
});
