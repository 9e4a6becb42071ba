import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { parseWebhook } from "../../shared/adapters/alertmanager/notification.ts";
import { readTemplated } from "../../shared/adapters/alertmanager/templated.ts";
import { isNamedBySns, isSignedBy, readEnvelope } from "../../shared/adapters/sns/envelope.ts";
import { snsTopic } from "../../shared/adapters/sns/topic.ts";
import { UpstreamError } from "../../shared/errors.ts";
import { scratch } from "../support/scratch.ts";
import { arn, certificate, certificateUrl, confirmation, signedMessage } from "../support/topic.ts";

test("a message is SNS' own by either version of the signature, with or without a subject, over HTTP and within an event of Lambda", () => {
  for (const over of [{}, { SignatureVersion: "2" }, { Subject: "[FIRING:1]" }, { Subject: null }])
    assert.equal(isSignedBy(readEnvelope(signedMessage("{}", over)), certificate), true);
  const { SigningCertURL: SigningCertUrl, ...event } = signedMessage("{}") as Record<string, unknown>;
  const envelope = readEnvelope({ ...event, SigningCertUrl });
  assert.equal(isSignedBy(envelope, certificate), true);
  assert.equal(isSignedBy(readEnvelope(confirmation()), certificate), true);
});

test("a message of which one signed field is another is not SNS' own", () => {
  const message = signedMessage("{}", { Subject: "s" });
  for (const name of ["Message", "MessageId", "Subject", "Timestamp", "TopicArn"])
    assert.equal(isSignedBy(readEnvelope({ ...message, [name]: "another" }), certificate), false, name);
  assert.equal(isSignedBy(readEnvelope(message), "no certificate"), false);
});

test("certificates and confirmations are asked for at SNS' address in the topic's region, and nowhere else", () => {
  const named = (SigningCertURL: string) =>
    isNamedBySns(readEnvelope(signedMessage("{}", { SigningCertURL })));
  assert.equal(named(certificateUrl), true);
  for (const url of [
    "http://sns.eu-central-1.amazonaws.com/SimpleNotificationService-00ff.pem",
    "https://sns.eu-central-1.amazonaws.com.example.com/SimpleNotificationService-00ff.pem",
    "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-00ff.pem",
    "https://me@sns.eu-central-1.amazonaws.com/SimpleNotificationService-00ff.pem",
    "https://sns.eu-central-1.amazonaws.com:8443/SimpleNotificationService-00ff.pem",
    "https://sns.eu-central-1.amazonaws.com/?Action=Publish",
    "nowhere",
  ])
    assert.equal(named(url), false, url);
  assert.equal(isNamedBySns(readEnvelope({ ...confirmation(), SubscribeURL: "https://example.com" })), false);
});

test("a certificate is fetched once, one that is not there is none, and SNS being away may pass", async () => {
  const asked: string[] = [];
  const answers: Record<string, () => Response> = {
    "/a": () => new Response("pem"),
    "/b": () => new Response("", { status: 404 }),
    "/c": () => new Response("", { status: 503 }),
  };
  const topic = snsTopic({
    arn,
    fetch: async (url) => {
      const { pathname } = new URL(String(url));
      asked.push(pathname);
      return answers[pathname]!();
    },
  });
  const [a, b, c] = ["a", "b", "c"].map((name) => `https://sns.example/${name}`);
  assert.deepEqual([await topic.certificate(a!), await topic.certificate(a!)], ["pem", "pem"]);
  assert.equal(await topic.certificate(b!), undefined);
  await assert.rejects(
    topic.certificate(c!),
    (error) => error instanceof UpstreamError && error.retryable && /: 503$/.test(error.message),
  );
  assert.deepEqual(asked, ["/a", "/b", "/c"]);
  await assert.rejects(topic.confirm(b!), /confirm the subscription to .*: 404/);
});

const alert = (over: object = {}) => ({
  ...{ status: "firing", fingerprint: "ab12", labels: { alertname: "High" }, annotations: {} },
  ...{ startsAt: "2026-01-02 03:04:05.678901234 +0000 UTC", endsAt: "0001-01-01 00:00:00 +0000 UTC" },
  ...over,
});

