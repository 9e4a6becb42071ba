import type { Sample } from "./exposition.ts";
import { expand, type Rule } from "./rule.ts";
import { keyOf } from "./series.ts";

/** An alert of the rule. Instants are epoch ms; `firedAt` and `resolvedAt` are absent until they happen. */
export type ActiveAlert = {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  value: number;
  activeAt: number;
  firedAt?: number;
  resolvedAt?: number;
};

/**
 * One evaluation of the rule: the active alerts and the result of the expression give the alerts that are active now. An alert that fired
 * and is gone stays for this one evaluation, resolved.
 */
export const evaluateRule = (
  rule: Rule,
  before: ActiveAlert[],
  samples: Sample[],
  at: number,
): ActiveAlert[] => {
  const known = new Map(
    before.filter(({ resolvedAt }) => resolvedAt === undefined).map((alert) => [keyOf(alert.labels), alert]),
  );
  const active = samples.map((sample) => {
    const alert = fresh(rule, sample, at);
    const old = known.get(keyOf(alert.labels));
    known.delete(keyOf(alert.labels));
    return fire(
      rule,
      { ...alert, ...(old && { activeAt: old.activeAt }), ...(old?.firedAt && { firedAt: old.firedAt }) },
      at,
    );
  });
  const gone = [...known.values()].filter(({ firedAt }) => firedAt !== undefined);
  return [...active, ...gone.map((alert) => ({ ...alert, resolvedAt: at }))];
};

const fresh = ({ alert, labels: own, annotations }: Rule, sample: Sample, at: number): ActiveAlert => {
  const { __name__, ...found } = sample.labels;
  const labels = sorted({ ...found, ...own, alertname: alert });
  const texts = Object.entries(annotations).map(([name, text]) => [name, expand(text, found, sample.value)]);
  return { labels, annotations: Object.fromEntries(texts), value: sample.value, activeAt: at };
};

const fire = ({ forMs }: Rule, alert: ActiveAlert, at: number): ActiveAlert =>
  alert.firedAt === undefined && at - alert.activeAt >= forMs ? { ...alert, firedAt: at } : alert;

const sorted = (labels: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
