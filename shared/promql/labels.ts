export type Labels = Record<string, string>;

/** Names of one replica of a service or of Prometheus. A deploy replaces replicas, so they do not identify a series. */
const replica = new Set([
  "instance",
  "pod",
  "pod_name",
  "pod_template_hash",
  "container_id",
  "replica",
  "prometheus_replica",
]);

/** The alert's labels that identify its series: without its name, the labels that the rule sets, and the replica's name. */
export const ownLabels = (alert: Labels, rule: Labels): Labels =>
  Object.fromEntries(
    Object.entries(alert).filter(
      ([name]) => name !== "alertname" && !Object.hasOwn(rule, name) && !replica.has(name),
    ),
  );

/** Whether no label that both carry differs. */
export const consistent = (labels: Labels, own: Labels): boolean =>
  Object.entries(labels).every(([name, value]) => !Object.hasOwn(own, name) || own[name] === value);

const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
/** Whether the name can be written in PromQL without quotes. */
export const isLabelName = (name: string): boolean => labelName.test(name);
