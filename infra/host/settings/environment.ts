import { z } from "zod";
import { addressList } from "../../../shared/adapters/http/addresses.ts";

// Every environment variable that Countersteer reads, described once: `npm start` checks its own by this schema, and
// `npm run docs` writes docs/environment.md from it.

const text = z.string();
/** A value that must not be shown: its name may be logged, its content never. */
const secret = z.string().meta({ title: "secret" });
const file = z.string().meta({ title: "file name" });
const address = z
  .string()
  .refine((url) => /^https?:\/\//.test(url) && URL.canParse(url), "is not an http or https address")
  .meta({ title: "http or https address" });
const number = (sentence: string, { min, max }: { min: number; max: number }) =>
  z
    .string()
    .refine((given) => Number.isInteger(Number(given)) && Number(given) >= min && Number(given) <= max, {
      error: ({ input }) => `is ${input}: give ${sentence}`,
    })
    .transform(Number);
const header = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9-]{0,99}$/, { error: ({ input }) => `is ${input}: give the name of a header` })
  .meta({ title: "name of a header" });
const milliseconds = number("milliseconds, at least 100", { min: 100, max: Number.MAX_SAFE_INTEGER }).meta({
  title: "milliseconds, at least 100",
});

const server = {
  PORT: number("a number from 0 to 65535", { min: 0, max: 65_535 })
    .prefault("8080")
    .meta({ title: "port number" })
    .describe("The port that the server listens on. 0 takes a free one."),
  HOST: text.default("127.0.0.1").describe("The address that the server listens on."),
  DATA_DIR: text
    .default(".data")
    .meta({ title: "directory" })
    .describe("Where the database is. One process at a time may use it."),
  COUNTERSTEER_CONFIG: file
    .optional()
    .describe("The configuration file. Default: the commented example, which suits the sandbox only."),
  TICK_MS: milliseconds.prefault("5000").describe("How often incidents that wait are looked at."),
};

const receivers = {
  ALERTMANAGER_TOKEN: secret
    .optional()
    .describe(
      "The bearer token, or the basic password, that Alertmanager sends. Without it `POST /webhooks/alertmanager` refuses every call.",
    ),
  GRAFANA_SECRET: secret
    .optional()
    .describe(
      "The secret that Grafana signs its notifications with, if it does not sign with `ALERTMANAGER_TOKEN`. It is not a token: it proves a signature only.",
    ),
  ALERT_TOPIC_ARN: text
    .regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/, {
      error: ({ input }) =>
        `is ${input}: give the ARN of a topic, such as arn:aws:sns:eu-central-1:123456789012:alerts`,
    })
    .optional()
    .meta({ title: "ARN of a topic" })
    .describe(
      "The SNS topic that alerts come by, such as that of Amazon Managed Service for Prometheus, to `POST /webhooks/sns`. Without it messages of SNS are refused.",
    ),
  DEPLOYS_TOKEN: secret
    .optional()
    .describe(
      "The bearer token that deployers send. Without it `POST /webhooks/deploys` refuses every call.",
    ),
  FLAGS_TOKEN: secret
    .optional()
    .describe(
      "The bearer token that senders of flag changes use; LaunchDarkly signs with it. Without it `POST /webhooks/flags` refuses every call.",
    ),
  GITHUB_WEBHOOK_SECRET: secret
    .optional()
    .describe(
      "The secret that GitHub signs its deliveries with. Without it `POST /webhooks/github` refuses every call.",
    ),
  SLACK_SIGNING_SECRET: secret
    .optional()
    .describe(
      "The secret that Slack signs its requests with. Without it `POST /slack/interactions` refuses every call.",
    ),
  OPERATOR_TOKEN: secret
    .optional()
    .describe(
      "The bearer token of `cli incident retry`, `cli stop` and `cli start --url`. Without it their addresses refuse every call.",
    ),
};

const previous = (name: string) =>
  secret.optional().describe(`The former \`${name}\`, which counts as well while it is changed.`);
/** Two secrets count at once while one takes the place of the other. */
const former = {
  ALERTMANAGER_TOKEN_PREVIOUS: previous("ALERTMANAGER_TOKEN"),
  GRAFANA_SECRET_PREVIOUS: previous("GRAFANA_SECRET"),
  DEPLOYS_TOKEN_PREVIOUS: previous("DEPLOYS_TOKEN"),
  FLAGS_TOKEN_PREVIOUS: previous("FLAGS_TOKEN"),
  GITHUB_WEBHOOK_SECRET_PREVIOUS: previous("GITHUB_WEBHOOK_SECRET"),
  SLACK_SIGNING_SECRET_PREVIOUS: previous("SLACK_SIGNING_SECRET"),
  OPERATOR_TOKEN_PREVIOUS: previous("OPERATOR_TOKEN"),
};

