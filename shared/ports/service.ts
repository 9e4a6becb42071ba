/** A repository in which a part of what runs is declared. */
export type GitopsPlace = { repository: string; branch: string; paths: string[] };

/** A service as the configuration names it. Authority (repository, branch, channel, approvers) comes from here only. */
export type Service = {
  name: string;
  repository: string;
  branch: string;
  /** Path prefixes in the repository; empty means all of it. */
  paths: string[];
  /** Other repositories that declare what runs: configuration, infrastructure, alert rules. */
  gitops?: GitopsPlace[];
  /** Services whose changes may be felt here, by name. */
  dependsOn?: string[];
  /** Its feature flags, where a tool tells of them that knows no services: `NAME` or `PROJECT/NAME`, `*` for anything. */
  flags?: string[];
  /** The source of its log lines: a LogQL selector, an index and a query string, or a log group and a filter pattern. */
  logs?:
    | { loki: string }
    | { elasticsearch: { index: string; query: string } }
    | { cloudwatch: { group: string; pattern: string } };
  /** The source of its traces: a TraceQL query for failed requests, or its name in Jaeger. */
  traces?: { tempo: string } | { jaeger: string };
  /** The label of its metrics that tells the version, or a ReplicaSet's pods. */
  versionLabel?: string;
  /** A query for what comes in, such as requests per second. */
  traffic?: string;
  /** Queries for its golden signals, in the place of those that conventions tell; `off`: none of them is read. */
  signals?: "off" | { errors?: string; latency?: string; traffic?: string; saturation?: string };
  environments: string[];
  channel: string;
  /** Slack user ids (`U…`, `W…`) and user group ids (`S…`). */
  approvers: string[];
  verify: {
    /** The time for which the alert's expression must have been quiet. */
    holdMs: number;
    /** The expressions in place of that of the alert's rule: for every alert, or by alert name. */
    expr?: ByAlert;
    /** Queries that must return data for a quiet expression to count; default: the selectors of the expression. */
    data?: ByAlert;
    /** Values of the alert's labels as the metrics write them: `{ environment: { production: "prod" } }`. */
    labels?: Record<string, Record<string, string>>;
  };
  /** The address of its metrics and their tenant (`X-Scope-OrgID`), unless they are those of the environment. */
  metrics?: { url?: string; tenant?: string };
};

/** A query for every alert of the service, or one an alert name. */
type ByAlert = string | { alert: string; query: string }[];

/** The queries for an alert. A list may have several of one alert. */
export const queriesFor = (queries: ByAlert | undefined, alert: string): string[] => {
  if (typeof queries === "string") return [queries];
  return (queries ?? []).filter((one) => one.alert === alert).map(({ query }) => query);
};
