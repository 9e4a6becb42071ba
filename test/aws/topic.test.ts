import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import { definition } from "../../infra/aws/handlers/alerts.ts";
import { open } from "../../infra/aws/host.ts";
import { dynamodbStore } from "../../shared/adapters/dynamodb/store.ts";
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

const onTable = async (t: TestContext) => {
  const { endpoint, table, client, close } = await startTable();
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
  return { handler, lines, store: dynamodbStore({ client, table, clock: () => 20_000 }) };
};

test("on AWS the topic's messages open incidents; a forged one is only logged, and one that cannot be taken now is tried again", async (t) => {
  const { handler, lines } = await onTable(t);
  const take = (message: object) => handler(eventOf(message as Record<string, unknown>) as never);
  const notification = JSON.stringify(webhook([{}]));

  isAway = true;
  await assert.rejects(take(signedMessage(notification)), /take what the topic or the bus brought: 503 /);
  isAway = false;
  assert.equal(await take({ ...signedMessage("{}"), Message: notification }), undefined);
  assert.equal(lines.at(-1)!.reason, "the message is not signed by SNS");
  assert.equal(await take(signedMessage(notification)), undefined);
  assert.equal(lines.at(-1)!.to, "opened");
  await assert.rejects(
    take(signedMessage("Alerts Firing:")),
    /take what the topic or the bus brought: 400 .*not that of the template/,
  );
});

/** The event of EventBridge's documentation, shortened. */
const alarm = (value: string, at: string, previous: string) => ({
  ...{
    version: "0",
    source: "aws.cloudwatch",
    "detail-type": "CloudWatch Alarm State Change",
    account: "123456789012",
  },
  ...{
    region: "eu-central-1",
    resources: ["arn:aws:cloudwatch:eu-central-1:123456789012:alarm:PaymentErrorsHigh"],
  },
  detail: {
    alarmName: "PaymentErrorsHigh",
    state: { value, reason: "Threshold Crossed", timestamp: `1970-01-01T00:00:${at}.000+0000` },
    previousState: { value: "OK", timestamp: `1970-01-01T00:00:${previous}.000+0000` },
    configuration: {
      description: "5xx of the load balancer service=payment-gateway environment=production",
      metrics: [
        {
          id: "m",
          metricStat: {
            metric: { name: "5XX", namespace: "AWS/ELB", dimensions: { LoadBalancer: "app/pay" } },
          },
        },
      ],
    },
  },
});

test("an alarm of CloudWatch that the rule brings opens an incident and resolves in it; one without data changes nothing", async (t) => {
  const { handler, store } = await onTable(t);
  const bring = (event: object) => handler(event as never);
  assert.equal(await bring(alarm("ALARM", "10", "05")), undefined);
  const opened = await store.load("payment-gateway/production");
  assert.equal(opened.incident.status, "opened");
  assert.deepEqual(
    opened.incident.alerts.map(({ name, labels, startsAt }) => [name, labels.LoadBalancer, startsAt]),
    [["PaymentErrorsHigh", "app/pay", 10_000]],
  );
  await bring(alarm("INSUFFICIENT_DATA", "12", "10"));
  assert.equal((await store.load("payment-gateway/production")).version, opened.version);
  await bring(alarm("OK", "15", "12"));
  const { incident } = await store.load("payment-gateway/production");
  assert.deepEqual(
    incident.alerts.map(({ status, endsAt }) => [status, endsAt]),
    [["resolved", 15_000]],
  );
  await assert.rejects(bring({ "detail-type": "Other" }), /not an event of a CloudWatch alarm/);
});
