import { recordOf } from "../../../shared/records.ts";
import { tagged } from "./tags.ts";

/** The parts of a CloudFormation template that are read here. */
export type Template = {
  Parameters: Record<string, object>;
  Conditions: Record<string, unknown>;
  Resources: Record<string, Resource>;
  Outputs: Record<string, object>;
  [section: string]: unknown;
};
type Resource = {
  Type: string;
  Condition?: string;
  Properties: Record<string, unknown>;
  [part: string]: unknown;
};

/** Stands in the packaged template wherever the value of a parameter belongs. */
export const placeholder = (parameter: string): string => `zz${parameter.toLowerCase()}zz`;

/** A parameter of the plain template, and the variable that gives its value where osls packages. */
export type Asked = { parameter: string; variable?: string; default?: string; description: string };

const variables = (
  rows: [parameter: string, variable: string, description: string, otherwise?: string][],
): Asked[] =>
  rows.map(([parameter, variable, description, otherwise = ""]) => ({
    ...{ parameter, variable, default: otherwise, description },
  }));

export const asked: Asked[] = [
  { parameter: "Stage", default: "prod", description: "The stage, such as prod: part of every name" },
  { parameter: "CodeBucket", description: "The bucket of the packages, in this region" },
  {
    parameter: "CodePrefix",
    description: "The folder of the packages in it, with / at its end; another for each release",
  },
  ...variables([
    ["GithubApiUrl", "GITHUB_API_URL", "GitHub's API", "https://api.github.com"],
    ["SlackApiUrl", "SLACK_API_URL", "Slack's Web API", "https://slack.com/api/"],
    ["PrometheusUrl", "PROMETHEUS_URL", "Where alerts are measured; nothing can be verified when empty"],
    ["PrometheusTenant", "PROMETHEUS_TENANT", "The tenant of the metrics"],
    ["PrometheusAuth", "PROMETHEUS_AUTH", "How the functions log in there: bearer, basic or sigv4", "bearer"],
    ["AlertmanagerUrl", "ALERTMANAGER_URL", "Alertmanager's own address"],
    ["PagerdutyUrl", "PAGERDUTY_URL", "PagerDuty's events address, when it is not its usual one"],
    ["GrafanaUrl", "GRAFANA_URL", "Grafana"],
    ["KibanaUrl", "KIBANA_URL", "Kibana"],
    ["TempoUrl", "TEMPO_URL", "Grafana Tempo"],
    ["TempoTenant", "TEMPO_TENANT", "Tempo's tenant"],
    ["TempoDatasource", "TEMPO_DATASOURCE", "Tempo's data source in Grafana, for links", "tempo"],
    ["JaegerUrl", "JAEGER_URL", "Jaeger"],
    [
      "OtelExporterOtlpEndpoint",
      "OTEL_EXPORTER_OTLP_ENDPOINT",
      "Where the functions send their spans and their log over OTLP/HTTP; nowhere when empty",
    ],
    ["OtelLogsExporter", "OTEL_LOGS_EXPORTER", "none keeps the log in CloudWatch alone", "otlp"],
    ["LokiUrl", "LOKI_URL", "Loki"],
    ["LokiTenant", "LOKI_TENANT", "Loki's tenant"],
    ["ElasticsearchUrl", "ELASTICSEARCH_URL", "Elasticsearch or OpenSearch"],
    ["OpaUrl", "OPA_URL", "Open Policy Agent"],
    [
      "OpinionUrl",
      "OPINION_URL",
      "A language model's API, asked for second opinions; nobody is asked when empty",
    ],
    ["OpinionModel", "OPINION_MODEL", "The model to ask there"],
    ["OpinionBudget", "OPINION_BUDGET", "Second opinions a day at most", "50"],
    ["ArgocdUrl", "ARGOCD_URL", "Argo CD's API"],
    ["KubernetesUrl", "KUBERNETES_URL", "The Kubernetes API"],
    ["KubernetesCa", "KUBERNETES_CA", "The authority of its certificate"],
    [
      "PagesProxyHeader",
      "PAGES_PROXY_HEADER",
      "The header in which a proxy names the person it has signed in",
    ],
    [
      "PagesProxyGroupsHeader",
      "PAGES_PROXY_GROUPS_HEADER",
      "The header in which it tells the person's groups",
    ],
    ["PagesProxyAddresses", "PAGES_PROXY_ADDRESSES", "The addresses from which it calls"],
    ["PagesOidcIssuer", "PAGES_OIDC_ISSUER", "The issuer that signs people in, with PagesLogin own"],
    ["PagesOidcClientId", "PAGES_OIDC_CLIENT_ID", "The client that the issuer knows"],
    [
      "PagesOidcScopes",
      "PAGES_OIDC_SCOPES",
      "The scopes that are asked for; openid, email and profile when empty",
    ],
    [
      "PagesOidcGroupsClaim",
      "PAGES_OIDC_GROUPS_CLAIM",
      "The claim that holds the person's groups; groups when empty",
    ],
    ["PagesAlbArn", "PAGES_ALB_ARN", "The load balancer whose rule signs people in, with PagesLogin own"],
    ["PagesAlbIssuer", "PAGES_ALB_ISSUER", "The issuer that its rule names"],
    ["PagesAlbClientId", "PAGES_ALB_CLIENT_ID", "The client that its rule names"],
    ["PagesAlbKeysUrl", "PAGES_ALB_KEYS_URL", "Its public keys, when they are not at AWS's own address"],
    ["PagesSessionHours", "PAGES_SESSION_HOURS", "How long a session lasts, in hours", "12"],
  ]),
];

