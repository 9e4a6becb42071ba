import assert from "node:assert/strict";
import { test } from "node:test";
import { plain, whereTrue } from "../packaged.ts";
import { all, type Named } from "./template.ts";

/** A rule of cdk-nag's pack AwsSolutions (https://github.com/cdklabs/cdk-nag/blob/main/RULES.md), by the resources that break it. */
type Rule = () => string[];

const ids = (type: string, breaks: (properties: Named, id: string) => boolean): string[] =>
  all(type)
    .filter(([id, properties]) => breaks(properties, id))
    .map(([id]) => id);

const statements = (policy: Named): Named[] =>
  (policy.PolicyDocument as { Statement: Named[] }).Statement.map((one) => whereTrue(one) as Named);

/** Whether a policy of this type denies calls without TLS to the resource. */
const deniesPlain = (type: string, list: string, id: string): boolean =>
  all(type).some(
    ([, policy]) =>
      JSON.stringify(policy[list]).includes(`"${id}"`) &&
      statements(policy).some(
        ({ Effect, Principal, Condition }) =>
          Effect === "Deny" &&
          Principal === "*" &&
          /^\{"Bool":\{"aws:SecureTransport":"?false"?\}\}$/.test(JSON.stringify(Condition)),
      ),
  );

const rules: Record<string, Rule> = {
  // The stage of an API writes access logs.
  APIG1: () => ids("AWS::ApiGatewayV2::Stage", ({ AccessLogSettings }) => AccessLogSettings === undefined),
  // A route has an authorizer.
  APIG4: () =>
    all("AWS::ApiGatewayV2::Route")
      .filter(([, { AuthorizationType }]) => AuthorizationType !== "AWS_IAM")
      .map(([, { RouteKey }]) => String(RouteKey)),
  // A table can be restored to any second.
  DDB3: () =>
    ids(
      "AWS::DynamoDB::Table",
      ({ PointInTimeRecoverySpecification: of }) => !(of as Named)?.PointInTimeRecoveryEnabled,
    ),
  // A load balancer writes access logs.
  ELB2: () =>
    ids(
      "AWS::ElasticLoadBalancingV2::LoadBalancer",
      ({ LoadBalancerAttributes }) =>
        !(LoadBalancerAttributes as { Key: string; Value: unknown }[]).some(
          ({ Key, Value }) => Key === "access_logs.s3.enabled" && whereTrue(Value) === "true",
        ),
    ),
  // No role has a policy that AWS manages.
  IAM4: () => ids("AWS::IAM::Role", ({ ManagedPolicyArns }) => ManagedPolicyArns !== undefined),
  // No statement allows an action or a resource with a star.
  IAM5: () => [
    ...new Set(
      all("AWS::IAM::Role")
        .flatMap(([, { Policies }]) => (Policies as Named[]).flatMap(statements))
        .flatMap(({ Action, Resource }) => [
          ...[Action].flat(),
          ...[Resource].flat().map((one) => plain(whereTrue(one))),
        ])
        .filter((text) => String(text).includes("*"))
        .map((text) => String(text).replace(/countersteer-prod-\w+/, "NAME")),
    ),
  ],
  // A function runs on the latest runtime.
  L1: () => ids("AWS::Lambda::Function", ({ Runtime }) => Runtime !== "nodejs24.x"),
  // The server-side access logs of a bucket, its public access, and TLS.
  S1: () => ids("AWS::S3::Bucket", ({ LoggingConfiguration }) => LoggingConfiguration === undefined),
  S2: () =>
    ids("AWS::S3::Bucket", ({ PublicAccessBlockConfiguration: block }) => !(block as Named)?.BlockPublicAcls),
  S10: () => ids("AWS::S3::Bucket", (_, id) => !deniesPlain("AWS::S3::BucketPolicy", "Bucket", id)),
  // Publishers of a topic use TLS.
  SNS3: () => ids("AWS::SNS::Topic", (_, id) => !deniesPlain("AWS::SNS::TopicPolicy", "Topics", id)),
  // A queue is encrypted, has a dead-letter queue, and asks for TLS.
  SQS2: () => ids("AWS::SQS::Queue", ({ SqsManagedSseEnabled }) => SqsManagedSseEnabled !== true),
  SQS3: () => ids("AWS::SQS::Queue", ({ RedrivePolicy }) => RedrivePolicy === undefined),
  SQS4: () => ids("AWS::SQS::Queue", (_, id) => !deniesPlain("AWS::SQS::QueuePolicy", "Queues", id)),
};

const account = `\${AWS::Region}:\${AWS::AccountId}`;

/** The resources that break a rule, each rule with the reason why they do. */
const accepted: Record<string, string[]> = {
  // Each function verifies its sender by a token or a signature: API Gateway can check neither.
  APIG4: [
    ...[
      "POST /webhooks/alertmanager",
      "PUT /webhooks/alertmanager",
      "POST /webhooks/sns",
      "POST /webhooks/github",
    ],
    ...["POST /webhooks/deploys", "OPTIONS /webhooks/deploys", "POST /webhooks/flags"],
    ...["POST /slack/interactions", "POST /slack/commands"],
    ...[
      "POST /incidents/{service}/{environment}/retry",
      "POST /incidents/{service}/{environment}/{trouble}/retry",
    ],
    ...[
      "POST /incidents/{service}/{environment}/answer",
      "POST /incidents/{service}/{environment}/{trouble}/answer",
    ],
    ...["POST /drills", "POST /drills/{id}", "POST /stop", "POST /start", "GET /healthz"],
  ],
  IAM5: [
    // The streams of the function's own log group have names that Lambda makes.
    `arn:\${AWS::Partition}:logs:${account}:log-group:/aws/lambda/NAME:*`,
    // The configuration gives the names of the senders' tokens.
    `arn:\${AWS::Partition}:ssm:${account}:parameter\${SecretsRoot}/countersteer/prod/SENDER_*`,
    `arn:\${AWS::Partition}:secretsmanager:${account}:secret:countersteer/prod/SENDER_*`,
    // Network interfaces of a VPC, and the login of ECR: AWS knows no narrower resource.
    "*",
  ],
  // The bucket of osls holds code alone, and goes with the plain template.
  S1: ["ServerlessDeploymentBucket"],
  // Both are dead-letter queues.
  SQS3: ["Undelivered", "Failed"],
};

test("the template keeps the rules of cdk-nag's AwsSolutions that concern it, but for those that are accepted for a reason", () => {
  const broken = Object.entries(rules).flatMap(([name, rule]) => {
    const found = rule().sort();
    return found.length === 0 ? [] : [[name, found]];
  });
  assert.deepEqual(
    Object.fromEntries(broken),
    Object.fromEntries(Object.entries(accepted).map(([name, of]) => [name, of.toSorted()])),
  );
});