const readers = {
  PAGES_TOKEN: secret
    .optional()
    .describe(
      "The token of the pages: programs send it as a bearer token, people sign in with it. Without any login, the pages are shown on loopback only.",
    ),
  PAGES_TOKEN_PREVIOUS: secret
    .optional()
    .describe("The token before it, which counts as well while it is changed."),
  PAGES_PROXY_HEADER: header
    .optional()
    .describe(
      "The header in which a proxy of yours names the person it has signed in, such as `X-Forwarded-Email`. Believed only with `PAGES_PROXY_ADDRESSES` or `PAGES_PROXY_SECRET`.",
    ),
  PAGES_PROXY_GROUPS_HEADER: header
    .optional()
    .describe("The header in which the proxy tells the person's groups, separated by commas."),
  PAGES_PROXY_ADDRESSES: z
    .string()
    .transform((list, context) => {
      const read = addressList(list);
      if (read !== undefined) return read;
      context.addIssue({
        code: "custom",
        message: `is ${list}: give IP addresses or networks, separated by commas`,
      });
      return z.NEVER;
    })
    .meta({ title: "IP addresses and networks" })
    .optional()
    .describe("The addresses from which the proxy calls, such as `10.0.0.5, 10.1.0.0/16`."),
  PAGES_PROXY_SECRET: secret
    .optional()
    .describe(
      "A secret that the proxy sends in `X-Countersteer-Proxy-Secret`. With addresses too, both must be right.",
    ),
  PAGES_OIDC_ISSUER: address
    .optional()
    .describe(
      "An issuer of OpenID Connect that signs people in to the pages, such as `https://acme.okta.com`. Its redirect address is `BASEURL/sign-in/callback`.",
    ),
  PAGES_OIDC_CLIENT_ID: text.optional().describe("The client that the issuer knows this server as."),
  PAGES_OIDC_CLIENT_SECRET: secret
    .optional()
    .describe("Its secret. Without it the client is a public one, which PKCE alone protects."),
  PAGES_OIDC_SCOPES: text
    .regex(/(^| )openid( |$)/, { error: ({ input }) => `is ${input}: openid must be among the scopes` })
    .default("openid email profile")
    .describe("The scopes that are asked for. Many issuers tell groups only with a scope of their own."),
  PAGES_OIDC_GROUPS_CLAIM: text
    .default("groups")
    .describe("The claim that holds the person's groups, for `PAGES_ALB_ARN` too."),
  PAGES_SESSION_SECRET: secret
    .optional()
    .describe(
      "The secret that signs the sessions of people whom the issuer signed in, 32 characters at least. Needed with `PAGES_OIDC_ISSUER`.",
    ),
  PAGES_SESSION_SECRET_PREVIOUS: secret
    .optional()
    .describe("The secret before it, whose sessions go on while it is changed, 32 characters at least."),
  PAGES_SESSION_HOURS: number("a number of hours from 1 to 168", { min: 1, max: 168 })
    .prefault("12")
    .meta({ title: "hours, 1 to 168" })
    .describe("How long such a session lasts. Groups are read anew at the next sign-in."),
  PAGES_ALB_ARN: text
    .regex(
      /^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:loadbalancer\/app\/[A-Za-z0-9/-]{1,100}$/,
      {
        error: ({ input }) =>
          `is ${input}: give the ARN of an Application Load Balancer, such as arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/ops/50dc6c495c0c9188`,
      },
    )
    .optional()
    .meta({ title: "ARN of a load balancer" })
    .describe(
      "The Application Load Balancer of AWS before this server, whose rule signs people in. Its signature is checked, in `X-Amzn-Oidc-Data`.",
    ),
  PAGES_ALB_ISSUER: address
    .optional()
    .describe("The issuer that its rule names: another rule of the load balancer could sign in anybody."),
  PAGES_ALB_CLIENT_ID: text.optional().describe("The client that its rule names."),
  PAGES_ALB_KEYS_URL: address
    .optional()
    .describe("The address below which its public keys are, when it is not AWS's own."),
  PAGES_LOGIN: z
    .enum(["none"], { error: ({ input }) => `is ${String(input)}: leave it out, or give none` })
    .meta({ title: "none" })
    .optional()
    .describe("`none` shows the pages to everybody who reaches them, also beyond this machine."),
};

