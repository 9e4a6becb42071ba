import { consistent, type Labels } from "../../policy/recovery.ts";
import type { Api, Rule } from "./api.ts";

/** The rules that may have raised the alert: those of its name whose labels agree with its own, else all of its name; each query once. */
export const rulesOf = async (
  api: Api,
  { name, labels }: { name: string; labels: Labels },
): Promise<Rule[]> => {
  const named = await api.rules(name);
  const agreeing = named.filter((rule) => consistent(plainLabels(rule.labels), labels));
  const rules = agreeing.length > 0 ? agreeing : named;
  return [...new Map(rules.map((rule) => [JSON.stringify([rule.query, rule.labels]), rule])).values()];
};

/** What a templated label became is not known here. */
const plainLabels = (labels: Labels): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([, value]) => !value.includes("{{")));
