import assert from "node:assert/strict";
import { test } from "node:test";
import { adviceOn, adviceOnEnvironment, misspelt } from "../../infra/host/settings/advice.ts";
import { environment } from "../../infra/host/settings/environment.ts";
import { type Config, parseConfig } from "../../shared/config.ts";

const service = (name: string, more = "", match = `service="${name}"`): string => `
  - name: ${name}
    match: ['${match}']
    repository: acme/${name}
    environments: [production]
    channel: C024BE91L
${more}`;

const configOf = (...services: string[]): Config => {
  const parsed = parseConfig(`services:${services.join("")}`);
  assert.ok("config" in parsed, JSON.stringify(parsed));
  return parsed.config;
};
const advised = (...services: string[]): string[] =>
  adviceOn(configOf(...services)).map(
    ({ path, message, isBroken }) => `${path.join(".")}${isBroken ? " is broken" : ""}: ${message}`,
  );

test("a configuration of which nothing looks wrong gets no advice", () => {
  const measured = `    traffic: sum(rate(http_requests_total{service="a"}[1m]))
    verify: { expr: 'up == 0', data: [{ alert: A, query: up }] }
    logs: { loki: '{app="a"} |~ "(?i)error" # lines that matter' }`;
  assert.deepEqual(advised(service("a", measured), service("b")), []);
});

test("a service that never gets an alert is told, with the one that takes them", () => {
  const says = (name: string) =>
    `services.1.match: no alert ever reaches this service: ${name}, which stands before it, takes all of them; put this service before it, or give ${name} more matchers`;
  assert.deepEqual(advised(service("all", "", 'service=~"shop.*"'), service("shop-eu")), [says("all")]);
  assert.deepEqual(advised(service("any", "", 'team!="x"'), service("b", "", 'team="y"')), [says("any")]);
  assert.deepEqual(advised(service("eu", "", 'service=~"shop-eu.*"'), service("shop")), []);
});

test("services of which one alert may suit both are told, unless the narrower one stands first", () => {
  const told = (first: string, ...others: string[]) =>
    advised(...[first, ...others].map((match, index) => service("abcdef"[index]!, "", match)));
  const says = (names: string) => [
    `services.0.match: an alert may suit this service and ${names}: a, which stands first, then takes it; give one of them another matcher`,
  ];
  assert.deepEqual(told('team="pay"', 'service="web"'), says("b"));
  assert.deepEqual(
    told('team="pay"', ...Array(5).fill('service="web"')).slice(0, 1),
    says("b, c, d and 2 more"),
  );
  assert.deepEqual(told('service="web-eu"', 'service=~"web.*"'), []);
  assert.deepEqual(told('service="web"', 'service="pay"'), []);
  assert.deepEqual(told('service=~"web.*"', 'service=~"pay.*"'), []);
});

test("a query that reads no range, or a range in the wrong place, is a doubt", () => {
  const says = (query: string) => advised(service("a", `    traffic: '${query}'`));
  assert.deepEqual(says("sum(rate(http_requests_total))"), [
    "services.0.traffic: rate reads a range: write rate(…[5m])",
  ]);
  const misplaced = [
    "services.0.traffic: a range such as x[5m] stands only in a function such as rate(x[5m])",
  ];
  for (const query of ["sum(x[5m])", "x[5m] / y", "abs(x[5m])"])
    assert.deepEqual(says(query), misplaced, query);
  for (const query of [
    "sum by (a) (rate((x[5m])))",
    "max_over_time(rate(x[1m])[5m:1m])",
    "quantile_over_time(0.9, x[5m])",
    "predict_linear(x[1h], 3600) < 0",
    "avg_over_time(x[5m] offset 1d)",
    "absent_over_time(x[5m])",
  ])
    assert.deepEqual(says(query), [], query);
});

