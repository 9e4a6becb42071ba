import { passing } from "./labels.ts";
import { durationMs } from "./lookback.ts";
import { type Side, sidesOf } from "./selectors.ts";
import { callOf, childrenOf, inside, type Node, operationOf, parsed, textOf } from "./tree.ts";
import { countsEvents } from "./trouble.ts";

/** The trouble: `from` lies before its onset and before the rule's `for`, `to` is when its fix went live. Epoch ms. */
export type Trouble = { from: number; to: number };

/**
 * The expression with every short change of a value read as its change since before the trouble: `delta(a[5m]) < 0` as `a - a @ 7 < 0`. Such a rule
 * is quiet once nothing changes any more, however bad the value stays. A value that is back but for a tenth of its way is back. The same
 * text when it has none.
 */
export const withHeldLevels = (expr: string, trouble: Trouble): string => {
  const top = parsed(expr);
  if (top === undefined) return expr;
  const edits = comparisonsIn(top).flatMap((one) => editsIn(one, { expr, trouble }));
  const text = edits
    .toSorted((a, b) => b.from - a.from)
    .reduce((whole, { from, to, text }) => whole.slice(0, from) + text + whole.slice(to), expr);
  return parsed(text) === undefined ? expr : text;
};

/** Any trouble: only whether an expression is read in another way matters. */
const anyTrouble: Trouble = { from: 1e12, to: 1e12 + 60_000 };
const growth = /\b(i?delta|deriv|i?rate|increase) *\(/;

/** Whether it asks how fast a level changes: it is quiet on a plateau, however high that is. */
export const asksForGrowth = (expr: string): boolean =>
  growth.test(expr) && withHeldLevels(expr, anyTrouble) !== expr;

type Edit = { from: number; to: number; text: string };
type Around = { expr: string; trouble: Trouble };

/** The outermost comparisons by order, or with `!=`. `abs(delta(a[5m])) < 1` asks whether anything moves at all. */
const comparisonsIn = (node: Node): Node[] => {
  const operation = operationOf(node);
  if (operation === undefined || !/^(Gtr|Gte|Lss|Lte|Neq)$/.test(operation.operator))
    return childrenOf(node).flatMap(comparisonsIn);
  return [node];
};

const editsIn = (node: Node, around: Around): Edit[] => {
  const own = asChange(node, around);
  if (own !== undefined) return [{ from: node.from, to: node.to, text: own }];
  return childrenOf(node).flatMap((one) => editsIn(one, around));
};

const asChange = (node: Node, around: Around): string | undefined =>
  changeOfCall(node, around) ?? spread(node, around) ?? pastOf(node, around);

/** `a[5m]`, or a subquery: its text, the text before its range, and the range. */
type Range = { text: string; of: string; ms: number; step: string };

const rangeOf = (node: Node | undefined, expr: string): Range | undefined => {
  if (node?.name !== "MatrixSelector" && node?.name !== "SubqueryExpr") return undefined;
  const [inner, range] = childrenOf(node);
  if (inner === undefined || range === undefined) return undefined;
  const step = node.name === "SubqueryExpr" ? expr.slice(range.to, node.to).replace(/\]$/, "") : "";
  return {
    ...{ text: textOf(node, expr), of: textOf(inner, expr) },
    ...{ ms: durationMs(textOf(range, expr)), step },
  };
};

const dayMs = 24 * 60 * 60_000;
const tenth = 0.1;

/** The value now, the one from before the trouble, and the latter again, or the one now where that is back. */
const levelsOf = ({ text, of, ms, step }: Range, { from, to }: Trouble) => {
  const [now, was] = [`last_over_time(${text})`, `last_over_time(${text} @ ${(from - ms) / 1000})`];
  const longMs = Math.min(dayMs, Math.max(1000, to - from + ms));
  const course = `${of}[${Math.ceil(longMs)}ms${step}] @ ${to / 1000}`;
  const way = `(max_over_time(${course}) - min_over_time(${course}))`;
  // Of new replicas the highest is held against the highest before.
  const other = `max without (${passing.join(", ")})`;
  const replaced = `((${other} (${now}) - ${other} (${was})) unless on () (${now} and ${was}))`;
  return { now, was, replaced, held: `((${now} and abs(${now} - ${was}) <= ${tenth} * ${way}) or ${was})` };
};

