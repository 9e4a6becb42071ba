import type { Alert, Scale } from "../incident/model.ts";
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
        status === "firing" && rule.match.every(({ label, matches }) => matches(labels[label] ?? "")),
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

/** Of counts a broken metric makes the minimum the one to raise. */
const isSize = (field: Scale["field"]): boolean => field === "memory" || field === "cpu";

/** Queries of a rule, with those that kube-state-metrics answers for an HPA and its workload of the same name. */
export const queriesOf = ({ target, ...rule }: ScalingRule) => {
  const [kind = "", namespace = "", name = ""] = target.split("/");
  const isHpa = /^(hpa|horizontalpodautoscaler)$/i.test(kind);
  const space = namespace === "-" ? "" : `namespace="${namespace}",`;
  const hpa = `{${space}horizontalpodautoscaler="${name}"}`;
  const deployment = `{${space}deployment="${name}"}`;
  return {
    current:
      rule.current ?? (isHpa ? `kube_horizontalpodautoscaler_status_desired_replicas${hpa}` : undefined),
    limit: rule.limit ?? (isHpa ? `kube_horizontalpodautoscaler_spec_max_replicas${hpa}` : undefined),
    least: isHpa ? `kube_horizontalpodautoscaler_spec_min_replicas${hpa}` : undefined,
    broken: isHpa
      ? `kube_horizontalpodautoscaler_status_condition{${space}horizontalpodautoscaler="${name}",condition="ScalingActive",status="false"}`
      : undefined,
    load: rule.load,
    ready:
      rule.ready ??
      `sum(kube_deployment_status_replicas_ready${deployment}) >= bool sum(kube_deployment_spec_replicas${deployment})`,
  };
};