/** The environment in which osls packages the template with a placeholder for each parameter, and with every route of the pages. */
export const placeholders = (): Record<string, string> => ({
  ...Object.fromEntries(
    asked.flatMap(({ parameter, variable }) =>
      variable === undefined ? [] : [[variable, placeholder(parameter)]],
    ),
  ),
  PAGES_LOGIN: "own",
});

/** The one parameterised template of what osls packaged with `placeholders`. Throws when a placeholder is left. */
export const plainTemplate = (packaged: Template): Template => {
  const {
    ServerlessDeploymentBucket: _,
    ServerlessDeploymentBucketPolicy: __,
    ...resources
  } = packaged.Resources;
  const { ServerlessDeploymentBucketName: ___, ...outputs } = packaged.Outputs;
  const named = Object.entries(resources).map(([id, resource]): [string, Resource] => [
    id.replaceAll(placeholder("Stage"), ""),
    tagged(paged(coded(resource)), placeholder("Stage")),
  ]);
  const template = withParameters({
    ...packaged,
    Description: "Countersteer closes the loop Git → deploy → monitor → rollback.",
    Resources: Object.fromEntries(named),
    Outputs: outputs,
  });
  const plain: Template = {
    ...template,
    // The packages hold no configuration.
    Parameters: { ...parametersOf(), ...packaged.Parameters, ConfigBucket: configBucket },
    Conditions: { ...packaged.Conditions, ...pagesConditions },
  };
  const left = /zz[a-z]+zz/.exec(JSON.stringify(plain));
  if (left !== null) throw new Error(`the template still holds ${left[0]}`);
  return plain;
};

const configBucket = { Type: "String", Description: "The bucket of the configuration, in this region" };

const parametersOf = (): Record<string, object> => ({
  ...Object.fromEntries(
    asked.map(({ parameter, default: otherwise, description }) => [
      parameter,
      { Type: "String", ...(otherwise !== undefined && { Default: otherwise }), Description: description },
    ]),
  ),
  PagesLogin: {
    ...{ Type: "String", Default: "iam", AllowedValues: ["iam", "own", "off"] },
    Description: "How readers of the pages are known: by a signature, by the pages' own login, or off",
  },
});

/** The package of a function by its name in the bucket that the parameters name. */
const coded = (resource: Resource): Resource => {
  const { Code: code, Environment: environment } = resource.Properties ?? {};
  if (resource.Type !== "AWS::Lambda::Function" || !isObject(code)) return resource;
  const zip = String(code.S3Key).split("/").at(-1);
  const Environment = {
    Variables: { ...recordOf(recordOf(environment).Variables), PAGES_LOGIN: { Ref: "PagesLogin" } },
  };
  const Code = { S3Bucket: { Ref: "CodeBucket" }, S3Key: { "Fn::Sub": `\${CodePrefix}${zip}` } };
  return { ...resource, Properties: { ...resource.Properties, Code, Environment } };
};

const isHttp = { Condition: "IsHttp" };
const pagesConditions = {
  PagesByIam: { "Fn::Equals": [{ Ref: "PagesLogin" }, "iam"] },
  PagesByLogin: { "Fn::Equals": [{ Ref: "PagesLogin" }, "own"] },
  HasHttpLogin: { "Fn::And": [isHttp, { Condition: "PagesByLogin" }] },
  HasHttpPages: { "Fn::And": [isHttp, { "Fn::Not": [{ "Fn::Equals": [{ Ref: "PagesLogin" }, "off"] }] }] },
};

/** A route of the pages stands where the HTTP API has pages, and asks for a signature or not. */
const paged = (resource: Resource): Resource => {
  if (resource.Type !== "AWS::ApiGatewayV2::Route") return resource;
  const route = String(resource.Properties.RouteKey);
  if (/^\w+ \/sign-(in|out)/.test(route)) return { ...resource, Condition: "HasHttpLogin" };
  if (!/^GET \/(readyz|incidents.*|left-alone|report)?$/.test(route)) return resource;
  const AuthorizationType = { "Fn::If": ["PagesByIam", "AWS_IAM", "NONE"] };
  return {
    ...resource,
    Condition: "HasHttpPages",
    Properties: { ...resource.Properties, AuthorizationType },
  };
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** Every text with a placeholder as `Fn::Sub` of its parameter. */
const withParameters = <T>(value: T): T => JSON.parse(JSON.stringify(substituted(value)));

const substituted = (value: unknown): unknown => {
  if (typeof value === "string") return textWith(value);
  if (Array.isArray(value)) return value.map(substituted);
  if (!isObject(value)) return value;
  const { "Fn::Sub": sub } = value;
  if (typeof sub === "string") return { "Fn::Sub": named(sub) };
  if (Array.isArray(sub)) return { "Fn::Sub": [named(String(sub[0])), substituted(sub[1])] };
  return Object.fromEntries(
    Object.entries(value).map(([name, of]) => [name.replaceAll(placeholder("Stage"), ""), substituted(of)]),
  );
};

const textWith = (text: string): unknown => {
  const whole = asked.find(({ parameter }) => text === placeholder(parameter));
  if (whole !== undefined) return { Ref: whole.parameter };
  return asked.some(({ parameter }) => text.includes(placeholder(parameter)))
    ? { "Fn::Sub": named(text) }
    : text;
};

const named = (text: string): string =>
  asked.reduce((made, { parameter }) => made.replaceAll(placeholder(parameter), `\${${parameter}}`), text);
