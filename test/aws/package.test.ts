import "./package/permissions.ts";
import "./package/rules.ts";
import "./package/wiring.ts";
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { routes } from "../../functions/routes.ts";
import { budgetOf } from "../../infra/aws/bundle/budgets.ts";
import { secretsOf } from "../../infra/aws/secrets.ts";
import { readWiring } from "../../infra/aws-local/wiring.ts";
import { functionOf, named, ofEach } from "./package/properties.ts";
import { all, built, canaries, functions, inside, type Named, one, receivers } from "./package/template.ts";
import { filesIn, filesOf, plain, whereTrue } from "./packaged.ts";
import { problemsOf } from "./specification.ts";

test("AWS's specification knows every resource, property and reference of the template", () => {
  assert.deepEqual(problemsOf(built.template), []);
});

test("the check by the specification sees a misspelt property, a missing one, and a reference to nothing", () => {
  const Resources = {
    Queue: { Type: "AWS::SQS::Queue", Properties: { SqsManagedSse: true, DelaySeconds: "1" } },
    Rule: {
      Type: "AWS::Events::Rule",
      Properties: { Targets: [{ Arn: { "Fn::GetAtt": ["Queue", "Name"] } }] },
    },
    Other: { Type: "AWS::SQS::Qeue", Properties: { QueueName: { "Fn::Sub": `\${Nothing}-x` } } },
  };
  assert.deepEqual(problemsOf({ Resources, Outputs: {} }), [
    "Queue (AWS::SQS::Queue): there is no SqsManagedSse",
    'Queue (AWS::SQS::Queue).DelaySeconds: a number, not "1"',
    "Rule (AWS::Events::Rule).Targets[0]: Id is missing",
    "Rule: Queue (AWS::SQS::Queue) has no attribute Name",
    "Other: there is no AWS::SQS::Qeue",
  ]);
});

test("every function is one bundle within its budget, and its package holds nothing else but the configuration and the libraries that are loaded late", () => {
  assert.deepEqual(readdirSync(built.dist).sort(), ["countersteer.json", ...functions].sort());
  for (const name of functions) {
    const { size } = statSync(join(built.dist, name, "index.cjs"));
    const budget = budgetOf(name).bytes;
    assert.ok(size <= budget, `${name} has ${size} bytes, its budget is ${budget}`);
    assert.deepEqual(
      filesIn(join(built.zips, `${name}.zip`)),
      [...(name === "publish" ? [] : ["dist/countersteer.json"]), ...filesOf(name)].sort(),
    );
  }
});

test("of the receivers only the one that answers Slack holds its client, and it and GitHub's hold the client of GitHub, and none a YAML parser", () => {
  const holding = (text: string) =>
    functions.filter((name) => readFileSync(join(built.dist, name, "index.cjs"), "utf8").includes(text));
  const everywhere = [
    "announce",
    "answers",
    "ask",
    "diagnose",
    "github",
    "merge",
    "propose",
    "verify",
    "watch",
  ];
  assert.deepEqual(holding("/repos/{owner}/{repo}/pulls"), everywhere);
  assert.deepEqual(holding("chat.postMessage"), ["announce", "answers", "ask", "merge", "watch"]);
  assert.deepEqual(holding("PutEvents"), ["publish"]);
  const yaml = holding("BLOCK_LITERAL");
  assert.deepEqual(
    receivers.filter((name) => yaml.includes(name)),
    [],
  );
});