const services = {
  GITHUB_TOKEN: secret
    .optional()
    .describe(
      "A GitHub token. Instead of it, an App: the next two. Without any credential, the sandbox is used.",
    ),
  GITHUB_APP_ID: text.optional().describe("The id of the GitHub App."),
  GITHUB_APP_PRIVATE_KEY: secret
    .transform((key) => key.replaceAll("\\n", "\n"))
    .optional()
    .describe("The private key of the GitHub App, as PEM. `\\n` may stand for a line break."),
  GITHUB_API_URL: address
    .default("https://api.github.com")
    .describe("GitHub's API. GitHub Enterprise Server: `https://HOST/api/v3`."),
  SLACK_BOT_TOKEN: secret
    .optional()
    .describe("The Slack app's bot token (`xoxb-…`). Without any credential, the sandbox is used."),
  SLACK_API_URL: address.optional().describe("Slack's Web API, when it is not `https://slack.com/api/`."),
  PROMETHEUS_URL: address
    .optional()
    .describe(
      "Where alerts are measured: Prometheus, or Thanos, Mimir or VictoriaMetrics through the same API. Without it nothing can be verified.",
    ),
  ALERTMANAGER_URL: address
    .optional()
    .describe(
      "Alertmanager's own address, for `policy.page: alertmanager` and `policy.silence`, and to see silences, inhibitions and the rest of a truncated group. It must be the one that sends the alerts: one that holds none of them is told of.",
    ),
  ALERTMANAGER_API_TOKEN: secret.optional().describe("Alertmanager's bearer token, if it needs one."),
  PAGERDUTY_ROUTING_KEY: secret
    .optional()
    .describe("The integration key of a PagerDuty service (Events API v2), for `policy.page: pagerduty`."),
  PAGERDUTY_URL: address
    .optional()
    .describe("PagerDuty's events address, when it is not `https://events.pagerduty.com`."),
  PAGE_WEBHOOK_TOKEN: secret
    .optional()
    .describe("The bearer token of pages that go to `policy.page.webhook`, if it needs one."),
  PROMETHEUS_TOKEN: secret
    .optional()
    .describe("Prometheus' bearer token, if it needs one. A user and password go into `PROMETHEUS_URL`."),
  PROMETHEUS_LOGINS: secret
    .optional()
    .describe(
      "Logins of the addresses in `services.metrics.url`: `HOST=TOKEN` for a bearer token, or `HOST=USER:PASSWORD`, separated by commas.",
    ),
  PROMETHEUS_TENANT: text
    .optional()
    .describe("The tenant of the metrics (`X-Scope-OrgID`), where Mimir or another needs one."),
  LOKI_URL: address.optional().describe("Loki, for services that have `logs.loki`."),
  LOKI_TENANT: text.optional().describe("Loki's tenant (`X-Scope-OrgID`), if it needs one."),
  LOKI_TOKEN: secret.optional().describe("Loki's bearer token, if it needs one."),
  ELASTICSEARCH_URL: address
    .optional()
    .describe("Elasticsearch or OpenSearch, for services that have `logs.elasticsearch`."),
  ELASTICSEARCH_API_KEY: secret.optional().describe("Elasticsearch's API key, if it needs one."),
  TEMPO_URL: address.optional().describe("Grafana Tempo, for services that have `traces.tempo`."),
  TEMPO_TENANT: text.optional().describe("Tempo's tenant (`X-Scope-OrgID`), if it needs one."),
  TEMPO_TOKEN: secret.optional().describe("Tempo's bearer token, if it needs one."),
  TEMPO_DATASOURCE: text
    .default("tempo")
    .describe("The uid of Tempo in Grafana at `GRAFANA_URL`, for links to traces."),
  JAEGER_URL: address
    .optional()
    .describe("Jaeger's query service, for services that have `traces.jaeger` and for links to traces."),
  JAEGER_TOKEN: secret.optional().describe("Jaeger's bearer token, if it needs one."),
  KIBANA_URL: address
    .optional()
    .describe("Kibana, for links to the log lines of services that have `logs.elasticsearch`."),
  GRAFANA_URL: address
    .optional()
    .describe(
      "Grafana, for links to the dashboard of an alert, with `GRAFANA_TOKEN` for annotations, and with `GRAFANA_RULES_TOKEN` for the rules of its alerts.",
    ),
  GRAFANA_TOKEN: secret
    .optional()
    .describe(
      "The token of a service account of Grafana that may read, create and write annotations. With it, deploys, merges and verdicts are marked on graphs.",
    ),
  GRAFANA_RULES_TOKEN: secret
    .optional()
    .describe(
      "The token of a service account of Grafana that may read alert rules. With it, the rule of a Grafana-managed alert is the question that recovery answers.",
    ),
  AWS_REGION: text
    .optional()
    .describe("The region of CloudWatch Logs, for services that have `logs.cloudwatch`. Set by Lambda."),
  AWS_ACCESS_KEY_ID: text
    .optional()
    .describe(
      "A key that may call `logs:FilterLogEvents`, and for images in Amazon ECR `ecr:GetAuthorizationToken`, `ecr:BatchGetImage` and `ecr:GetDownloadUrlForLayer`, and no more. Set by Lambda, of the function's role.",
    ),
  AWS_SECRET_ACCESS_KEY: secret.optional().describe("The secret of that key."),
  AWS_SESSION_TOKEN: secret.optional().describe("The session of that key, if it is of one."),
  CLOUDWATCH_LOGS_URL: address.optional().describe("A CloudWatch Logs other than AWS's."),
  OPA_URL: address.optional().describe("Open Policy Agent, for `policy.opa`. See docs/limits.md."),
  OPA_TOKEN: secret.optional().describe("Open Policy Agent's bearer token, if it needs one."),
  OPINION_URL: address
    .optional()
    .describe(
      "The base address of a language model's API, such as `https://api.example.com/v1`: it is asked for a second opinion at each diagnosis, and is sent alerts, changed lines, log lines and metrics. See docs/evidence.md.",
    ),
  OPINION_MODEL: text.optional().describe("The model to ask there."),
  OPINION_TOKEN: secret.optional().describe("The bearer token of that API, if it needs one."),
  OPINION_BUDGET: number("a number from 1 to 100000", { min: 1, max: 100_000 })
    .prefault("50")
    .meta({ title: "number from 1 to 100000" })
    .describe("Second opinions that are asked for a day at most."),
  ARGOCD_URL: address
    .optional()
    .describe(
      "Argo CD's API, asked what runs for services that have `deploys: [{ argocd: … }]`. Without it only its notifications tell.",
    ),
  ARGOCD_TOKEN: secret
    .optional()
    .describe("A token of Argo CD, of an account that may `get` applications and no more."),
  KUBERNETES_URL: address
    .optional()
    .describe(
      "The Kubernetes API, for services that have `deploys: [{ kubernetes: … }]`. Without it: `KUBECONFIG`, else the cluster that this server runs in.",
    ),
  KUBERNETES_TOKEN: secret
    .optional()
    .describe("The token of a service account that may `get` the objects that you name and no more."),
  KUBERNETES_CA: text
    .optional()
    .meta({ title: "certificate" })
    .describe(
      "The authority of the API's certificate: PEM, in which `\\n` may stand for a line break, or base64.",
    ),
  REGISTRY_AUTH_FILE: file
    .optional()
    .describe(
      "Logins of the configured registries, in the format of docker and podman. Without it they are asked anonymously, those of Amazon ECR with `AWS_ACCESS_KEY_ID`.",
    ),
  OTEL_EXPORTER_OTLP_ENDPOINT: address
    .optional()
    .describe("Where traces, metrics and the log go over OTLP/HTTP. Without it there are no traces."),
  OTEL_LOGS_EXPORTER: z
    .enum(["otlp", "none"])
    .default("otlp")
    .describe("`none` keeps the log on stderr alone."),
  OTEL_SERVICE_NAME: text
    .default("countersteer")
    .describe("The service's name in traces, metrics and the log."),
};

