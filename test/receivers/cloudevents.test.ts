import assert from "node:assert/strict";
import { test } from "node:test";
import {
  application,
  at,
  digest,
  environment,
  json,
  left,
  receiving,
  record,
  recorded,
} from "./told-deploys.ts";

const deployed = json("cdevents/service_deployed.json");

const cloud = (data: unknown, over: object = {}) => ({
  ...{ specversion: "1.0", id: "1", source: "/ci", type: "dev.cdevents.service.deployed.0.3.0", data },
  ...over,
});

const structured = { "content-type": "application/cloudevents+json; charset=utf-8" };

const batched = { "content-type": "application/cloudevents-batch+json" };

test("CDEvents' service events are deploys, bare, structured and binary, and the digest tells the commit", async () => {
  for (const name of ["deployed", "upgraded", "rolledback"]) {
    const event = json(`cdevents/service_${name}.json`);
    const binary = {
      "ce-specversion": "1.0",
      "ce-id": "1",
      "ce-source": "/ci",
      "ce-type": event.context.type,
    };
    for (const [body, headers] of [
      [event, {}],
      [cloud(event, { type: event.context.type }), structured],
      [event, { "content-type": "application/json", ...binary }],
      [cloud(undefined, { data_base64: Buffer.from(JSON.stringify(event)).toString("base64") }), structured],
    ] as const) {
      const { send, stored } = receiving([environment]);
      assert.deepEqual(await send(body, headers), recorded);
      assert.deepEqual(await stored(), [
        record({ sha: application, status: "succeeded", at: at("2026-11-22T14:27:05.315Z") }),
      ]);
    }
  }
});

test("any minor version of CDEvents is understood, and events that are no deploys are left alone", async () => {
  const { send } = receiving([environment]);
  const versioned = (type: string) => ({ ...deployed, context: { ...deployed.context, type } });
  assert.deepEqual(await send(versioned("dev.cdevents.service.deployed.0.2.0")), recorded);
  assert.deepEqual(await send(versioned("dev.cdevents.service.upgraded.1.7.0-draft")), recorded);
  for (const name of ["removed", "published"])
    assert.deepEqual(await send(json(`cdevents/service_${name}.json`)), left("ignored"));
  assert.deepEqual(await send(versioned("dev.cdevents.incident.detected.0.3.0")), left("ignored"));
});

test("an artifact names its registry itself, or is one whose name the configuration does not have", async () => {
  const artifact = (artifactId: string) => {
    const content = { ...deployed.subject.content, artifactId };
    return { ...deployed, subject: { ...deployed.subject, content } };
  };
  const encoded = digest.replace(":", "%3A");
  const { send } = receiving([{ tool: "cdevents", name: "prod/eu-west-1" }]);
  const place = "repository_url=ghcr.io/company/payment-gateway";
  assert.deepEqual(await send(artifact(`pkg:oci/payment-gateway@${encoded}?${place}&tag=1`)), recorded);
  assert.deepEqual(await send(artifact("pkg:npm/left-pad@1.0.0")), left("no_commit"));
  const other = artifact(`pkg:oci/other@${encoded}`);
  assert.deepEqual(await receiving([environment]).send(other), left("no_commit"));
});

test("in a batch each event has its receipt, and a broken one refuses itself", async () => {
  const { send, stored } = receiving([environment]);
  const { source: _, ...sourceless } = cloud(deployed);
  const broken = { ...deployed, subject: { id: "x", content: {} } };
  assert.deepEqual(
    await send([sourceless, cloud(deployed), cloud({ hello: 1 }, { type: "x" }), cloud(broken)], batched),
    [
      202,
      {
        receipts: [
          { outcome: "malformed", problem: "not a CloudEvent: source: is missing" },
          { outcome: "recorded", incident: "payment-gateway/production" },
          { outcome: "ignored" },
          {
            outcome: "malformed",
            problem:
              "not an event of CDEvents: subject.content.environment: is missing; subject.content.artifactId: is missing",
          },
        ],
      },
    ],
  );
  assert.equal((await stored()).length, 1);
  assert.deepEqual(await send([], batched), [202, { receipts: [] }]);
});

test("a CloudEvent without a source, in another format, or in an endless batch is refused in one sentence", async () => {
  const { send } = receiving([environment]);
  const { source: _, ...sourceless } = cloud(deployed);
  const missing = [400, { error: "not a CloudEvent: source: is missing" }];
  assert.deepEqual(await send(sourceless, structured), missing);
  assert.deepEqual(await send([sourceless, sourceless], batched), missing);
  assert.deepEqual(await send(deployed, { "ce-specversion": "1.0", "ce-id": "1", "ce-type": "x" }), missing);
  assert.deepEqual(await send("", { "content-type": "application/cloudevents+avro" }), [
    415,
    { error: "of the formats of CloudEvents, only JSON is understood" },
  ]);
  assert.deepEqual(await send({}, batched), [
    400,
    { error: "not a batch of CloudEvents: must be a list of at most 1000" },
  ]);
  const huge = JSON.stringify(Array(20_000).fill(cloud({ pad: "x".repeat(450) })));
  assert.ok(huge.length > 10_000_000);
  assert.deepEqual(await send(huge, batched), [
    413,
    {
      error:
        "the body is larger than 2097152 bytes, and nothing of it was recorded: send its events in smaller batches",
    },
  ]);
});

test("a sender of CloudEvents may ask whether it may post here", async () => {
  const { app } = receiving([]);
  const asked = await app.request("/webhooks/deploys", {
    method: "OPTIONS",
    headers: { "webhook-request-origin": "events.example.com", "webhook-request-rate": "120" },
  });
  assert.deepEqual(
    [asked.status, asked.headers.get("webhook-allowed-origin"), asked.headers.get("webhook-allowed-rate")],
    [200, "events.example.com", "*"],
  );
  const plain = await app.request("/webhooks/deploys", { method: "OPTIONS" });
  assert.deepEqual([plain.status, plain.headers.get("webhook-allowed-origin")], [200, null]);
});
