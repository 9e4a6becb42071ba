import { z } from "zod";
import { isRecord } from "../records.ts";
import { deployer } from "./deployers.ts";
import {
  approver,
  branch,
  channel,
  flagPattern,
  label,
  matcher,
  name,
  ownersPattern,
  pathPrefix,
  query,
  quorum,
  repository,
  serviceName,
  visibleTo,
  webAddress,
} from "./fields.ts";
import { policy } from "./policy.ts";
import { rollback } from "./rollback.ts";
import { scaling } from "./scaling.ts";
import { verify } from "./verify.ts";

const rule = z.strictObject({
  paths: z
    .array(ownersPattern)
    .min(1)
    .max(50)
    .exactOptional()
    .describe("The paths that the rule is about, as patterns of CODEOWNERS. Without it: every path."),
  environments: z
    .array(name)
    .min(1)
    .exactOptional()
    .describe("The environments that the rule is about. Without it: every environment."),
  approvers: z
    .array(approver)
    .min(1)
    .max(50)
    .exactOptional()
    .describe(
      "The approvers of pull requests that touch these paths, in the place of the service's approvers.",
    ),
  quorum: quorum
    .exactOptional()
    .describe("How many of them must approve, when that is more than `policy.quorum`."),
  fourEyes: z.literal(true).exactOptional().describe("Keeps four eyes where the policy does not."),
});

/** A map that must have exactly one of some keys. */
const oneOf =
  (choice: string, example: string) =>
  ({ input }: { input?: unknown }): string => {
    const given = isRecord(input) ? Object.keys(input) : [];
    return given.length > 1
      ? `${choice}, and not ${given.join(" and ")} together: leave all but one out`
      : `${choice}, such as ${example}`;
  };

