import { compared } from "./compared.ts";
import type { Labels } from "./labels.ts";
import { narrowed } from "./narrow.ts";
import { quoted } from "./quoted.ts";
import { type Side, sidesOf } from "./selectors.ts";
import { callOf, childrenOf, type Node, parsed, textOf } from "./tree.ts";
import { namesTrouble } from "./trouble.ts";

/** A rule's expression, the labels of its alert that it does not set itself, and the names of the service that it is about. */
export type OwnRule = { expr: string; labels: Labels; names: string[] };
/** The metrics that an expression reads, and the label by which it tells services apart. `isPinned`: its selectors name the service. */
export type Telling = { metrics: string[]; label: string; isPinned: boolean };

/** The label that names the service: in every selector of the expression, or else among the labels of its alert. Undefined where neither is certain. */
export const serviceLabel = ({ expr, labels, names }: OwnRule): Telling | undefined => {
  const sides = sidesOf(expr);
  const metrics = [...new Set(sides.map(({ metric }) => metric))];
  if (sides.length === 0 || metrics.includes("")) return undefined;
  const pinned = sides.map((side) => pinsOf(side, names));
  const label = pinned[0]?.find((one) => pinned.every((others) => others.includes(one)));
  if (label !== undefined) return { metrics, label, isPinned: true };
  if (pinned.some((pins) => pins.length > 0)) return undefined;
  const own = Object.entries(labels).find(([name, value]) => name !== "alertname" && names.includes(value));
  return own === undefined ? undefined : { metrics, label: own[0], isPinned: false };
};

const pinsOf = ({ matchers }: Side, names: string[]): string[] =>
  matchers.filter(({ op, value }) => op === "=" && names.includes(value)).map(({ label }) => label);

/**
 * The values that the rule would compare for another service, of which `labels` name the series. Undefined where that cannot be written with
 * certainty.
 */
export const forService = (
  { expr, names }: OwnRule,
  { label, isPinned }: Telling,
  labels: Labels,
): { query: string; isRatio: boolean } | undefined => {
  const { [label]: other = "", ...places } = labels;
  const rewritten = isPinned ? swapped(expr, { label, names, other }) : expr;
  const added = isPinned ? places : labels;
  const narrow = (text: string) => narrowed(text, new Map(sidesOf(text).map((side) => [side.text, added])));
  const whole = rewritten === undefined ? undefined : narrow(rewritten);
  return whole === undefined ? undefined : compared(whole);
};

type Swap = { label: string; names: string[]; other: string };

const swapped = (expr: string, { label, names, other }: Swap): string | undefined => {
  const top = parsed(expr);
  if (top === undefined) return undefined;
  const values = matchersIn(top).flatMap((matcher) => {
    const [name, op, value] = childrenOf(matcher);
    const isOwn =
      value !== undefined &&
      name !== undefined &&
      textOf(name, expr) === label &&
      op !== undefined &&
      textOf(op, expr) === "=" &&
      names.some((one) => quoted(one) === textOf(value, expr) || `'${one}'` === textOf(value, expr));
    return isOwn ? [value] : [];
  });
  if (values.length === 0) return undefined;
  const text = values
    .toSorted((a, b) => b.from - a.from)
    .reduce((whole, { from, to }) => whole.slice(0, from) + quoted(other) + whole.slice(to), expr);
  return parsed(text) === undefined ? undefined : text;
};

const matchersIn = (node: Node): Node[] =>
  node.name === "LabelMatchers" ? childrenOf(node) : childrenOf(node).flatMap(matchersIn);

/** Whether a rule watches failed requests or how long they take; undefined for any other rule. */
export const watches = (expr: string): "errors" | "latency" | undefined => {
  const top = parsed(expr);
  if (top === undefined) return undefined;
  if (callsIn(top, expr).some((name) => /^histogram_(quantile|avg)$/.test(name))) return "latency";
  const sides = sidesOf(expr).filter(({ counted }) => counted);
  return sides.some(namesTrouble) ? "errors" : undefined;
};

const callsIn = (node: Node, expr: string): string[] => {
  const call = callOf(node, expr);
  return [
    ...(call === undefined ? [] : [call.name]),
    ...childrenOf(node).flatMap((one) => callsIn(one, expr)),
  ];
};