test("a selector of Loki without quotes, and a line filter that RE2 does not read, are broken", () => {
  const says = (query: string) => advised(service("a", `    logs: { loki: '${query}' }`));
  const broken = "services.0.logs.loki is broken: is not a query of Loki:";
  const selects = 'such as {app="checkout"}';
  assert.deepEqual(["{app=web}", "{}", 'rate({app="web"}[5m])', '{"app"="web"}'].flatMap(says), [
    `${broken} a value stands without quotes: it begins with a selector ${selects}`,
    `${broken} it selects by nothing, and at least one label must be named, ${selects}`,
    `${broken} lines are read and not a metric, so leave the function around it and its range out: it begins with a selector ${selects}`,
    `${broken} it begins with a selector ${selects}`,
  ]);
  assert.deepEqual(says('{app="web"} |~ "(error"'), [
    'services.0.logs.loki is broken: is not a query of Loki: "(error" is not an expression that RE2 reads (missing closing ): `(error`)',
  ]);
  assert.deepEqual(says('{app="web"} | jsn | level="error"'), [
    "services.0.logs.loki: jsn is not a stage of Loki's queries as this program knows them: did you mean json?",
  ]);
  for (const query of [
    '{app="a"} | json | level="error" | line_format "{{.msg}}"',
    '{app="a", env=~"p.*"} |~ "(?i)e\\d" != "x"',
    "{a=`b`} |~ `\\d+` | json",
    '{a!="b",}',
  ])
    assert.deepEqual(says(query), [], query);
});

test("a broken query of the signals is told by its place", () => {
  const signals = "    signals: { errors: 'sum(rate(x[5m])', latency: up }";
  assert.deepEqual(advised(service("a", signals)), [
    "services.0.signals.errors is broken: is not a query: a ( is not closed: write the ) that closes it",
  ]);
  assert.deepEqual(advised(service("a", "    signals: { traffic: up, saturation: 'sum(x' }")), [
    "services.0.signals.saturation is broken: is not a query: a ( is not closed: write the ) that closes it",
  ]);
  assert.deepEqual(advised(service("a", "    signals: off")), []);
});

test("a bracket or a quote without its partner breaks a query in every language", () => {
  const says = (query: string) => advised(service("a", `    traffic: '${query}'`));
  assert.deepEqual(says("sum(rate(x[5m])"), [
    "services.0.traffic is broken: is not a query: a ( is not closed: write the ) that closes it",
  ]);
  assert.deepEqual(says("sum(rate(x[5m]))]"), [
    "services.0.traffic is broken: is not a query: a ] closes nothing: leave it out, or write what it closes",
  ]);
  assert.deepEqual(says('x{a="b}'), [
    'services.0.traffic is broken: is not a query: a " is not closed: write it at the end of the text, too',
  ]);
  assert.deepEqual(says("sum(rate(x[5m)])"), [
    "services.0.traffic is broken: is not a query: a ) stands where a ] must close the [ before it",
  ]);
  assert.deepEqual(says('count(x{a="(["})'), []);
});

test("a query that only this program cannot read is a doubt, since it may be MetricsQL", () => {
  assert.deepEqual(advised(service("a", "    traffic: 'rate(x) keep_metric_names'")), [
    "services.0.traffic: is not a query of PromQL as this program reads it from “keep_metric_names” on: ask your Prometheus whether it is right (it may be MetricsQL)",
  ]);
});

test("a variable of Grafana and a template that nobody fills in are told", () => {
  const says = (query: string) => advised(service("a", `    traffic: '${query}'`));
  assert.deepEqual(says("sum(rate(x[$__rate_interval]))"), [
    "services.0.traffic: is not a query: $__rate_interval is a variable of Grafana, which nobody fills in here; write its value, such as [5m]",
  ]);
  assert.deepEqual(says('sum(rate(x{service="{{ service }}"}[1m]))'), [
    "services.0.traffic: {{ service }} is not filled in here, so no series has it: write the value, or {name} in an entry with each",
  ]);
  assert.deepEqual(says('sum(rate(x{code=~"5..$"}[1m]))'), []);
});