const logs = z.union(
  [
    z.strictObject({
      loki: z
        .string()
        .min(1)
        .max(2000)
        .meta({ title: "LogQL query" })
        .describe("A query that selects the service's warnings and errors in Loki. `LOKI_URL` must be set."),
    }),
    z.strictObject({
      elasticsearch: z
        .strictObject({
          index: z
            .string()
            .regex(/^[a-z0-9][a-z0-9._*,-]{0,199}$/, "an index name or pattern")
            .meta({ title: "index name or pattern" })
            .describe("The index, several separated by commas, or a pattern such as `app-*`."),
          query: z
            .string()
            .min(1)
            .max(2000)
            .meta({ title: "query string" })
            .describe(
              "A query in Elasticsearch's query string syntax that selects the service's warnings and errors.",
            ),
        })
        .describe("Elasticsearch or OpenSearch. `ELASTICSEARCH_URL` must be set."),
    }),
    z.strictObject({
      cloudwatch: z
        .strictObject({
          group: z
            .string()
            .regex(
              /^(arn:aws[a-z-]*:logs:[a-z0-9-]+:\d{12}:log-group:)?[A-Za-z0-9_/.#-]{1,512}$/,
              "the name or the ARN of a log group",
            )
            .meta({ title: "log group" })
            .describe("The log group, by its name, or by its ARN where it is in another account."),
          pattern: z
            .string()
            .min(1)
            .max(1024)
            .meta({ title: "filter pattern" })
            .describe(
              "A filter pattern of CloudWatch that selects the service's warnings and errors, such as `?ERROR ?WARN`.",
            ),
        })
        .describe(
          "CloudWatch Logs. On AWS the role of _diagnose_ reads it; elsewhere `AWS_REGION` and a key must be set.",
        ),
    }),
  ],
  {
    error: oneOf(
      "either loki: a LogQL query, or elasticsearch: { index, query }, or cloudwatch: { group, pattern }",
      "loki: '{app=\"checkout\"}'",
    ),
  },
);

const traces = z.union(
  [
    z.strictObject({
      tempo: z
        .string()
        .min(1)
        .max(2000)
        .meta({ title: "TraceQL query" })
        .describe(
          'A query that selects the service\'s failed requests in Grafana Tempo, such as `{ resource.service.name = "checkout" && status = error }`. `TEMPO_URL` must be set.',
        ),
    }),
    z.strictObject({
      jaeger: z
        .string()
        .min(1)
        .max(200)
        .meta({ title: "name of a service" })
        .describe("The service's name in Jaeger. `JAEGER_URL` must be set."),
    }),
  ],
  { error: oneOf("either tempo: a TraceQL query, or jaeger: the service's name there", "jaeger: checkout") },
);

const gitops = z.strictObject({
  repository: repository.describe("The repository that declares what runs."),
  branch: branch.default("main").describe("The branch that is deployed from there."),
  paths: z
    .array(pathPrefix)
    .prefault([])
    .describe("The paths of this one environment there. Empty: the whole repository."),
});

/** One entry of `services`. */
export const service = z.strictObject({
  each: z
    .array(name)
    .exactOptional()
    .describe(
      "Instead of `name`: this entry stands for one service of each of these names, with the name in place of every `{name}`.",
    ),
  name: serviceName.describe(
    "The service's name: letters, digits, dot, dash and underscore. Unique in the file.",
  ),
  match: z
    .array(matcher)
    .min(1)
    .describe(
      'The alerts that are about this service, such as `service="checkout"`. All matchers must hold. The first service of the file that matches takes the alert.',
    ),
  repository: repository.describe(
    "Where the service's code is on GitHub. An alert can never name a repository.",
  ),
  branch: branch.default("main").describe("The branch that is deployed, and that fixes are merged into."),
  paths: z
    .array(pathPrefix)
    .prefault([])
    .describe("The paths of the repository that belong to this service. Empty: the whole repository."),
  gitops: z
    .union([gitops, z.array(gitops).min(1).max(5)])
    .transform((places) => [places].flat())
    .exactOptional()
    .describe(
      "The GitOps repository, when another repository declares what runs, or a list: configuration, infrastructure, alert rules. See docs/gitops.md.",
    ),
  dependsOn: z
    .array(serviceName)
    .max(20)
    .exactOptional()
    .describe(
      "Services of this file that this service needs. Their changes are suspects too, at lower odds, and only their own approvers may decide about them.",
    ),
  flags: z
    .array(flagPattern)
    .max(50)
    .exactOptional()
    .describe(
      "The service's feature flags in LaunchDarkly or Unleash: `NAME` or `PROJECT/NAME`, where `*` stands for any characters. See docs/connect-flags.md.",
    ),
  deploys: z
    .array(deployer)
    .max(50)
    .exactOptional()
    .describe(
      "How the tools that deploy the service name it: Argo CD, Flux, Tekton, Jenkins, CDEvents, GitHub environments and workflows. A report in Countersteer's own form needs no entry. See docs/connect-deploys.md.",
    ),
  rollback: rollback
    .exactOptional()
    .describe(
      "How the service's own tools put a former deploy back. With it, a revert is preceded by a redeploy of the last good deploy: people are asked about both at once. See docs/redeploy.md.",
    ),
  logs: logs.exactOptional().describe("Where the service's log lines are. Without it, no logs are read."),
  traces: traces
    .exactOptional()
    .describe(
      "Where the service's traces are. They tell the failing operation and the service in which it fails first. See docs/connect-metrics-and-logs.md.",
    ),
  versionLabel: label
    .exactOptional()
    .describe(
      "The label of the service's metrics that names the running version, or `pod` to compare ReplicaSets. With it, the new version is compared with the previous one. Without it, versions are not compared.",
    ),
  traffic: query
    .exactOptional()
    .describe(
      "The service's incoming requests. When they rise as the trouble begins, load is likelier than any change. The same as `signals.traffic`.",
    ),
  signals: z
    .union(
      [
        z.literal("off"),
        z.strictObject({
          errors: query.exactOptional().describe("Requests that fail: a ratio, or how many a second."),
          latency: query.exactOptional().describe("How long requests take, such as the 95th percentile."),
          traffic: query
            .exactOptional()
            .describe("Requests that come in; the same as `traffic` of the service."),
          saturation: query
            .exactOptional()
            .describe("How full the service is, such as the share of a pool in use."),
        }),
      ],
      {
        error:
          "either off, or a map of queries for errors, latency, traffic and saturation, such as signals: { errors: sum(rate(http_errors_total[2m])) }",
      },
    )
    .exactOptional()
    .meta({ title: "off, or queries" })
    .describe(
      "Queries for the four golden signals of the service. They are read for the service that alerts and for those that it depends on: the trouble is likely at home where they moved most. Signals without a query are found by the conventions of docs/connect-metrics-and-logs.md; `off` reads none of this service.",
    ),
  environments: z
    .array(name)
    .min(1)
    .describe(
      "The environments the service runs in. An alert names one of them by its label `environmentLabel`; with a single environment the label may be missing.",
    ),
  environmentLabel: label.default("environment").describe("The alert label that names the environment."),
  channel: channel.describe("The Slack channel (its id, not its name) where people are asked and told."),
  approvers: z
    .array(approver)
    .default([])
    .describe(
      "The people who may approve, reject or choose: Slack users and user groups, `github:team/NAME` of the repository's organisation, and `codeowners`, the owners of each path that the pull request touches. Modes `approve` and `auto` need at least one. See docs/approval.md.",
    ),
  visibleTo: visibleTo
    .exactOptional()
    .describe(
      "The readers of the service's incidents on the pages and as JSON: groups of the login, e-mail addresses and `*@DOMAIN`. To others they do not exist. Default: the `visibleTo` of the file.",
    ),
  rules: z
    .array(rule)
    .max(50)
    .exactOptional()
    .describe(
      "Stricter rules for some paths or environments. Each path must satisfy every rule that applies to it.",
    ),
  policy: policy
    .prefault({})
    .describe("How far Countersteer may go for this service, and how long it waits."),
  verify: verify.prefault({}).describe("How recovery is judged."),
  postmortem: z
    .union(
      [
        z.literal("comment"),
        z.strictObject({
          issue: repository.describe(
            "The repository in which the issue is opened. The App, or the token, writes issues there.",
          ),
        }),
      ],
      { error: "either comment, or a map such as postmortem: { issue: acme/post-mortems }" },
    )
    .exactOptional()
    .meta({ title: "comment, or { issue: OWNER/REPO }" })
    .describe(
      "Where a draft of the post-mortem is written once an incident is verified: as a `comment` on its pull request, or as an issue of a repository. Similar incidents stand in a comment for services of the same repository, and in an issue for services with the same `visibleTo`. Without it, nothing is written; `cli postmortem` prints the draft.",
    ),
  metrics: z
    .strictObject({
      url: webAddress
        .meta({ examples: ["http://prometheus:9090"] })
        .exactOptional()
        .describe(
          "The Prometheus that has this service's metrics and rules, instead of `PROMETHEUS_URL`. Its login is in `PROMETHEUS_LOGINS`.",
        ),
      tenant: z
        .string()
        .min(1)
        .max(200)
        .exactOptional()
        .meta({ title: "tenant" })
        .describe("The tenant of this service's metrics, instead of `PROMETHEUS_TENANT`."),
    })
    .exactOptional()
    .describe("Where the service's metrics are, when it is not where the others' are."),
  scaling: z
    .array(scaling)
    .max(20)
    .exactOptional()
    .describe(
      "Rules that say which alerts mean a lack of capacity and what may be raised then. The first rule that matches counts. See docs/scaling.md.",
    ),
});
