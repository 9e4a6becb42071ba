import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { inflateRawSync } from "node:zlib";
import { parse } from "yaml";
import { rules } from "../../infra/aws/bundle/http-edge.ts";
import { packTemplate } from "../../infra/aws/bundle/pack-template.ts";
import { asked, placeholder, plainTemplate } from "../../infra/aws/bundle/plain-template.ts";
import { secretsOf } from "../../infra/aws/secrets.ts";
import { pageOf } from "../../infra/aws/step.ts";
import { filesIn, filesOf, plain, type Template } from "./packaged.ts";
import { resolved } from "./resolved.ts";
import { problemsOf, tagsIn } from "./specification.ts";

const root = join(import.meta.dirname, "../..");
const places: string[] = [];
after(() => {
  for (const place of places) rmSync(place, { recursive: true, force: true });
});

/** The output of `npm run template`. */
const packed = async (): Promise<string> => {
  const place = mkdtempSync(join(tmpdir(), "countersteer-template-"));
  places.push(place);
  for (const part of ["serverless.yml", "infra/aws/template", "infra/aws/bundle/http-edge.ts"])
    cpSync(join(root, part), join(place, part), { recursive: true });
  await packTemplate(place, join(place, "out"));
  return join(place, "out");
};

let out: string;
let text: string;
let template: Template;
before(async () => {
  out = await packed();
  text = readFileSync(join(out, "countersteer.json"), "utf8");
  template = JSON.parse(text);
});

test("AWS's specification knows every resource, property and reference of the plain template", () => {
  assert.deepEqual(problemsOf(template), []);
});

test("every resource that AWS's specification says can be tagged has the tags of the product and the stage", () => {
  const tags = tagsIn(template);
  assert.ok(tags.length >= 80, String(tags.length));
  for (const [id, of] of tags)
    assert.deepEqual(of, { application: "countersteer", stage: { Ref: "Stage" } }, id);
});

test("the template is within CloudFormation's limits, and every parameter is asked for somewhere", () => {
  const { Parameters = {}, Resources, Outputs, Conditions } = template;
  assert.ok(Buffer.byteLength(text) <= 1_000_000, `${Buffer.byteLength(text)} bytes`);
  assert.ok(Object.keys(Resources).length <= 500 && Object.keys(Parameters).length <= 200);
  const used = JSON.stringify({ Resources, Outputs, Conditions });
  for (const name of Object.keys(Parameters))
    assert.ok(used.includes(`"Ref":"${name}"`) || used.includes(`\${${name}}`), `nothing uses ${name}`);
});

test("only the places of the packages and of the configuration must be given", () => {
  const needed = Object.entries(template.Parameters ?? {}).filter(([, { Default }]) => Default === undefined);
  assert.deepEqual(needed.map(([name]) => name).sort(), ["CodeBucket", "CodePrefix", "ConfigBucket"]);
});

test("each variable that is packaged is a parameter with the same default", () => {
  const { custom } = parse(readFileSync(join(root, "serverless.yml"), "utf8"), { logLevel: "silent" });
  const variables = Object.values(custom.env as Record<string, string>).map((value) =>
    /^\$\{env:(\w+), '(.*)'\}$/.exec(value)!.slice(1),
  );
  assert.deepEqual(
    asked
      .flatMap(({ variable, default: otherwise }) => (variable === undefined ? [] : [[variable, otherwise]]))
      .sort(),
    variables.sort(),
  );
});

test("the stage, the bucket and the folder are parameters: nothing of the place where it was packed is in the template", () => {
  assert.doesNotMatch(
    text,
    /zz[a-z]+zz|serverless\/|ServerlessDeploymentBucket|eu-central-1|\bprod\b.*countersteer-prod/,
  );
  const functions = Object.values(template.Resources).filter(({ Type }) => Type === "AWS::Lambda::Function");
  assert.deepEqual(
    functions
      .map(({ Properties: { Code, FunctionName } }) => {
        const { S3Bucket, S3Key } = Code as Record<string, unknown>;
        return [plain(S3Bucket), plain(S3Key), plain(FunctionName)];
      })
      .sort(),
    Object.keys(secretsOf)
      .map((name) => ["CodeBucket", `\${CodePrefix}${name}.zip`, `countersteer-\${Stage}-${name}`])
      .sort(),
  );
});