test("an organisation decides about boundary, path, key, retention, reserved concurrency and topic, and each has a default", () => {
  const { Parameters = {}, Conditions = {} } = built.template;
  assert.deepEqual(
    Object.fromEntries(Object.entries(Parameters).map(([name, { Default }]) => [name, Default])),
    {
      ...{ PermissionsBoundary: "", RolePath: "/", KmsKeyArn: "", LogRetention: 30 },
      ...{ ReservedConcurrency: 1, AlarmTopicArn: "", PrometheusWorkspaceArn: "" },
      ...{ ConfigBucket: "", ConfigKey: "countersteer.json" },
      ...{ RestoredTable: "", RestoredStreamArn: "" },
      ...{ SecretsRoot: "", AlertThrottleRate: 0, WebhookThrottleRate: 0, SlackThrottleRate: 0 },
      ...{ Edge: "http", EdgeSubnetIds: "", EdgeSecurityGroupIds: "", EdgeLogBucket: "" },
      OutsideWebhooks: "on",
      ...{ ThrottleRate: 0, DomainName: "", CertificateArn: "", TruststoreUri: "", DefaultEndpoint: "on" },
      ...{ SilenceSeconds: 0, AlertTopicArn: "" },
      ...{
        CloudwatchAlarmPrefix: "",
        LogGroupArns: "",
        EcrRepositoryArns: "",
        VpcSubnetIds: "",
        VpcSecurityGroupIds: "",
      },
    },
  );
  assert.deepEqual(Object.keys(Conditions).sort(), [
    "HasAlertThrottle",
    "HasAlertTopic",
    "HasBoundary",
    "HasCloudwatchAlarms",
    "HasConfigBucket",
    "HasDeployThrottle",
    "HasDomain",
    "HasEcrRepositories",
    "HasEdgeLogs",
    "HasHttpApi",
    "HasHttpDomain",
    "HasKmsKey",
    "HasLogGroups",
    "HasOutsideDoor",
    "HasOwnTable",
    "HasOwnTopic",
    "HasPrivatePages",
    "HasSecretsManager",
    "HasSilence",
    "HasSlackThrottle",
    "HasThrottle",
    "HasTruststore",
    "HasVpc",
    "HasWebhookThrottle",
    "HasWorkspace",
    "IsDomainAlone",
    "IsHttp",
    "IsPrivate",
    "PagesByLogin",
    "Reserves",
  ]);
  const noValue = { Ref: "AWS::NoValue" };
  const roles = all("AWS::IAM::Role");
  assert.equal(roles.length, functions.length);
  for (const [id, { Path, PermissionsBoundary }] of roles)
    assert.deepEqual(
      [Path, PermissionsBoundary],
      [{ Ref: "RolePath" }, { "Fn::If": ["HasBoundary", { Ref: "PermissionsBoundary" }, noValue] }],
      id,
    );
  const config = { SubnetIds: { Ref: "VpcSubnetIds" }, SecurityGroupIds: { Ref: "VpcSecurityGroupIds" } };
  for (const name of functions)
    assert.deepEqual(
      named(name, ({ VpcConfig }) => VpcConfig)[1],
      inside.includes(name) ? { "Fn::If": ["HasVpc", config, noValue] } : undefined,
      name,
    );
  const tags = [
    { Key: "application", Value: "countersteer" },
    { Key: "stage", Value: "prod" },
  ];
  for (const [id, { Tags }] of all("AWS::Lambda::Function")) assert.deepEqual(Tags, tags, id);
});

test("no secret is in the template, the bundles or the configuration, only where it is read by name", () => {
  const files = [built.dist, built.zips]
    .flatMap((place) => readdirSync(place, { recursive: true, withFileTypes: true }))
    .filter((file) => file.isFile() && !file.name.endsWith(".zip"))
    .map(({ parentPath, name }) => join(parentPath, name));
  const holding = (pattern: RegExp, of: string[]) =>
    of.filter((file) => pattern.test(readFileSync(file, "utf8")));
  assert.ok(files.length >= functions.length + 3);
  assert.deepEqual(holding(/canary-/, files), []);
  const written = files.filter((file) => file.endsWith(".json"));
  assert.deepEqual(holding(/-----BEGIN|\bgh[a-z]_\w|\bgithub_pat_|\bxox[abp]-|\bAKIA/, written), []);
  const given = ofEach(functions, ({ Environment }) =>
    Object.keys((Environment as { Variables: Named }).Variables),
  );
  for (const name of functions) {
    const reads = secretsOf[name as keyof typeof secretsOf];
    assert.deepEqual(
      given[name]!.filter((variable) => variable in canaries),
      [],
      name,
    );
    assert.equal(given[name]!.includes("SECRETS_PATH"), reads.length > 0, name);
  }
});

test("the table is encrypted, can be brought back, forgets by itself, and streams both images", () => {
  const table = one("Table");
  assert.deepEqual(table.SSESpecification, { SSEEnabled: true, SSEType: "KMS" });
  assert.deepEqual(table.PointInTimeRecoverySpecification, { PointInTimeRecoveryEnabled: true });
  assert.deepEqual(table.TimeToLiveSpecification, { AttributeName: "expires", Enabled: true });
  assert.deepEqual(table.StreamSpecification, { StreamViewType: "NEW_AND_OLD_IMAGES" });
  assert.equal((built.template.Resources.Table as unknown as Named).DeletionPolicy, "Retain");
});