/** The surroundings of a process on one machine; read only where a service names a Deployment. */
const cluster = {
  KUBECONFIG: file
    .optional()
    .describe("A kubeconfig, whose current context is used. A user who logs in by a program is refused."),
  KUBERNETES_SERVICE_HOST: text.optional().describe("Set by Kubernetes in each pod."),
  KUBERNETES_SERVICE_PORT: text.optional().describe("Set by Kubernetes in each pod."),
  POLL_MS: milliseconds
    .prefault("30000")
    .describe("How often Argo CD and the Kubernetes API are asked what runs. On AWS it is a minute."),
};

/** The variables of `npm start`. */
export const environment = z.object({
  ...{ ...server, ...receivers, ...former, ...readers, ...services },
  ...cluster,
});

/** More variables of the functions on AWS: the template sets these, and tests point them elsewhere. */
export const aws = z.object({
  TABLE_NAME: text.describe("The DynamoDB table. Set by the template."),
  EVENT_BUS_NAME: text.describe("The EventBridge bus. Set by the template."),
  SECRETS_PATH: text.describe(
    "The path in Parameter Store below which the secrets are. Set by the template.",
  ),
  CONFIG_BUCKET: text
    .optional()
    .describe(
      "The bucket of the configuration where it is an object of its own, which is read again within a minute. A parameter of the template.",
    ),
  CONFIG_KEY: text
    .optional()
    .describe("The object in it, as `npm run config` writes it. A parameter of the template."),
  S3_ENDPOINT: address.optional().describe("An S3 other than AWS's."),
  BASE_URL: text
    .optional()
    .describe("The address of the way in, for links when `baseUrl` is not configured. Set by the template."),
  MODE: text
    .optional()
    .describe(
      "The kill switch in Parameter Store, read before every write: any value but `run` stops Countersteer; without it the other switches decide.",
    ),
  REGISTRY_AUTH: secret
    .optional()
    .describe(
      "The logins of private registries in Parameter Store, as the auth file of docker and podman: the place of `REGISTRY_AUTH_FILE` for the functions.",
    ),
  METRICS_NAMESPACE: text
    .optional()
    .describe(
      "The namespace of the counters in CloudWatch, which the functions write into their logs. Set by the template; without it none is written.",
    ),
  PROMETHEUS_AUTH: z
    .enum(["bearer", "basic", "sigv4"])
    .prefault("bearer")
    .describe(
      "How the functions log in to `PROMETHEUS_URL`: with the token in `PROMETHEUS_TOKEN`, with `user:password` there, or by the signature of their role, for Amazon Managed Service for Prometheus.",
    ),
  GITHUB_READ_TOKEN: secret.optional().describe("A GitHub token that can only read, in Parameter Store."),
  GITHUB_READ_APP_ID: text.optional().describe("Instead of it, an App: its id, in Parameter Store."),
  GITHUB_READ_APP_PRIVATE_KEY: secret.optional().describe("The private key of that App, in Parameter Store."),
  GITHUB_TELL_TOKEN: secret
    .optional()
    .describe(
      "A GitHub token that can comment on pull requests, close them and set statuses, in Parameter Store.",
    ),
  GITHUB_TELL_APP_ID: text.optional().describe("Instead of it, an App: its id, in Parameter Store."),
  GITHUB_TELL_APP_PRIVATE_KEY: secret.optional().describe("The private key of that App, in Parameter Store."),
  DYNAMODB_ENDPOINT: address.optional().describe("A DynamoDB other than AWS's."),
  EVENTBRIDGE_ENDPOINT: address.optional().describe("An EventBridge other than AWS's."),
  SSM_ENDPOINT: address.optional().describe("A Parameter Store other than AWS's."),
});

