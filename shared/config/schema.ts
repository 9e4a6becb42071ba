import { z } from "zod";
import { checkAmount, checkServices, type Finding } from "./checks.ts";
import {
  approver,
  branch,
  channel,
  duration,
  flagPattern,
  issue,
  label,
  matcher,
  name,
  origin,
  pathPrefix,
  probability,
  query,
  repository,
  webAddress,
} from "./fields.ts";

// The one description of the configuration file: types, defaults, error messages, countersteer.schema.json and
// docs/configuration.md all come from here (`npm run docs` writes the last two).

const report = (findings: Finding[], context: z.RefinementCtx): void => {
  for (const finding of findings) context.addIssue({ code: "custom", ...finding });
};

const page = z.union(
  [
    z.enum(["alertmanager", "pagerduty"]),
    z.strictObject({ webhook: webAddress.describe("Where the page is posted.") }),
  ],
  { error: "alertmanager, pagerduty, or { webhook: an http or https address }" },
);

const policy = z
  .strictObject({
    mode: z
      .enum(["observe", "approve", "auto"])
      .default("observe")
      .describe(
        "How far Countersteer may go. `observe`: it diagnoses and reports, and changes nothing. `approve`: it opens the pull request, asks in Slack, and merges what an approver approved. `auto`: it merges without asking when one change reaches `autoConfidence` on measured evidence and no guarded file is touched; otherwise it asks.",
      ),
    minConfidence: probability
      .default(0.5)
      .describe("Below this probability of the best remedy nothing is proposed; people are told instead."),
    autoConfidence: probability
      .default(0.9)
      .describe(
        "Mode `auto` merges without asking only from this probability on. At the default, at least 95 % were right on repositories that the weights had never seen; `backtest` measures the bar for your own history.",
      ),
    lookAgain: z
      .array(duration)
      .max(10)
      .prefault(["2m", "5m", "10m"])
      .describe(
        "Ages of an incident at which it is diagnosed again while nothing is approved, beside every new deploy, flag and alert. While a look is still to come, a diagnosis that finds too little waits for it instead of escalating; `[]` escalates at once.",
      ),
    changePrior: probability
      .default(0.7)
      .describe(
        "The share of this service's troubles that changes cause, before any evidence. The default is what Google's SRE book found; lower it where load or providers cause most of them.",
      ),
    stepTimeout: duration
      .prefault("15m")
      .describe(
        "How long diagnosing, opening the pull request or merging may each take before the incident is escalated.",
      ),
    approvalTimeout: duration
      .prefault("2h")
      .describe("How long a question in Slack may stay unanswered before the incident is escalated."),
    deployTimeout: duration
      .prefault("30m")
      .describe(
        "How long after the merge a deploy may take to report the merged commit live before the incident is escalated.",
      ),
    verifyTimeout: duration
      .prefault("30m")
      .describe(
        "How long the alert may take to become quiet once the fix is live before the incident is escalated.",
      ),
    cooldown: duration
      .prefault("7d")
      .describe(
        "How long a revert that a person rejected, or whose pull request a person closed, is not proposed again.",
      ),
    oncall: z
      .array(approver)
      .max(20)
      .exactOptional()
      .describe(
        "Slack users and user groups that are mentioned in questions, escalations and reminders. Nobody else is ever mentioned.",
      ),
    deadline: duration
      .prefault("45m")
      .describe(
        "How long an incident may take from its first alert to verified. People are reminded at half and at three quarters of it; then `page` calls a person. `0s`: no deadline.",
      ),
    page: page
      .exactOptional()
      .describe(
        "Where a person is called when the deadline is over, or when Slack or GitHub cannot be reached: `alertmanager` posts the alert `CountersteerUnresolved` to `ALERTMANAGER_URL`, so that your own routes decide; `pagerduty` uses `PAGERDUTY_ROUTING_KEY`; `{ webhook: URL }` posts JSON. It resolves when the trouble ends. Without it, nobody is called outside Slack.",
      ),
    silence: duration
      .exactOptional()
      .describe(
        "While an approved fix rolls out, exactly this incident's alerts are silenced in Alertmanager, for this long at most. The silence ends with the verdict and never counts as recovery. Without it, nothing is silenced.",
      ),
  })
  .transform(({ stepTimeout, approvalTimeout, deployTimeout, verifyTimeout, ...more }) => {
    const { lookAgain, cooldown, deadline, silence, ...rest } = more;
    return {
      ...rest,
      cooldownMs: cooldown,
      lookAgainMs: lookAgain.toSorted((a, b) => a - b),
      deadlineMs: deadline,
      ...(silence === undefined ? {} : { silenceMs: silence }),
      stepMs: stepTimeout,
      approvalMs: approvalTimeout,
      deployMs: deployTimeout,
      verifyMs: verifyTimeout,
    };
  });