test("queues and packages are encrypted at rest, and the bus keeps an archive", () => {
  assert.deepEqual(
    all("AWS::SQS::Queue").map(([id, queue]) => [
      id,
      queue.SqsManagedSseEnabled,
      queue.MessageRetentionPeriod,
    ]),
    [
      ["Undelivered", true, 1_209_600],
      ["Failed", true, 1_209_600],
    ],
  );
  const [[, bucket]] = all("AWS::S3::Bucket") as [[string, Named]];
  assert.match(JSON.stringify(bucket.BucketEncryption), /AES256/);
  const [[, archive]] = all("AWS::Events::Archive") as [[string, Named]];
  assert.equal(plain(archive.SourceArn), "Bus.Arn");
  assert.equal(archive.RetentionDays, 30);
});

test("every function and the HTTP API has a log group, and none is kept for ever", () => {
  const groups = all("AWS::Logs::LogGroup").map(([, { LogGroupName, RetentionInDays }]) => [
    LogGroupName,
    plain(RetentionInDays),
  ]);
  assert.deepEqual(
    groups.sort(),
    [
      ["/aws/http-api/countersteer-prod", "LogRetention"],
      ...functions.map((name) => [`/aws/lambda/countersteer-prod-${name}`, "LogRetention"]),
    ].sort(),
  );
});

test("the HTTP API has every address of the product, the pages only for those who sign", () => {
  // The template names a route after its path, so that `/incidents/` cannot stand beside `/incidents`.
  const served = routes({ config: { services: [] } } as never)
    .routes.filter(({ path }) => path === "/" || !path.endsWith("/"))
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
  const api = all("AWS::ApiGatewayV2::Route").map(([, route]) => {
    const integration = plain(route.Target)
      .replace(/^integrations\/HttpApiIntegration/, "")
      .toLowerCase();
    return `${route.RouteKey} → ${integration}${route.AuthorizationType === "AWS_IAM" ? ", signed" : ""}`;
  });
  const doors: Record<string, string> = {
    "POST /webhooks/alertmanager": "alerts",
    "PUT /webhooks/alertmanager": "alerts",
    "POST /webhooks/sns": "alerts",
    "POST /webhooks/github": "github",
    "POST /webhooks/deploys": "deploys",
    "OPTIONS /webhooks/deploys": "deploys",
    "POST /webhooks/flags": "flags",
    "POST /slack/interactions": "answers",
    "POST /slack/commands": "answers",
    "POST /incidents/{service}/{environment}/retry": "answers",
    "POST /incidents/{service}/{environment}/{trouble}/retry": "answers",
    "POST /incidents/{service}/{environment}/answer": "answers",
    "POST /incidents/{service}/{environment}/{trouble}/answer": "answers",
    "POST /drills": "answers",
    "POST /drills/{id}": "answers",
    "POST /stop": "answers",
    "POST /start": "answers",
    "GET /healthz": "pages",
  };
  const signedFor = [...new Set(served)].filter((route) => !/ \/sign-(in|out)/.test(route));
  assert.deepEqual(
    api.sort(),
    signedFor.map((route) => `${route} → ${doors[route] ?? "pages, signed"}`).sort(),
  );
  // With PAGES_LOGIN=own the function asks who reads, and people sign in there.
  const [pages] = readWiring().filter(({ name }) => name === "pages");
  assert.deepEqual(
    pages!.routes.map(({ method, path }) => `${method} ${path}`).sort(),
    [...new Set(served)].filter((route) => (doors[route] ?? "pages") === "pages").sort(),
  );
});

test("alarms watch the queues, the tick, the stream, the answers, and errors and throttles of every function", () => {
  const alarms = all("AWS::CloudWatch::Alarm").map(([, alarm]) => alarm);
  for (const alarm of alarms)
    assert.deepEqual(alarm.AlarmActions, [
      { "Fn::If": ["HasOwnTopic", { Ref: "Alarms" }, { Ref: "AlarmTopicArn" }] },
    ]);
  const simple = alarms
    .filter(({ Metrics }) => Metrics === undefined)
    .map(({ Namespace, MetricName, Dimensions = [] }) =>
      [Namespace, MetricName, ...(Dimensions as Named[]).map(({ Value }) => plain(Value))].join(" "),
    );
  assert.deepEqual(simple.sort(), [
    "AWS/ApiGateway 5xx HttpApi",
    "AWS/Lambda Invocations AlertsLambdaFunction",
    "AWS/Lambda IteratorAge PublishLambdaFunction",
    "AWS/SQS ApproximateNumberOfMessagesVisible Failed.QueueName",
    "AWS/SQS ApproximateNumberOfMessagesVisible Undelivered.QueueName",
    "Countersteer/prod Overdue",
    "Countersteer/prod Overdue",
    "Countersteer/prod Unreadable",
    "Countersteer/prod countersteer.calls.scarce github",
    "Countersteer/prod countersteer.reports.left requests no_credential",
  ]);
  for (const metric of ["Errors", "Throttles"]) {
    const watched = alarms.flatMap(({ Metrics }) =>
      ((Metrics ?? []) as { MetricStat?: { Metric: Named } }[])
        .filter(({ MetricStat }) => MetricStat?.Metric.MetricName === metric)
        .map(({ MetricStat }) => functionOf((MetricStat!.Metric.Dimensions as Named[])[0]!.Value)),
    );
    assert.deepEqual(watched.sort(), functions, metric);
  }
  assert.deepEqual(
    all("AWS::Logs::MetricFilter").map(([, { LogGroupName, FilterPattern, MetricTransformations }]) => [
      plain(LogGroupName),
      FilterPattern,
      (MetricTransformations as Named[]).map(({ MetricName, MetricValue }) => [MetricName, MetricValue]),
    ]),
    [
      ["Overdue", "$.overdue"],
      ["Unreadable", "$.unreadable"],
    ].map((metric) => ["TickLogGroup", '{ $.message = "ticked" }', [metric]]),
  );
});