/** More variables of `npm run start:aws-local`. */
export const awsLocal = z.object({
  DYNAMODB_ENDPOINT: address
    .optional()
    .describe("A DynamoDB that runs already. Default: dynalite, with its files in `DATA_DIR`."),
  EVENTBRIDGE_ENDPOINT: address.optional().describe("A bus that runs already. Default: its own."),
  EDGE: z
    .enum(["http", "private"])
    .prefault("http")
    .describe("The way in: an HTTP API, or the internal load balancer of `EDGE=private`."),
  AWS_LOCAL_SEED: text
    .regex(/^\d{1,9}$/, { error: ({ input }) => `is ${input}: give a number` })
    .transform(Number)
    .meta({ title: "number" })
    .optional()
    .describe(
      "With it, events come late, twice and out of order, and the bus refuses some; one seed always gives the same run.",
    ),
  LEASE_MS: milliseconds
    .prefault("10000")
    .describe("How long a function that died keeps other functions from its incident."),
});

/** The tables of docs/environment.md. */
export const environmentTables = [
  { title: "The server", note: "Where it listens and keeps its data.", variables: z.object(server) },
  {
    title: "Senders",
    note: "Each kind of sender has a secret of its own. A receiver without its secret refuses every call. Variables that begin with `SENDER_` hold the tokens of `senders` in the configuration.",
    variables: z.object({ ...receivers, ...former }),
  },
  {
    title: "Readers",
    note: "How those who read the pages and their JSON are known. See docs/security.md.",
    variables: z.object(readers),
  },
  {
    title: "Systems that it calls",
    note: "Countersteer calls these addresses, and the registries and Prometheus addresses of the configuration, and no others.",
    variables: z.object(services),
  },
  {
    title: "Kubernetes around it",
    note: "Read on one machine, where a service has `deploys: [{ kubernetes: … }]` and `KUBERNETES_URL` is not set. See docs/connect-deploys.md.",
    variables: z.object(cluster),
  },
  {
    title: "Functions on AWS",
    note: "The template sets what it says below; the rest are parameters or for tests. See docs/aws.md.",
    variables: aws,
  },
  {
    title: "The AWS host on this machine",
    note: "`npm run start:aws-local` reads these beside the tables above.",
    variables: awsLocal,
  },
];
