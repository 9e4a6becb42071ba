import { durationMs } from "./lookback.ts";
import { callOf, childrenOf, type Node, parsed, textOf } from "./tree.ts";

/**
 * The expression with the ranges of its slopes (`predict_linear`, `deriv`) cut to `ms`, where they are longer: a slope over the time before
 * and after a fix also measures the step that the fix was. Undefined where it has none to cut.
 */
export const withShortSlopes = (expr: string, ms: number): string | undefined => {
  const top = parsed(expr);
  const ranges = top === undefined ? [] : slopesIn(top, expr).filter((one) => one.ms > ms);
  if (ranges.length === 0) return undefined;
  return ranges
    .toSorted((a, b) => b.from - a.from)
    .reduce((text, { from, to }) => `${text.slice(0, from)}${Math.round(ms)}ms${text.slice(to)}`, expr);
};

type Range = { from: number; to: number; ms: number };

const slopesIn = (node: Node, expr: string): Range[] => {
  const call = callOf(node, expr);
  const [given] = call !== undefined && /^(predict_linear|deriv)$/.test(call.name) ? call.given : [];
  const range = given?.name === "MatrixSelector" ? childrenOf(given)[1] : undefined;
  const own =
    range === undefined ? [] : [{ from: range.from, to: range.to, ms: durationMs(textOf(range, expr)) }];
  return [...own, ...childrenOf(node).flatMap((one) => slopesIn(one, expr))];
};