test("times in Go's text form are read, with their zone and without a monotonic reading", () => {
  const startOf = (startsAt: string) =>
    parseWebhook(readTemplated(JSON.stringify({ alerts: [alert({ startsAt })] }), false)).alerts[0]!.startsAt;
  const at = Date.parse("2026-01-02T03:04:05Z");
  assert.equal(startOf("2026-01-02 03:04:05.678901234 +0000 UTC"), at + 678);
  assert.equal(startOf("2026-01-02 05:04:05 +0200 CEST"), at);
  assert.equal(startOf("2026-01-02 03:04:05 +0000 UTC m=+0.123456"), at);
  assert.equal(startOf("2026-01-02T03:04:05Z"), at);
});

test("Go's escapes that JSON does not know are read as the characters they stand for", () => {
  const text = String.raw`{"alerts":[{"status":"firing","fingerprint":"ab12","startsAt":"2026-01-02T03:04:05Z","labels":{"alertname":"\a\v\x1b\xff\U0001f600 \"q\" \\x41"}}]}`;
  const [read] = parseWebhook(readTemplated(text, false)).alerts;
  assert.equal(read!.name, '\u0007\u000b\u001b\ufffd😀 "q" \\x41');
});

test("of a message that was cut the whole alerts are read, and the group counts as truncated", () => {
  const lines = `{"alerts": [\n${JSON.stringify(alert())},\n${JSON.stringify(alert({ fingerprint: "cd34" }))},\n{"status": "fir`;
  const { alerts, truncated } = parseWebhook(readTemplated(lines, true));
  assert.deepEqual([alerts.map(({ fingerprint }) => fingerprint), truncated], [["ab12", "cd34"], true]);
});

test("a message that is not the template's is refused in one sentence", () => {
  for (const text of ["Alerts Firing:\nLabels:", "[]", "{}", '{"alerts": {}}'])
    assert.throws(() => readTemplated(text, false), /^BadRequest: the message is not that of the template/);
});

const hasAmtool = spawnSync("amtool", ["--version"]).error === undefined;

test("the shipped template, as Alertmanager itself renders it, is read whole", {
  skip: hasAmtool ? false : "amtool is not installed",
}, async (t) => {
  const file = new URL("../../infra/integrations/amp-alertmanager.yaml", import.meta.url);
  const { template_files: files } = parse(readFileSync(file, "utf8"));
  const place = await scratch(t);
  const odd = 'a "quoted" \\ line\nbreak \u0007 é 😀 {{ x }} </script>';
  const alerts = ["ab12", "cd34"].map((fingerprint) => ({
    ...{ status: "firing", fingerprint, labels: { alertname: "High", odd }, annotations: { summary: odd } },
    ...{ startsAt: "2026-01-02T03:04:05.678Z", endsAt: "0001-01-01T00:00:00Z", generatorURL: "" },
  }));
  const data = { receiver: "countersteer", status: "firing", alerts, groupLabels: {}, commonLabels: {} };
  writeFileSync(join(place, "countersteer.tmpl"), files["countersteer.tmpl"]);
  writeFileSync(
    join(place, "data.json"),
    JSON.stringify({ ...data, commonAnnotations: {}, externalURL: "" }),
  );
  const text = '{{ template "countersteer" . }}';
  const rendered = execFileSync("amtool", [
    ...["template", "render", `--template.glob=${join(place, "*.tmpl")}`, `--template.text=${text}`],
    `--template.data=${join(place, "data.json")}`,
  ]).toString();
  const read = parseWebhook(readTemplated(rendered, false));
  assert.deepEqual(
    read.alerts.map(({ fingerprint, labels, annotations, startsAt }) => [
      fingerprint,
      labels.odd,
      annotations.summary,
      startsAt,
    ]),
    alerts.map(({ fingerprint, startsAt }) => [fingerprint, odd, odd, Date.parse(startsAt)]),
  );
  const cut = rendered.slice(0, rendered.indexOf("cd34"));
  assert.deepEqual(parseWebhook(readTemplated(cut, true)).alerts.length, 1);
});