test("a query of Tempo that selects nothing or does not close is broken", () => {
  const says = (query: string) => advised(service("a", `    traces: { tempo: '${query}' }`));
  const broken = "services.0.traces.tempo is broken: is not a query of Tempo:";
  assert.deepEqual(says("resource.service.name = web"), [
    `${broken} it begins with a selector such as { resource.service.name = "checkout" && status = error }`,
  ]);
  assert.deepEqual(says('{ resource.service.name = "web" '), [
    `${broken} a { is not closed: write the } that closes it`,
  ]);
  assert.deepEqual(says('{ resource.service.name = "web" && status = error }'), []);
});

test("matchers that no alert can satisfy together, or in no environment of the service, are told", () => {
  const says = (...match: string[]) =>
    advised(service("a", "", match.join("', '"))).map((one) => one.slice(0, 90));
  const never = 'services.0.match.0: no alert suits this service: all its matchers must hold, and service="';
  assert.deepEqual(says('service="a"', 'service="b"'), [never]);
  assert.deepEqual(says('service="a"', 'service=~"b.*"'), [never]);
  assert.deepEqual(says('service="a"', 'service!="a"'), [never]);
  assert.deepEqual(says('service="a"', 'environment="dev"'), [
    "services.0.match.1: no alert suits this service: its environments are production, and this",
  ]);
  assert.deepEqual(says('service="a"', 'service=~"a|b"', 'environment=~"prod.*"'), []);
});

test("quotes that are a part of the value, and entries that stand twice, are told", () => {
  const typed = "service=“checkout”";
  assert.deepEqual(advised(service("a", "", typed)), [
    'services.0.match.0: compares service with “checkout”, the quotes being part of the value: write service="checkout" in straight double quotes',
  ]);
  const more = "    approvers: [U1AB, U1AB]\n    paths: [a/, b/, a/]";
  assert.deepEqual(advised(service("a", more, 'a="1"\', \'a="1"')), [
    "services.0.approvers.1: U1AB stands twice in this list: leave one out",
    "services.0.paths.2: a/ stands twice in this list: leave one out",
    'services.0.match.1: a="1" stands twice in this list: leave one out',
  ]);
});

test("services with the same matchers are told, and a baseUrl with a query or a login", () => {
  assert.deepEqual(advised(service("a", "", 'x="1"'), service("b", "", 'x="1"')), [
    'services.1.match: no alert ever reaches this service: a, which stands before it, takes the same alerts; give each of them a matcher of its own, such as service="{name}" in an entry with each',
  ]);
  const config = configOf(service("a"));
  const says = (baseUrl: string) => adviceOn({ ...config, baseUrl }).map(({ message }) => message);
  assert.deepEqual(says("https://ann:pw@cs.example.com"), [
    "has a login that every link in a message would carry or lose: write https://cs.example.com/",
  ]);
  assert.deepEqual(says("https://cs.example.com/?a=1"), [
    "has a query that every link in a message would carry or lose: write https://cs.example.com/",
  ]);
  assert.deepEqual(says("https://cs.example.com/countersteer"), []);
});

test("the queries of verify, of scaling and of Loki are looked at", () => {
  const all = `    verify: { expr: [{ alert: A, query: 'x[' }] }
    logs: { loki: app=a }
    scaling:
      - { match: [alertname="Full"], target: HorizontalPodAutoscaler/a/a, raise: max, ceiling: 9, load: '(' }`;
  assert.deepEqual(advised(service("a", all)), [
    "services.0.verify.expr.0.query is broken: is not a query: a [ is not closed: write the ] that closes it",
    "services.0.scaling.0.load is broken: is not a query: a ( is not closed: write the ) that closes it",
    'services.0.logs.loki is broken: is not a query of Loki: a value stands without quotes: it begins with a selector such as {app="checkout"}',
  ]);
});

