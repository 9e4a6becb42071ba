import assert from "node:assert/strict";
import { test } from "node:test";
import { secretsOf } from "../../../infra/aws/secrets.ts";
import { plain, whereTrue } from "../packaged.ts";
import { all, functions, inside, type Named, one } from "./template.ts";

/** Every permission of a role, a line each: action, resource, and to which items of the table it is held. */
const permissionsOf = (role: Named): string[] => {
  const [policy, ...others] = role.Policies as [Named];
  assert.deepEqual(others, []);
  const { Statement } = policy.PolicyDocument as { Statement: Named[] };
  return Statement.map((one) => whereTrue(one) as Named)
    .flatMap(({ Effect, Action, Resource, Condition }) => {
      assert.equal(Effect, "Allow");
      const held = Condition === undefined ? "" : ` ${leadingKeys(Condition)}`;
      return [Action]
        .flat()
        .flatMap((action) => [Resource].flat().map((on) => `${action} ${plain(whereTrue(on))}${held}`));
    })
    .sort();
};

const leadingKeys = (condition: unknown): string => {
  const { StringEquals: equals } = condition as Record<string, Named>;
  if (equals !== undefined) return `via ${plain(whereTrue(equals["kms:ViaService"]))}`;
  const { "ForAllValues:StringLike": like, ...others } = condition as Record<string, Named>;
  assert.deepEqual(others, {});
  return String(like!["dynamodb:LeadingKeys"]);
};

const account = `\${AWS::Region}:\${AWS::AccountId}`;

const parameter = `parameter\${SecretsRoot}/countersteer/prod`;

const on = (actions: string[], what: string) => actions.map((action) => `dynamodb:${action} ${what}`);

const change = on(["DeleteItem", "GetItem", "PutItem", "UpdateItem"], "Table.Arn incident#*");

const read = on(["GetItem"], "Table.Arn incident#*");

const registers = on(["GetItem"], "Table.Arn register#*");

const register = on(["UpdateItem"], "Table.Arn register#*");

const waits = on(["UpdateItem"], "Table.Arn register#waits");

const due = on(["Query"], `\${Table.Arn}/index/waits`);

const deploys = on(["Query"], "Table.Arn deploy#*");

const record = on(["PutItem"], "Table.Arn deploy#*");

const left = on(["GetItem", "UpdateItem"], "Table.Arn register#left");

const look = on(["BatchWriteItem"], "Table.Arn look#*");

const stream = on(["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"], "Table.StreamArn");

const failed = ["sqs:SendMessage Failed.Arn"];

const allowed: Record<string, string[]> = {
  alerts: [
    ...change,
    ...deploys,
    ...left,
    ...on(["GetItem", "UpdateItem"], "Table.Arn register#drills"),
    ...failed,
  ],
  answers: [...change, ...registers, ...register, ...due],
  deploys: [...read, ...deploys, ...record, ...look, ...left],
  flags: [...read, ...record, ...look, ...left],
  github: [
    ...read,
    ...on(["GetItem"], "Table.Arn register#switch"),
    ...record,
    ...on(["GetItem", "PutItem"], "Table.Arn delivery#*"),
    ...look,
    ...on(["GetItem", "UpdateItem"], "Table.Arn register#waits"),
    ...on(["GetItem", "UpdateItem"], "Table.Arn register#renamed"),
    ...left,
  ],
  pages: [...read, ...registers, ...on(["Query"], `\${Table.Arn}/index/written`), ...deploys, ...left],
  diagnose: [
    ...[...change, ...registers, ...due, ...waits, ...deploys, ...failed],
    ...on(["UpdateItem"], "Table.Arn register#opinions"),
  ],
  propose: [...change, ...registers, ...due, ...waits, ...deploys, ...failed],
  ask: [...change, ...registers, ...due, ...waits, ...failed],
  merge: [...change, ...registers, ...due, ...deploys, ...register, ...failed],
  watch: [...change, ...registers, ...waits, ...deploys, ...failed],
  verify: [...change, ...registers, ...waits, ...deploys, ...failed],
  // A draft of a post-mortem lists similar incidents.
  announce: [
    ...change,
    ...deploys,
    ...on(["Query"], `\${Table.Arn}/index/written`),
    ...registers,
    ...waits,
    ...failed,
  ],
  tick: [...change, ...due, ...look, ...failed],
  poll: [...read, ...deploys, ...record, ...look, ...left, ...failed],
  publish: [...stream, "events:PutEvents Bus.Arn", ...failed],
};

const networking = ["CreateNetworkInterface", "DeleteNetworkInterface", "DescribeNetworkInterfaces"].map(
  (action) => `ec2:${action}`,
);

const measuring = ["ask", "diagnose", "propose", "verify", "watch"];

const reachOf = (name: string): string[] => [
  ...(inside.includes(name) ? networking.map((action) => `${action} *`) : []),
  ...(name === "diagnose" ? ["logs:FilterLogEvents LogGroupArns"] : []),
  ...(["deploys", "diagnose", "poll"].includes(name)
    ? [
        "ecr:GetAuthorizationToken *",
        ...["BatchGetImage", "GetDownloadUrlForLayer"].map((action) => `ecr:${action} EcrRepositoryArns`),
      ]
    : []),
  ...(measuring.includes(name)
    ? ["QueryMetrics", "ListRules"].map((action) => `aps:${action} PrometheusWorkspaceArn`)
    : []),
];

