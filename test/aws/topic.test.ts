import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { definition } from "../../infra/aws/handlers/alerts.ts";
import { open } from "../../infra/aws/host.ts";
import { startTable } from "../support/dynamodb.ts";
import { webhook } from "../support/payloads.ts";
import { arn, certificate, certificateUrl, signedMessage } from "../support/topic.ts";
import { service } from "../support/world.ts";

const fetcher = globalThis.fetch;
let isAway = false;
before(() => {
  globalThis.fetch = async (input, init) => {
    if (String(input) !== certificateUrl) return fetcher(input, init);
    return isAway ? new Response("", { status: 503 }) : new Response(certificate);
  };
});
after(() => {
  globalThis.fetch = fetcher;
});

/** As Lambda hands a message of a topic over. */
const eventOf = (message: Record<string, unknown>) => {
  const { SigningCertURL: SigningCertUrl, ...rest } = message;
  const Sns = { ...rest, SigningCertUrl, Subject: rest.Subject ?? null, MessageAttributes: {} };
  return {
    Records: [{ EventSource: "aws:sns", EventVersion: "1.0", EventSubscriptionArn: `${arn}:1`, Sns }],
  };
};

test("on AWS the topic's messages open incidents; a forged one is only logged, and one that cannot be taken now is tried again", async (t) => {
  const { endpoint, table, close } = await startTable();
  t.after(close);
  const lines: Record<string, unknown>[] = [];
  const handler = await open(definition, {
    env: {
      ...{ AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "alerts", AWS_SECRET_ACCESS_KEY: "nothing" },
      ...{ TABLE_NAME: table, DYNAMODB_ENDPOINT: endpoint, ALERT_TOPIC_ARN: arn },
    },
    ...{ config: { services: [service()] }, clock: () => 20_000, wait: async () => {} },
    loadSecrets: async () => ({}),
    write: (line) => void lines.push(JSON.parse(line)),
  });
  const take = (message: object) => handler(eventOf(message as Record<string, unknown>) as never);
  const notification = JSON.stringify(webhook([{}]));

  isAway = true;
  await assert.rejects(take(signedMessage(notification)), /take the messages of the topic: 503 /);
  isAway = false;
  assert.equal(await take({ ...signedMessage("{}"), Message: notification }), undefined);
  assert.equal(lines.at(-1)!.reason, "the message is not signed by SNS");
  assert.equal(await take(signedMessage(notification)), undefined);
  assert.equal(lines.at(-1)!.to, "opened");
  await assert.rejects(
    take(signedMessage("Alerts Firing:")),
    /take the messages of the topic: 400 .*not that of the template/,
  );
});