test("bars in the wrong order, a direct message and a repository that declares itself are told", () => {
  const odd = `    policy: { mode: auto, minConfidence: 0.8, autoConfidence: 0.6 }
    approvers: [U024BE7LH, U024BE7LI]
    gitops: { repository: Acme/a }`.replace("C024", "D024");
  assert.deepEqual(advised(service("a", odd).replace("C024BE91L", "D024BE91L")), [
    "services.0.policy.autoConfidence: 0.6 is below minConfidence 0.8: a remedy is proposed from 0.8 on, and then merged without asking; write autoConfidence: 0.9, or the bar that backtest supports",
    "services.0.channel: D024BE91L is a direct message, which one person sees: name a channel such as C024BE91L",
    "services.0.gitops.0: is the service's own repository without paths: every change counts as one of what is declared; name the folder of this environment, such as paths: [production/]",
  ]);
});

test("the token of a sender that the file does not name is told", () => {
  const config: Config = {
    services: [],
    senders: [{ name: "a", token: "SENDER_A", kinds: ["deploys"], services: ["a"] }],
  };
  const env = { SENDER_A: "x", SENDER_A_PREVIOUS: "y", SENDER_B: "z", SENDER_C: " " };
  assert.deepEqual(adviceOnEnvironment(config, env, []), [
    "the variable SENDER_B is not read: no sender of the configuration names it as its token",
  ]);
});

test("one approver whom four eyes can hold back is told", () => {
  const config = (more: string, policy = "mode: approve"): Config => {
    const one = service("a", `    approvers: ${more}\n    policy: { ${policy} }`);
    const parsed = parseConfig(`people: { U1AB: { github: ann }, U2AB: { github: ben } }\nservices:${one}`);
    assert.ok("config" in parsed, JSON.stringify(parsed));
    return parsed.config;
  };
  const told = (given: Config) => adviceOn(given).map(({ path, message }) => `${path.join(".")}: ${message}`);
  assert.deepEqual(told(config("[U1AB]")), [
    "services.0.approvers: four eyes keep U1AB from approving the revert of a change of their own, and nobody else may approve: name a second approver, or a group such as S024BE7LH",
  ]);
  assert.deepEqual(told(config("[U1AB, U2AB]")), []);
  assert.deepEqual(told(config("[S1AB]")), []);
  assert.deepEqual(told(config("[U1AB]", "mode: approve, fourEyes: false")), []);
});

test("what the environment lacks is told, and a variable whose name is nearly right", () => {
  const config = configOf(
    service(
      "a",
      "    logs: { loki: '{app=\"a\"}' }\n    approvers: [U1AB, U2AB]\n    policy: { mode: approve }",
    ),
  );
  const known = ["PROMETHEUS_URL", "SLACK_BOT_TOKEN", "HOST"];
  assert.deepEqual(adviceOnEnvironment(config, { SLACK_BOT_TOKN: "x", HOME: "/", LOKI_URL: " " }, known), [
    "the logs of a are in Loki, and LOKI_URL is not set: no log line is read",
    "a has mode approve, and PROMETHEUS_URL is not set: no fix of it can ever be verified",
    "the variable SLACK_BOT_TOKN is not read: did you mean SLACK_BOT_TOKEN?",
  ]);
  const set = { LOKI_URL: "http://loki", PROMETHEUS_URL: "http://prometheus", SLACK_BOT_TOKEN: "x" };
  assert.deepEqual(adviceOnEnvironment(config, set, known), []);
});