const byAlert = (description: string) =>
  z
    .union([
      query,
      z.array(
        z.strictObject({
          alert: z.string().min(1).describe("The alert's name."),
          query: query.describe("The query for this alert."),
        }),
      ),
    ])
    .exactOptional()
    .meta({ title: "PromQL query, or a list of `alert` and `query`" })
    .describe(description);

const verify = z
  .strictObject({
    hold: duration
      .prefault("5m")
      .describe(
        "How long the alert's own expression must be quiet, with the fix live, before the incident counts as verified. Shorter than `policy.verifyTimeout`.",
      ),
    expr: byAlert(
      "The alert's expression: one for every alert of the service, or a list by alert name. Without it, the alert's rule is read from Prometheus when the alert arrives, and its expression as it was then is judged. One expression beside several alerts is judged as well as their own rules.",
    ),
    data: byAlert(
      "A query that must return data for a quiet expression to count as recovery: one for every alert, or a list by alert name. Without it, every series that the expression reads must exist.",
    ),
    labels: z
      .record(z.string(), z.record(z.string(), z.string()))
      .exactOptional()
      .meta({ title: "LABEL: { VALUE: VALUE }" })
      .describe(
        "Values of the alert's labels as the metrics write them, where relabelling changed them: `{ environment: { production: prod } }`.",
      ),
  })
  .transform(({ hold, ...rest }) => ({ ...rest, holdMs: hold }));

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
  ],
  { error: "either loki: a LogQL query, or elasticsearch: { index, query }" },
);

const scaling = z
  .strictObject({
    match: z
      .array(matcher)
      .min(1)
      .describe("The alerts that mean a lack of capacity: all matchers must hold."),
    target: z
      .string()
      .regex(/^[\w.-]+\/[\w.-]+\/[\w.:-]+$/, "KIND/NAMESPACE/NAME; a namespace of - is any")
      .meta({ title: "KIND/NAMESPACE/NAME" })
      .describe(
        "The object whose scale is changed, such as `HorizontalPodAutoscaler/shop/api`. A namespace of `-` is any.",
      ),
    raise: z
      .enum(["replicas", "min", "max", "memory", "cpu"])
      .describe(
        "The value that is raised: the number of replicas, an autoscaler's minimum or maximum, or a limit of memory or CPU.",
      ),
    to: z
      .string()
      .regex(/^\d+(\.\d+)?[A-Za-z]{0,2}$/, "a quantity such as 2Gi or 500m, or a number")
      .exactOptional()
      .meta({ title: "Kubernetes quantity or number, in quotes" })
      .describe(
        "The new value. Required for `memory` and `cpu`. Without it, the number of replicas is computed from `current` and `load`.",
      ),
    ceiling: z
      .number()
      .int()
      .min(1)
      .max(10_000)
      .exactOptional()
      .meta({ title: "replicas, 1 to 10000" })
      .describe(
        "The value is never raised above this. It is never raised to more than twice its present value either.",
      ),
    for: duration
      .exactOptional()
      .describe(
        "When this time is over, a pull request proposes the old value again. Without it, the change stays.",
      ),
    current: query
      .exactOptional()
      .describe(
        "How many replicas there are now. Default for an HPA: its desired replicas as kube-state-metrics reports them. Required for other targets without `to`.",
      ),
    limit: query
      .exactOptional()
      .describe(
        "The most replicas allowed now. Default for an HPA: its maximum as kube-state-metrics reports it.",
      ),
    load: query
      .exactOptional()
      .describe("The demand divided by the capacity: 1 is full, 2 is twice as much as can be served."),
    ready: query
      .exactOptional()
      .describe(
        "Whether the new replicas are ready: any value but 0. Default: the ready replicas of the Deployment of the same name have reached the wanted number.",
      ),
  })
  .superRefine((rule, context) => report(checkAmount(rule), context))
  .transform(({ for: forMs, raise: field, ...rest }) => ({
    ...rest,
    field,
    ...(forMs === undefined ? {} : { forMs }),
  }));