test("a domain of the organisation stands before the API where it is named, asks callers for certificates where their authorities are given, and may be the only way in", () => {
  const [[, domain]] = all("AWS::ApiGatewayV2::DomainName") as [[string, Named]];
  assert.deepEqual(whereTrue(domain.MutualTlsAuthentication), { TruststoreUri: { Ref: "TruststoreUri" } });
  for (const id of ["Domain", "DomainMapping"])
    assert.equal(built.template.Resources[id]!.Condition, "HasHttpDomain");
  const { HttpApi: api, HttpApiStage: stage, PagesLambdaFunction: pages } = built.template.Resources;
  assert.deepEqual(api!.Properties.DisableExecuteApiEndpoint, { "Fn::If": ["IsDomainAlone", true, false] });
  const settings = stage!.Properties.DefaultRouteSettings as Named;
  assert.deepEqual(whereTrue(settings.ThrottlingRateLimit), { Ref: "ThrottleRate" });
  const limits = Object.entries(stage!.Properties.RouteSettings as Named).map(([route, limit]) => [
    route,
    plain((whereTrue(limit) as Named).ThrottlingRateLimit),
  ]);
  assert.deepEqual(Object.fromEntries(limits), {
    ...{ "POST /webhooks/alertmanager": "AlertThrottleRate", "POST /webhooks/sns": "AlertThrottleRate" },
    "PUT /webhooks/alertmanager": "AlertThrottleRate",
    ...{ "POST /webhooks/github": "WebhookThrottleRate", "POST /webhooks/deploys": "WebhookThrottleRate" },
    ...{ "POST /webhooks/flags": "WebhookThrottleRate", "POST /slack/interactions": "SlackThrottleRate" },
    "POST /slack/commands": "SlackThrottleRate",
  });
  // A limit of a route that is not there yet fails the stage.
  for (const [id, route] of all("AWS::ApiGatewayV2::Route").filter(
    ([, one]) => String(one.RouteKey) in Object.fromEntries(limits),
  ))
    assert.ok([stage!.DependsOn].flat().includes(id), String(route.RouteKey));
  const { Variables } = pages!.Properties.Environment as { Variables: Named };
  assert.deepEqual(plain(whereTrue(Variables.BASE_URL)), `https://\${DomainName}`);
});

test("the dashboard is JSON, and shows the functions of its own stage alone", () => {
  const [[, dashboard]] = all("AWS::CloudWatch::Dashboard") as [[string, Named]];
  const { widgets } = JSON.parse(plain(dashboard.DashboardBody));
  assert.equal(widgets.length, 12);
  const text = JSON.stringify(widgets);
  assert.ok(text.includes("countersteer-prod-") && !text.includes("sls:stage"));
});

test("where a restored table is named, every function, every right and the stream are that table's", () => {
  const isChoice = (value: unknown): value is { "Fn::If": unknown[] } =>
    typeof value === "object" && value !== null && "Fn::If" in value;
  const others = Object.entries(built.template.Resources).filter(
    ([id]) => !["Table", "Dashboard"].includes(id),
  );
  const named = JSON.stringify(others, (_, value) =>
    isChoice(value) && value["Fn::If"][0] === "HasOwnTable" ? value["Fn::If"][2] : value,
  );
  assert.doesNotMatch(named, /"Ref":"Table"|\["Table",|\$\{Table\./);
  assert.match(named, /"TABLE_NAME":\{"Ref":"RestoredTable"\}/);
  assert.match(named, /"EventSourceArn":\{"Ref":"RestoredStreamArn"\}/);
});
