import assert from "node:assert/strict";
import { test } from "node:test";
import { steps } from "../../../functions/steps.ts";
import { secretsOf } from "../../../infra/aws/secrets.ts";
import { leaseMs } from "../../../infra/aws/step.ts";
import { stepOf } from "../../../shared/incident/schedule/due-steps.ts";
import { plain, whereTrue } from "../packaged.ts";
import { functionOf, named, ofEach } from "./properties.ts";
import { all, built, clocked, functions, type Named, receivers, workers } from "./template.ts";

test("the functions are those that can be built, on Node 24 and arm64, each with a role of its own", () => {
  assert.deepEqual(Object.keys(secretsOf).sort(), functions);
  assert.equal(all("AWS::Lambda::Function").length, functions.length);
  for (const name of functions) {
    const [, lambda] = named(name, (properties) => properties);
    assert.equal(lambda.Handler, `dist/${name}/index.handler`);
    assert.equal(lambda.Runtime, "nodejs24.x");
    assert.deepEqual(lambda.Architectures, ["arm64"]);
    assert.equal(plain(lambda.Role), `${name[0]!.toUpperCase()}${name.slice(1)}Role.Arn`);
  }
});

test("each line of the step table has one rule, which wakes one function; announcing follows every change", () => {
  assert.deepEqual([...new Set(Object.values(stepOf))], Object.keys(steps));
  const rules = all("AWS::Events::Rule").map(([, rule]) => {
    const targets = rule.Targets as { Arn: unknown }[];
    assert.equal(targets.length, 1);
    const pattern = rule.EventPattern ?? rule.ScheduleExpression;
    return [functionOf(targets[0]!.Arn), rule.EventBusName && plain(rule.EventBusName), pattern];
  });
  const source = ["countersteer"];
  const sorted = (lines: unknown[][]) => lines.toSorted((a, b) => String(a[0]).localeCompare(String(b[0])));
  assert.deepEqual(
    sorted(rules),
    sorted([
      ...[...new Set(Object.values(stepOf))].map((step) => [
        step,
        "Bus",
        { source, detail: { step: [step] } },
      ]),
      ["announce", "Bus", { source, detail: { tell: [true] } }],
      ...clocked.map((name) => [name, undefined, "rate(1 minute)"]),
      ["Failed.Arn", "Bus", { source, "detail-type": ["RecordUnreadable"] }],
      [
        "alerts",
        undefined,
        {
          ...{ source: ["aws.cloudwatch"], "detail-type": ["CloudWatch Alarm State Change"] },
          detail: { alarmName: [{ prefix: { Ref: "CloudwatchAlarmPrefix" } }] },
        },
      ],
    ]),
  );
});

test("every rule may invoke its function, retries, and leaves what it cannot deliver in a queue", () => {
  const permissions = all("AWS::Lambda::Permission").filter(
    ([, { Principal }]) => Principal === "events.amazonaws.com",
  );
  assert.deepEqual(
    permissions.map(([, { FunctionName }]) => functionOf(FunctionName)).sort(),
    ["alerts", ...workers, ...clocked].sort(),
  );
  for (const [id, rule] of all("AWS::Events::Rule")) {
    const [target] = rule.Targets as Named[];
    assert.deepEqual(
      target!.RetryPolicy,
      rule.ScheduleExpression === undefined
        ? { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 60 }
        : { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 },
      id,
    );
    assert.equal(plain((target!.DeadLetterConfig as Named).Arn), "Undelivered.Arn", id);
  }
});

test("what a function fails at every time is kept, whether an event or the table's stream brought it", () => {
  const kept = all("AWS::Lambda::EventInvokeConfig").map(([, config]) => {
    const { OnFailure } = config.DestinationConfig as { OnFailure: Named };
    return [functionOf(config.FunctionName), plain(OnFailure.Destination), config.MaximumRetryAttempts];
  });
  assert.deepEqual(
    kept.sort(),
    [
      ...["alerts", ...workers].map((name) => [name, "Failed.Arn", 2]),
      ...clocked.map((name) => [name, "Failed.Arn", 0]),
    ].sort(),
  );
  const [[, mapping], ...others] = all("AWS::Lambda::EventSourceMapping") as [[string, Named]];
  assert.deepEqual(others, []);
  assert.equal(functionOf(mapping.FunctionName), "publish");
  assert.equal(plain(whereTrue(mapping.EventSourceArn)), "Table.StreamArn");
  assert.equal(mapping.BisectBatchOnFunctionError, true);
  assert.deepEqual(mapping.FunctionResponseTypes, ["ReportBatchItemFailures"]);
  assert.equal(mapping.StartingPosition, "TRIM_HORIZON");
  assert.equal(
    plain((mapping.DestinationConfig as { OnFailure: Named }).OnFailure.Destination),
    "Failed.Arn",
  );
});

test("the topic of alerts, where one is named, wakes their receiver and nothing else does, and leaves what it cannot deliver in a queue", () => {
  const [[, subscription]] = all("AWS::SNS::Subscription") as [[string, Named]];
  assert.deepEqual([plain(subscription.TopicArn), subscription.Protocol], ["AlertTopicArn", "lambda"]);
  assert.equal(functionOf(subscription.Endpoint), "alerts");
  assert.equal(plain((subscription.RedrivePolicy as Named).deadLetterTargetArn), "Undelivered.Arn");
  const [may, ...others] = all("AWS::Lambda::Permission")
    .map(([, permission]) => permission)
    .filter(({ Principal }) => Principal === "sns.amazonaws.com");
  assert.deepEqual(others, []);
  assert.deepEqual([functionOf(may!.FunctionName), plain(may!.SourceArn)], ["alerts", "AlertTopicArn"]);
  for (const id of ["AlertSubscription", "AlertTopicPermission"])
    assert.equal(built.template.Resources[id]!.Condition, "HasAlertTopic");
});

test("a step ends before its lease, a tick before the next, a receiver while its sender waits", () => {
  const timeouts = ofEach(functions, ({ Timeout }) => Timeout);
  assert.deepEqual(timeouts, {
    ...Object.fromEntries(receivers.map((name) => [name, 10])),
    ...Object.fromEntries(workers.map((name) => [name, 60])),
    ...{ poll: 55, tick: 50, publish: 30 },
  });
  assert.ok(60_000 < leaseMs);
});

test("functions that write to GitHub or Slack are few at a time, and there is one tick", () => {
  const reserved = ofEach(functions, ({ ReservedConcurrentExecutions }) =>
    whereTrue(ReservedConcurrentExecutions),
  );
  assert.deepEqual(JSON.parse(JSON.stringify(reserved)), {
    announce: 5,
    ask: 5,
    merge: 2,
    poll: 1,
    propose: 3,
    tick: 1,
  });
});