const gitops = z.strictObject({
  repository: repository.describe("The repository that declares what runs."),
  branch: branch.default("main").describe("The branch that is deployed from there."),
  paths: z
    .array(pathPrefix)
    .prefault([])
    .describe("The paths of this one environment there. Empty: the whole repository."),
});

const service = z.strictObject({
  name: name.describe("The service's name: letters, digits, dot, dash and underscore. Unique in the file."),
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
    .array(name)
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
  logs: logs.exactOptional().describe("Where the service's log lines are. Without it, no logs are read."),
  versionLabel: label
    .exactOptional()
    .describe(
      "The label of the service's metrics that names the running version, or `pod` to compare ReplicaSets. With it, the new version is compared with the previous one. Without it, versions are not compared.",
    ),
  traffic: query
    .exactOptional()
    .describe(
      "The service's incoming requests. When they rise as the trouble begins, load is likelier than any change. Without it, traffic is not looked at.",
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
      "Slack users and user groups that may approve, reject or choose. Mode `approve` needs at least one.",
    ),
  policy: policy
    .prefault({})
    .describe("How far Countersteer may go for this service, and how long it waits."),
  verify: verify.prefault({}).describe("How recovery is judged."),
  metrics: z
    .strictObject({
      tenant: z
        .string()
        .min(1)
        .max(200)
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

const registry = z.strictObject({
  host: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9.-]*(:\d{1,5})?$/,
      "a registry's host as image names begin with it, such as ghcr.io",
    )
    .meta({ title: "host or host:port" })
    .describe("The host as image names begin with it, such as `ghcr.io`."),
  url: origin
    .exactOptional()
    .describe("Where the registry answers, when that is not `https://` and the host."),
  realm: origin
    .exactOptional()
    .describe(
      "Where the registry's tokens come from, when that is another address, such as `https://gitlab.com`.",
    ),
});

/** The configuration file: the input is the file as written, the output is the configuration with its defaults. */
export const configuration = z
  .strictObject({
    baseUrl: webAddress
      .exactOptional()
      .describe(
        "Where people reach this server, for links in Slack and on pull requests. Default: the address that the server listens on.",
      ),
    admins: z
      .array(approver)
      .max(50)
      .exactOptional()
      .describe(
        "Slack users and user groups that may stop and start Countersteer by `/countersteer stop` and `/countersteer start`. Without it, nobody may in Slack.",
      ),
    killSwitch: issue
      .exactOptional()
      .describe(
        "An issue that stops Countersteer: while it is open, or carries the label `countersteer/stop`, nothing is merged, opened or changed. An issue that cannot be read stops it as well. See docs/limits.md.",
      ),
    registries: z
      .array(registry)
      .max(20)
      .exactOptional()
      .describe(
        "Container registries that may be asked which commit an image was built from. Their logins come from `REGISTRY_AUTH_FILE`.",
      ),
    services: z
      .array(service)
      .min(1)
      .describe("The services, in the order in which they are tried for an alert."),
  })
  .superRefine(({ services }, context) => report(checkServices(services), context))
  .meta({
    title: "Countersteer configuration",
    description:
      "Which alerts are about which service, where its code is, who decides, and how far Countersteer may go.",
  });

export type Config = z.output<typeof configuration>;
export type Configured = Config["services"][number];
/** A registry that may be asked about images. `host` is what image names begin with; the others are origins, where they differ. */
export type RegistryAt = z.output<typeof registry>;
