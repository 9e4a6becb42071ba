import assert from "node:assert/strict";
import { test } from "node:test";
import { doors } from "../support/doors.ts";
import { id } from "../support/incident.ts";
import { webhook } from "../support/payloads.ts";
import { arn, certificateUrl, confirmation, fakeTopic, signedMessage } from "../support/topic.ts";

const notification = (): string => JSON.stringify(webhook([{}]));
const bodyOf = async (response: Response): Promise<[number, { receipts?: { outcome: string }[] }]> => [
  response.status,
  (await response.json()) as object,
];

test("an alert of the topic opens its incident, and a repetition changes nothing", async () => {
  const topic = fakeTopic();
  const { published } = doors(undefined, { topic });
  const [status, { receipts }] = await bodyOf(await published(signedMessage(notification())));
  assert.equal(status, 202);
  assert.deepEqual(receipts, [
    { alertname: "PaymentErrorsHigh", fingerprint: "f1", outcome: "opened", incident: id },
  ]);
  const [, again] = await bodyOf(await published(signedMessage(notification())));
  assert.equal(again.receipts?.[0]?.outcome, "repeat");
});

test("a subscription to the topic is confirmed, and one to another is not", async () => {
  const topic = fakeTopic();
  const { published } = doors(undefined, { topic });
  assert.deepEqual(await bodyOf(await published(confirmation())), [200, { confirmed: arn }]);
  assert.deepEqual(topic.calls, [
    certificateUrl,
    "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription",
  ]);
  const other = doors(undefined, { topic: { ...topic, arn: `${arn}-2` } });
  topic.calls.length = 0;
  assert.deepEqual(await bodyOf(await other.published(confirmation())), [
    403,
    { error: "the message is of another topic than ALERT_TOPIC_ARN" },
  ]);
  assert.deepEqual(topic.calls, [], "nobody was called for a stranger's message");
});

test("a forged message, one of a template that is not ours, and one where no topic is named are refused in one sentence, and nothing is stored", async () => {
  const { published, made } = doors(undefined, { topic: fakeTopic() });
  const refusal = async (message: object) => bodyOf(await published(message));
  assert.deepEqual(await refusal({ ...signedMessage("{}"), Message: notification() }), [
    401,
    { error: "the message is not signed by SNS" },
  ]);
  const elsewhere = signedMessage(notification(), { SigningCertURL: "https://example.com/a.pem" });
  assert.deepEqual(await refusal(elsewhere), [
    401,
    { error: "the message names an address that is not of SNS in the region of the topic" },
  ]);
  assert.deepEqual(await refusal(signedMessage("Alerts Firing:")), [
    400,
    { error: "the message is not that of the template in docs/connect-alertmanager.md" },
  ]);
  assert.deepEqual(await refusal({ Type: "UnsubscribeConfirmation" }), [
    400,
    { error: "Type: neither a Notification nor a SubscriptionConfirmation of SNS" },
  ]);
  assert.deepEqual(await made.store.list(), []);
  assert.deepEqual(await bodyOf(await doors().published(signedMessage(notification()))), [
    404,
    { error: "ALERT_TOPIC_ARN is not set: no alerts come by SNS" },
  ]);
});
