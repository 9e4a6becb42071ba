import type { Alert, Scale } from "../incident/model.ts";
import { ownValue } from "../records.ts";
import type { Matcher } from "./match.ts";

/**
 * The alerts that mean a lack of capacity, the capacity that is scaled, and its upper limit. The queries are PromQL: the present count, the
 * upper limit, the demanded multiple of the capacity, and whether the new replicas are ready (anything but 0).
 */
export type ScalingRule = {
  match: Matcher[];
  target: string;
  field: Scale["field"];
  to?: string;
  ceiling?: number;
  forMs?: number;
  current?: string;
  limit?: string;
  load?: string;
  ready?: string;
};

/** The first rule whose matchers all hold for a firing alert, and that alert. */
export const ruleFor = (
  rules: ScalingRule[],
  alerts: Alert[],
): { rule: ScalingRule; alert: Alert } | undefined => {
  for (const rule of rules) {
    const alert = alerts.find(
      ({ status, labels }) =>
        status === "firing" &&
        rule.match.every(({ label, matches }) => matches(ownValue(labels, label) ?? "")),
    );
    if (alert !== undefined) return { rule, alert };
  }
  return undefined;
};

/** The rule that a remedy came from: its authority is the configuration as it is now. */
export const ruleOf = (
  rules: ScalingRule[],
  { target, field }: Pick<Scale, "target" | "field">,
): ScalingRule | undefined =>
  rules.find((rule) => rule.target === target && isSize(rule.field) === isSize(field));

const isSize = (field: Scale["field"]): boolean => field === "memory" || field === "cpu";

/** Queries of a rule, with those that the exporter of the target's kind answers. */
export const queriesOf = ({ target, ...rule }: ScalingRule) => {
  const known = measured(target);
  return {
    ...known,
    current: rule.current ?? known.current,
    limit: rule.limit ?? known.limit,
    load: rule.load,
    ready: rule.ready ?? known.ready ?? readyPods(target),
  };
};

/** Whether the present count of the target is known without a query in its rule. */
export const isMeasured = (target: string): boolean => measured(target).current !== undefined;

type Queries = { current?: string; limit?: string; least?: string; broken?: string; ready?: string };
/** The queries of a kind, from its metrics' labels and the name. */
type Exporter = { kinds: RegExp; queries: (space: string, name: string) => Queries };

const measured = (target: string): Queries => {
  const [kind = "", namespace = "", name = ""] = target.split("/");
  const space = namespace === "-" ? "" : namespace;
  return exporters.find(({ kinds }) => kinds.test(kind))?.queries(space, name) ?? {};
};

const labelled = (space: string, labels: Record<string, string>, key = "namespace"): string => {
  const all = { ...(space !== "" && { [key]: space }), ...labels };
  return `{${Object.entries(all)
    .map(([label, value]) => `${label}="${value}"`)
    .join(",")}}`;
};

/** The HPA of this name (kube-state-metrics docs/metrics/workload/horizontalpodautoscaler-metrics.md). */
const autoscaler = (space: string, name: string): Queries => {
  const metric = (what: string, more = {}) =>
    `kube_horizontalpodautoscaler_${what}${labelled(space, { horizontalpodautoscaler: name, ...more })}`;
  return {
    current: metric("status_desired_replicas"),
    limit: metric("spec_max_replicas"),
    least: metric("spec_min_replicas"),
    broken: metric("status_condition", { condition: "ScalingActive", status: "false" }),
  };
};

const pods = (ready: string, wanted: string): Queries => ({
  current: `sum(${wanted})`,
  ready: `sum(${ready}) >= bool sum(${wanted})`,
});

const readyPods = (target: string): string => {
  const [, namespace = "", name = ""] = target.split("/");
  const deployment = labelled(namespace === "-" ? "" : namespace, { deployment: name });
  return `sum(kube_deployment_status_replicas_ready${deployment}) >= bool sum(kube_deployment_spec_replicas${deployment})`;
};

const exporters: Exporter[] = [
  { kinds: /^(hpa|horizontalpodautoscalers?)$/i, queries: autoscaler },
  {
    // KEDA makes an HPA of this name (keda.sh/docs, horizontalPodAutoscalerConfig.name).
    kinds: /^(so|scaledobjects?)$/i,
    queries: (space, name) => {
      const hpa = labelled(space, { horizontalpodautoscaler: `keda-hpa-${name}` });
      const status = (what: string) => `sum(kube_horizontalpodautoscaler_status_${what}_replicas${hpa})`;
      return {
        ...autoscaler(space, `keda-hpa-${name}`),
        ready: `${status("current")} >= bool ${status("desired")}`,
      };
    },
  },
  {
    kinds: /^(deploy|deployments?)$/i,
    queries: (space, name) => ({
      current: `sum(kube_deployment_spec_replicas${labelled(space, { deployment: name })})`,
    }),
  },
  {
    kinds: /^(sts|statefulsets?)$/i,
    queries: (space, name) => {
      const set = labelled(space, { statefulset: name });
      return pods(`kube_statefulset_status_replicas_ready${set}`, `kube_statefulset_replicas${set}`);
    },
  },
  {
    kinds: /^(rs|replicasets?)$/i,
    queries: (space, name) => {
      const set = labelled(space, { replicaset: name });
      return pods(`kube_replicaset_status_ready_replicas${set}`, `kube_replicaset_spec_replicas${set}`);
    },
  },
  {
    // argo-rollouts docs/features/controller-metrics.md
    kinds: /^(ro|rollouts?)$/i,
    queries: (space, name) => {
      const rollout = labelled(space, { name });
      return pods(`rollout_info_replicas_available${rollout}`, `rollout_info_replicas_desired${rollout}`);
    },
  },
  {
    // knative.dev/docs/serving/observability/metrics/serving-metrics
    kinds: /^(ksvc|service|knativeservice)s?$/i,
    queries: (space, name) => {
      const service = labelled(space, { configuration_name: name }, "namespace_name");
      return pods(`autoscaler_actual_pods${service}`, `autoscaler_desired_pods${service}`);
    },
  },
  {
    // karpenter.sh/docs/reference/metrics
    kinds: /^nodepools?$/i,
    queries: (_, name) => {
      const nodes = labelled("", { nodepool: name, resource_type: "nodes" });
      const usage = `sum(karpenter_nodepools_usage${nodes})`;
      const joined = `count(karpenter_nodes_allocatable${labelled("", { nodepool: name, resource_type: "cpu" })})`;
      return {
        ...{ current: usage, limit: `sum(karpenter_nodepools_limit${nodes})` },
        ready: `${joined} >= bool ${usage}`,
      };
    },
  },
  {
    // kubernetes/autoscaler, cluster-autoscaler/proposals/metrics.md; of single groups with --emit-per-nodegroup-metrics
    kinds: /^cluster-?autoscaler$/i,
    queries: (_, name) => {
      const group = labelled("", { node_group: name });
      return {
        current: `sum(cluster_autoscaler_node_group_target_count${group})`,
        limit: `sum(cluster_autoscaler_node_group_max_count${group})`,
        ready: "sum(cluster_autoscaler_unschedulable_pods_count) == bool 0",
      };
    },
  },
];