const perSecond = /^(deriv|i?rate)$/;

const changeOfCall = (node: Node, { expr, trouble }: Around): string | undefined => {
  const call = callOf(node, expr);
  const range = rangeOf(call?.given[0], expr);
  if (call === undefined || range === undefined) return undefined;
  const sides = sidesOf(range.text);
  if (sides.length === 0) return undefined;
  const { now, was, held, replaced } = levelsOf(range, trouble);
  if (call.name === "changes") {
    const isWorse = sides.every(isScarce) ? `(${now} < bool ${was})` : otherState(now, was);
    return sides.some(isIdentity) ? undefined : `(${textOf(node, expr)} + ${many} * ${isWorse})`;
  }
  const isOfLevels = /^(i?delta|deriv)$/.test(call.name)
    ? !sides.some((side) => countsEvents(side) || isIdentity(side))
    : /^(i?rate|increase)$/.test(call.name) && sides.every(isLevel);
  if (!isOfLevels) return undefined;
  const change = `((${now} - ${held}) or ${replaced})`;
  return perSecond.test(call.name) ? `(${change} / ${range.ms / 1000})` : change;
};

/** More changes than any threshold. */
const many = "1e9";
const otherState = (now: string, was: string): string =>
  `(${now} != bool ${was}) * ((${now} == bool 0) + (${now} == bool 1))`;

/** `max_over_time(a[5m]) - min_over_time(a[5m])` as the distance from before. */
const spread = (node: Node, { expr, trouble }: Around): string | undefined => {
  const operation = operationOf(node);
  if (operation?.operator !== "Sub") return undefined;
  const [most, least] = [operation.left, operation.right].map((one) => callOf(inside(one), expr));
  if (most?.name !== "max_over_time" || least?.name !== "min_over_time") return undefined;
  const [range, other] = [rangeOf(most.given[0], expr), rangeOf(least.given[0], expr)];
  if (range === undefined || range.text !== other?.text) return undefined;
  if (sidesOf(range.text).some((side) => countsEvents(side) || isIdentity(side))) return undefined;
  const { now, held } = levelsOf(range, trouble);
  return `abs(${now} - ${held})`;
};

/** Longer offsets are held fast with the other pasts (baseline.ts). */
const shortMs = 30 * 60_000;
/** An instant is as old as this at most (Prometheus' lookback delta). */
const staleMs = 5 * 60_000;

/** `a offset 5m` as the value from before the trouble. */
const pastOf = (node: Node, { expr, trouble }: Around): string | undefined => {
  const [selector, ...rest] = node.name === "OffsetExpr" ? childrenOf(node) : [];
  const length = rest.at(-1);
  if (selector?.name !== "VectorSelector" || length === undefined) return undefined;
  const ms = durationMs(textOf(length, expr));
  if (expr.slice(selector.to, node.to).includes("-") || ms === 0 || ms >= shortMs) return undefined;
  const of = textOf(selector, expr);
  if (sidesOf(of).some((side) => countsEvents(side) || isIdentity(side))) return undefined;
  const range = { text: `${of}[${staleMs}ms]`, of, ms: staleMs, step: "" };
  return levelsOf(range, { ...trouble, from: trouble.from - ms }).held;
};

const word = (words: string): RegExp => new RegExp(`(^|[_:])(${words})([_:]|$)`, "i");
/** Values of which any is as good as another: a leader, the time of a start, a version. */
const identity = word(
  "leader|master|primary|standby|role|owner|start(ed)?|boot|created|timestamp|uptime|generation|revision|version|epoch|term|id|hash|checksum|config\\w*|offsets?(?!_s)|sequence|info",
);
const isIdentity = ({ metric }: Side): boolean => identity.test(metric);
/** Values that are a height, so that `increase` of them is read like `delta`. */
const level = word(
  "lag|depth|backlog|length|usage|used|free|in_?flight|active|connections|sessions|replicas|percent|ratio|utili[sz]ation|temperature",
);
const isLevel = (side: Side): boolean =>
  level.test(side.metric) && !countsEvents({ ...side, counted: false });
/** Numbers of things of which fewer are worse. */
const scarce = word(
  "up|alive|ready|healthy|available|connected|in_sync|members|slaves|followers|online|running",
);
const isScarce = ({ metric }: Side): boolean => scarce.test(metric);
