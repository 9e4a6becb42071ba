import { array, object, optional, record, string, unknown } from "zod";
import { durationMs } from "../../shared/promql/lookback.ts";
import type { AlertingRule } from "../host/doctor/unverified.ts";
import { ConfigurationError } from "../host/errors.ts";
import { readYaml } from "../host/settings/read-file.ts";

const rule = object({
  alert: string(),
  expr: string(),
  labels: optional(record(string(), string())),
  keep_firing_for: optional(string()),
});
const file = object({ groups: array(object({ rules: optional(array(unknown())) })) });
/** The operator's `PrometheusRule` has the same below `spec`. */
const kubernetes = object({ spec: file });

/** The alerting rules of a file. Throws ConfigurationError for a file that cannot be read, or holds no groups of rules. */
export const rulesIn = (name: string): AlertingRule[] => {
  const found = readYaml(name).map(groupsOf);
  const groups = found.flatMap((one) => one ?? []);
  if (found.every((one) => one === undefined))
    throw new ConfigurationError(
      `${name}: it is not a file of Prometheus rules, which holds groups with rules in them, or of PrometheusRule objects`,
    );
  return groups.flatMap(({ rules = [] }) => rules).flatMap((one) => ruleOf(one, name));
};

const groupsOf = (document: unknown) => {
  const plainFile = file.safeParse(document);
  return plainFile.success ? plainFile.data.groups : kubernetes.safeParse(document).data?.spec.groups;
};

const ruleOf = (given: unknown, source: string): AlertingRule[] => {
  const { data } = rule.safeParse(given);
  if (data === undefined) return [];
  const { alert, expr, labels = {}, keep_firing_for: keep = "0s" } = data;
  return [{ name: alert, expr, labels, keepFiringMs: durationMs(keep), source }];
};
