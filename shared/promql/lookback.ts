import { child, childrenOf, inside, type Node, operationOf, parsed, textOf } from "./tree.ts";

const units: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** A PromQL duration such as `1h30m` in ms. A bare number is seconds. */
export const durationMs = (text: string): number => {
  if (/^[\d.]+$/.test(text.trim())) return Number(text) * 1000;
  const parts = [...text.matchAll(/(\d+)(ms|[smhdwy])/g)];
  return parts.reduce((sum, [, amount = "0", unit = "ms"]) => sum + Number(amount) * (units[unit] ?? 0), 0);
};

/**
 * The time for which an expression may stay true after its cause is gone, in ms: the longest range that it looks back. Of `short > x and
 * long > x` the short range counts, for one false side makes it false.
 */
export const lookbackMs = (expr: string): number => {
  const top = parsed(expr);
  return top === undefined ? 0 : lookback(top, expr);
};

const lookback = (outer: Node, expr: string): number => {
  const node = inside(outer);
  const operation = operationOf(node);
  if (operation?.operator === "And") {
    const ranges = [operation.left, operation.right].map((side) => lookback(side, expr)).filter(isRange);
    return ranges.length === 0 ? 0 : Math.min(...ranges);
  }
  if (operation?.operator === "Unless") return lookback(operation.left, expr);
  if (node.name === "VectorSelector") return recordedMs(node, expr);
  const below = Math.max(0, ...childrenOf(node).map((one) => lookback(one, expr)));
  if (node.name !== "MatrixSelector" && node.name !== "SubqueryExpr") return below;
  const range = child(node, "DurationExpr");
  return below + (range === undefined ? 0 : durationMs(textOf(range, expr)));
};

/** The window that the name of a recorded metric ends with, such as `job:errors:rate1h`. */
const recordedMs = (selector: Node, expr: string): number => {
  const named = child(selector, "Identifier");
  const [, window] = /[a-z_:](\d+[smhdw])$/.exec(named === undefined ? "" : textOf(named, expr)) ?? [];
  return window === undefined ? 0 : durationMs(window);
};

/** A side without a range (`and on() up == 1`) says nothing about how long the other stays true. */
const isRange = (ms: number): boolean => ms > 0;