test("the pages stand by a signature, by their own login, or not at all", () => {
  const routes = Object.values(template.Resources)
    .filter(({ Type }) => Type === "AWS::ApiGatewayV2::Route")
    .map(({ Condition, Properties }): [string, string] => [
      String(Properties.RouteKey),
      `${Condition} ${JSON.stringify(Properties.AuthorizationType)}`,
    ]);
  const signed = 'HasHttpPages {"Fn::If":["PagesByIam","AWS_IAM","NONE"]}';
  assert.deepEqual(
    Object.fromEntries(routes.filter(([, how]) => !/^(IsHttp|HasHttpApi) undefined$/.test(how))),
    {
      ...Object.fromEntries(
        ["/readyz", "/", "/incidents", "/left-alone", "/report", "/incidents/{service}/{environment}"].map(
          (path) => [`GET ${path}`, signed],
        ),
      ),
      "GET /incidents/{service}/{environment}/{trouble}": signed,
      ...Object.fromEntries(
        ["GET /sign-in", "GET /sign-in/oidc", "GET /sign-in/callback", "POST /sign-in", "POST /sign-out"].map(
          (route) => [route, "HasHttpLogin undefined"],
        ),
      ),
    },
  );
});

const ways = (["http", "private"] as const).flatMap((Edge) =>
  (["on", "off"] as const).flatMap((OutsideWebhooks) =>
    (["iam", "own", "off"] as const).map((PagesLogin) => ({ Edge, OutsideWebhooks, PagesLogin })),
  ),
);
const domain = { DomainName: "countersteer.example", CertificateArn: "arn:aws:acm:a" };
const typesOf = ({ Resources }: Template): string[] => Object.values(Resources).map(({ Type }) => Type);

test("whichever way in, nothing that stands refers to something that does not", () => {
  for (const way of ways)
    for (const also of [
      {},
      { ...domain, ThrottleRate: "10", AlertThrottleRate: "10", WebhookThrottleRate: "10" },
    ])
      assert.deepEqual(
        problemsOf(resolved(template, { ...(way.Edge === "private" && domain), ...way, ...also })),
        [],
        JSON.stringify(way),
      );
});

test("the private way in has no HTTP API but that of GitHub's and Slack's signed webhooks, and not that where it is off", () => {
  for (const way of ways) {
    const made = resolved(template, { ...domain, ...way });
    const routes = Object.values(made.Resources)
      .filter(({ Type }) => Type === "AWS::ApiGatewayV2::Route")
      .map(({ Properties }) => Properties.RouteKey);
    const isPrivate = way.Edge === "private";
    assert.equal(
      typesOf(made).some((type) => /ElasticLoadBalancing/.test(type)),
      isPrivate,
    );
    if (!isPrivate) continue;
    const door = ["POST /slack/interactions", "POST /slack/commands", "POST /webhooks/github"];
    assert.deepEqual(routes, way.OutsideWebhooks === "on" ? door : []);
    if (way.OutsideWebhooks === "off")
      assert.deepEqual(
        typesOf(made).filter((type) => /ApiGateway/.test(type)),
        [],
      );
    const rules = Object.keys(made.Resources).filter((id) => /ListenerRule$/.test(id));
    assert.equal(rules.length, way.PagesLogin === "own" ? 10 : 7);
    const [settings] = Object.values(made.Resources).flatMap(({ Properties: { RouteSettings } }) =>
      RouteSettings === undefined ? [] : [RouteSettings],
    );
    assert.ok(
      Object.keys(settings ?? {}).every((route) => routes.includes(route)),
      JSON.stringify(settings),
    );
  }
});