test("a variable with a word too many or too few is told, and those of other programs are not", () => {
  const known = Object.keys(environment.shape);
  const says = (name: string) => misspelt({ [name]: "x" }, known);
  const meant: [string, string][] = [
    ["ALERTMANAGER_WEBHOOK_TOKEN", "ALERTMANAGER_TOKEN"],
    ["GITHUB_PRIVATE_KEY", "GITHUB_APP_PRIVATE_KEY"],
    ["SLACK_TOKEN", "SLACK_BOT_TOKEN"],
    ["PROMETHEUS_BEARER_TOKEN", "PROMETHEUS_TOKEN"],
  ];
  for (const [name, near] of meant)
    assert.deepEqual(says(name), [`the variable ${name} is not read: did you mean ${near}?`]);
  for (const name of [
    "AWS_DEFAULT_REGION",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "GITHUB_ACTIONS",
    "SLACK_BOT_TOKEN",
  ])
    assert.deepEqual(says(name), [], name);
  assert.deepEqual(misspelt({ SLACK_TOKEN: "x", SLACK_BOT_TOKEN: "y" }, ["SLACK_BOT_TOKEN"]), []);
});

test("traces of a store that the environment does not name are told", () => {
  const stores: [string, string, string][] = [
    ["tempo", "Tempo", "TEMPO_URL"],
    ["jaeger", "Jaeger", "JAEGER_URL"],
  ];
  for (const [key, store, variable] of stores) {
    const query = key === "tempo" ? "'{ status = error }'" : "x";
    const config = configOf(service("a", `    traces: { ${key}: ${query} }`));
    const set = { PROMETHEUS_URL: "http://prometheus" };
    assert.deepEqual(adviceOnEnvironment(config, set, []), [
      `the traces of a are in ${store}, and ${variable} is not set: no trace is read`,
    ]);
    assert.deepEqual(adviceOnEnvironment(config, { ...set, [variable]: "http://traces" }, []), []);
  }
});

test("a Deployment that is to be read from no cluster is told, and the variables of a pod are near to none of ours", () => {
  const config = configOf(service("a", "    deploys: [{ kubernetes: shop/a }]"));
  const known = Object.keys(environment.shape);
  const of = (env: Record<string, string>) =>
    adviceOnEnvironment(config, { PROMETHEUS_URL: "http://prometheus", ...env }, known);
  assert.deepEqual(of({}), [
    "the deploys of a are read from Kubernetes, and none of KUBERNETES_URL, KUBECONFIG and KUBERNETES_SERVICE_HOST is set: none is read",
  ]);
  const port = "tcp://10.96.0.1:443";
  const pod = {
    ...{ KUBERNETES_SERVICE_HOST: "10.96.0.1", KUBERNETES_SERVICE_PORT: "443", KUBERNETES_PORT: port },
    ...{ KUBERNETES_SERVICE_PORT_HTTPS: "443", KUBERNETES_PORT_443_TCP: port },
    ...{ KUBERNETES_PORT_443_TCP_PROTO: "tcp", KUBERNETES_PORT_443_TCP_PORT: "443" },
    KUBERNETES_PORT_443_TCP_ADDR: "10.96.0.1",
  };
  assert.deepEqual(of(pod), []);
});

test("a target that has no scale is broken, and says why in one sentence", () => {
  const rule = (target: string) =>
    `    scaling: [{ match: [a="b"], target: ${target}, raise: replicas, to: "4" }]`;
  const says = (target: string) => advised(service("a", rule(target)));
  for (const kind of ["DaemonSet", "ConfigMap", "CronJob", "ApplicationSet"])
    assert.deepEqual(says(`${kind}/ops/x`), [
      `services.0.scaling.0.target is broken: ${kind} is not a kind that is scaled here; it is one of HorizontalPodAutoscaler, ScaledObject, VerticalPodAutoscaler, Service, Rollout, Deployment, StatefulSet, ReplicaSet, NodePool, HelmRelease, Application, Terraform, Pulumi, ClusterAutoscaler`,
    ]);
  assert.match(
    says("Widget/shop/w").join(),
    /Widget is not a kind that is scaled here; it is one of Horizontal/,
  );
  for (const target of [
    "hpa/-/api",
    "Terraform/-/aws_autoscaling_group.web",
    "aws_eks_node_group/-/pool",
    "HelmRelease/shop/api",
    "pulumi/prod/max",
  ])
    assert.deepEqual(says(target), [], target);
});
