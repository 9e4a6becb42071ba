import type { Alert } from "../incident/model.ts";
import { ownValue } from "../records.ts";
import type { AlertRule } from "./model.ts";

/** Labels of which a rule for one service has one value. Its pods and machines are many whatever the rule is for. */
const ofService = /^(service|app|application|job|namespace|deployment|statefulset|workload|component)$/i;
const maxSiblings = 50;

/**
 * The templates of rules that could not be read, learned from their alerts: where alerts of one name are about several services, and their
 * texts are equal but for the values of their labels and for numbers, the rest is the template's. `siblings` are alerts of any service.
 */
export const learnedRules = (alerts: Alert[], siblings: Alert[]): AlertRule[] =>
  [...Map.groupBy(alerts, ({ name }) => name)].flatMap(([alert, own]) => {
    const others = siblings.filter(({ name }) => name === alert).slice(0, maxSiblings);
    const templates = own.flatMap((one) => others.flatMap((other) => sharedTemplates(one, other)));
    if (templates.length === 0) return [];
    const found = { alert, templates: [...new Set(templates)], metrics: [], selected: [] };
    return [{ ...found, isLearned: true as const }];
  });

const sharedTemplates = (alert: Alert, other: Alert): string[] => {
  const differing = Object.keys(alert.labels).filter((name) => {
    const beside = ownValue(other.labels, name);
    return beside !== undefined && beside !== alert.labels[name];
  });
  if (!differing.some((name) => ofService.test(name))) return [];
  return Object.entries(alert.annotations).flatMap(([key, text]) => {
    const template = withPlaceholders(text, alert.labels, differing);
    return template === withPlaceholders(ownValue(other.annotations, key) ?? "", other.labels, differing)
      ? [template]
      : [];
  });
};

/** The longest values first, as one may lie within another. */
const withPlaceholders = (text: string, labels: Alert["labels"], names: string[]): string =>
  names
    .map((name): [string, string] => [name, ownValue(labels, name) ?? ""])
    .filter(([, value]) => value.length > 1)
    .toSorted(([, a], [, b]) => b.length - a.length)
    .reduce((made, [name, value]) => made.replaceAll(value, `{{ $labels.${name} }}`), text)
    .replace(/\d+(\.\d+)?/g, "{{ $value }}");
