import { consistent, type Labels } from "./labels.ts";

type Rule = { expr: string; labels: Labels; active?: Labels[] };

/**
 * The rules that may have raised an alert: those with an active alert of its labels, else those whose own labels agree,
 * else all of the name. Each expression once.
 */
export const candidates = <R extends Rule>(named: R[], alert: Labels): R[] => {
  const agreeing = named.filter((rule) => consistent(plainLabels(rule.labels), alert));
  const rules = agreeing.length > 0 ? agreeing : named;
  const raising = rules.filter((rule) => activeFor(rule, alert) !== undefined);
  const chosen = raising.length > 0 ? raising : rules;
  return [...new Map(chosen.map((rule) => [JSON.stringify([rule.expr, rule.labels]), rule])).values()];
};

/** The labels of the rule's active alert that agree with the alert's. */
export const activeFor = ({ active = [] }: Rule, alert: Labels): Labels | undefined =>
  active.find((labels) => consistent(labels, alert));

/** The labels that the rule sets, without the templated ones. */
const plainLabels = (labels: Labels): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([, value]) => !value.includes("{{")));