test("the load balancer is inside, speaks TLS 1.2 and 1.3 alone, drops headers that are not valid, and reaches functions through permissions of this account", () => {
  const { Resources } = resolved(template, {
    ...domain,
    Edge: "private",
    PagesLogin: "own",
    EdgeLogBucket: "logs",
  });
  const balancer = Resources.LoadBalancer!.Properties;
  const attributes = Object.fromEntries(
    (balancer.LoadBalancerAttributes as { Key: string; Value: unknown }[]).map(({ Key, Value }) => [
      Key,
      Value,
    ]),
  );
  assert.equal(balancer.Scheme, "internal");
  assert.deepEqual(attributes, {
    "routing.http.drop_invalid_header_fields.enabled": "true",
    "routing.http.desync_mitigation_mode": "strictest",
    "access_logs.s3.enabled": "true",
    "access_logs.s3.bucket": { Ref: "EdgeLogBucket" },
  });
  const listeners = Object.values(Resources).filter(
    ({ Type }) => Type === "AWS::ElasticLoadBalancingV2::Listener",
  );
  assert.deepEqual(
    listeners.map(({ Properties: { Port, Protocol, SslPolicy } }) => [Port, Protocol, SslPolicy]),
    [[443, "HTTPS", "ELBSecurityPolicy-TLS13-1-2-2021-06"]],
  );
  const groups = Object.values(Resources).filter(
    ({ Type }) => Type === "AWS::ElasticLoadBalancingV2::TargetGroup",
  );
  assert.equal(groups.length, 6);
  for (const { Properties, DependsOn } of groups) {
    const [{ Id }] = Properties.Targets as [{ Id: unknown }];
    const permission = Resources[String(DependsOn)]!.Properties;
    assert.deepEqual(permission.FunctionName, Id);
    assert.equal(
      plain(permission.SourceArn),
      `arn:\${AWS::Partition}:elasticloadbalancing:\${AWS::Region}:\${AWS::AccountId}:targetgroup/*`,
    );
  }
  assert.deepEqual(template.Rules, rules);
});

test("every function knows how readers of the pages are known, so that no link leads where nobody is shown a page", () => {
  const functions = Object.values(template.Resources).filter(({ Type }) => Type === "AWS::Lambda::Function");
  for (const { Properties } of functions) {
    const { Variables } = Properties.Environment as { Variables: Record<string, unknown> };
    assert.deepEqual(Variables.PAGES_LOGIN, { Ref: "PagesLogin" });
  }
  const env = (PAGES_LOGIN: string) => ({ PAGES_LOGIN, BASE_URL: "https://a1.example" });
  const id = "checkout/production";
  assert.equal(pageOf(undefined, env("own"), id), "https://a1.example/incidents/checkout/production");
  assert.equal(pageOf(undefined, env("iam"), id), undefined);
  assert.equal(
    pageOf("https://ours.example", env("iam"), id),
    "https://ours.example/incidents/checkout/production",
  );
  assert.equal(pageOf("https://ours.example", env("off"), id), undefined);
});

test("one artifact goes from development to production: packages hold the code of the build alone, no stage, and no time of their making", () => {
  const stage = placeholder("Stage");
  for (const name of Object.keys(secretsOf)) {
    const zip = join(out, `${name}.zip`);
    const [file = ""] = filesOf(name);
    assert.deepEqual(filesIn(zip), filesOf(name));
    const bytes = readFileSync(zip);
    // The first second of MS-DOS: 1 January 1980.
    assert.equal(bytes.readUInt32LE(10), 0x0021_0000, name);
    const content = inflateRawSync(bytes.subarray(30 + bytes.readUInt16LE(26) + bytes.readUInt16LE(28)));
    assert.ok(content.equals(readFileSync(join(out, "..", file))), `${name}: not what was built`);
    // It was packaged by this name of the stage, so another name makes the same bytes.
    assert.ok(!content.includes(stage) && !bytes.includes(stage), `${name} knows its stage`);
  }
});

test("a placeholder that no parameter takes fails the packaging", () => {
  const left = { Parameters: {}, Conditions: {}, Outputs: {}, Resources: {}, Metadata: "zzotherzz" };
  assert.throws(() => plainTemplate(left), { message: "the template still holds zzotherzz" });
});