for (const name of functions)
  test(`the role of ${name} allows what it does, its own log and its own secrets, and nothing else`, () => {
    const role = one(`${name[0]!.toUpperCase()}${name.slice(1)}Role`);
    const logs = `arn:\${AWS::Partition}:logs:${account}:log-group:/aws/lambda/countersteer-prod-${name}:*`;
    const secrets = secretsOf[name as keyof typeof secretsOf].map(
      (secret) => `ssm:GetParameters arn:\${AWS::Partition}:ssm:${account}:${parameter}/${secret}`,
    );
    const managed = secretsOf[name as keyof typeof secretsOf]
      .flatMap((secret) => (secret.endsWith("*") ? [secret] : [secret, `${secret}-??????`]))
      .map((secret) => `arn:\${AWS::Partition}:secretsmanager:${account}:secret:countersteer/prod/${secret}`)
      .map((secret) => `secretsmanager:GetSecretValue ${secret}`);
    const key =
      secrets.length === 0
        ? []
        : [`kms:Decrypt KmsKeyArn via secretsmanager.\${AWS::Region}.\${AWS::URLSuffix}`];
    assert.deepEqual(
      permissionsOf(role),
      [
        ...allowed[name]!,
        ...(name === "publish"
          ? []
          : [`s3:GetObject arn:\${AWS::Partition}:s3:::\${ConfigBucket}/\${ConfigKey}`]),
        ...reachOf(name),
        ...secrets,
        ...managed,
        ...key,
        `logs:CreateLogStream ${logs}`,
        `logs:PutLogEvents ${logs}`,
      ].sort(),
    );
    assert.equal(role.ManagedPolicyArns, undefined);
    const { Statement } = role.AssumeRolePolicyDocument as { Statement: Named[] };
    const Principal = { Service: "lambda.amazonaws.com" };
    assert.deepEqual(Statement, [{ Effect: "Allow", Principal, Action: "sts:AssumeRole" }]);
  });

test("no role and no policy of a queue allows an action with a star, or anything on everything", () => {
  const documents = [
    ...all("AWS::IAM::Role").flatMap(([, { Policies }]) =>
      (Policies as { PolicyDocument: { Statement: Named[] } }[]).flatMap(
        (one) => one.PolicyDocument.Statement,
      ),
    ),
    ...all("AWS::SQS::QueuePolicy").flatMap(
      ([, { PolicyDocument }]) => (PolicyDocument as { Statement: Named[] }).Statement,
    ),
  ];
  for (const { Effect, Action, Resource, Principal } of documents.map((one) => whereTrue(one) as Named)) {
    if (Effect === "Deny") continue;
    // Lambda's network interfaces, only with a VPC, and the login of ECR, only with repositories: AWS knows no narrower resource.
    if (Action === "ecr:GetAuthorizationToken") continue;
    if ([Action].flat().every((action) => networking.includes(String(action)))) continue;
    for (const action of [Action].flat()) assert.match(String(action), /^[a-z0-9]+:[A-Za-z]+$/);
    // All streams of our own log groups, and the tokens of senders, whose names the configuration gives; no other star.
    for (const resource of [Resource].flat())
      assert.match(
        plain(resource)
          .replace(/(:log-group:[^*]+):\*$/, "$1")
          .replace(/\/SENDER_\*$/, ""),
        /^[^*]+$/,
      );
    assert.notEqual(JSON.stringify(Principal), '"*"');
  }
});

test("only propose and merge reach the GitHub key, and only functions that ask, tell or check approvers the Slack token", () => {
  const reaching = (secret: string) =>
    functions.filter((name) =>
      permissionsOf(one(`${name[0]!.toUpperCase()}${name.slice(1)}Role`)).some((line) =>
        line.endsWith(`${parameter}/${secret}`),
      ),
    );
  for (const key of ["GITHUB_TOKEN", "GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY"])
    assert.deepEqual(reaching(key), ["merge", "propose"], key);
  assert.deepEqual(reaching("SLACK_BOT_TOKEN"), ["announce", "answers", "ask", "merge", "watch"]);
  const verifying = [
    "ALERTMANAGER_TOKEN",
    "DEPLOYS_TOKEN",
    "FLAGS_TOKEN",
    "GITHUB_WEBHOOK_SECRET",
    "SLACK_SIGNING_SECRET",
  ];
  assert.deepEqual(verifying.map(reaching), [["alerts"], ["deploys"], ["flags"], ["github"], ["answers"]]);
});

test("every policy of a role is within the 10,240 characters that IAM allows, with all that its conditions add", () => {
  for (const [id, { Policies }] of all("AWS::IAM::Role")) {
    const [{ PolicyDocument }] = Policies as [{ PolicyDocument: unknown }];
    const most = JSON.stringify(PolicyDocument, (_, value) => {
      const chosen = whereTrue(value);
      const isText =
        typeof chosen === "object" &&
        chosen !== null &&
        /^(Ref|Fn::(Sub|GetAtt))$/.test(Object.keys(chosen)[0]!);
      if (!isText) return chosen;
      return plain(chosen)
        .replace(/\$\{?AWS::\w+\}?/g, "ap-southeast-2")
        .replace(`\${SecretsRoot}`, "/aws/reference/secretsmanager");
    });
    assert.ok(most.length <= 10_240, `${id} has ${most.length} characters`);
  }
});
