import { durationMs } from "./lookback.ts";
import { ownAverages } from "./own-average.ts";
import { childrenOf, type Node, parsed, textOf } from "./tree.ts";

/** An offset of a gauge that is shorter tells how fast it grows, not how high it usually is. */
const leastMs = 30 * 60_000;

/**
 * The expression with its past held fast: `rate(a[5m] offset 1h)` is read at the onset minus 1 h. A rule that compares with its own
 * past is quiet once the trouble is its past, and so is one that compares with its own average. The same text where that past is still
 * from before the onset.
 */
export const withFixedPast = (expr: string, { onsetAt, now }: { onsetAt: number; now: number }): string => {
  const top = parsed(expr);
  if (top === undefined) return expr;
  const averages = now > onsetAt ? ownAverages(expr) : [];
  const fixed = offsetsIn(top, { expr, isCounted: false })
    .filter(({ ms, isCounted }) => now - ms > onsetAt && (isCounted || ms >= leastMs))
    .concat(averages.map((to) => ({ from: to, to, ms: 0, isCounted: false })))
    .toSorted((a, b) => b.from - a.from)
    .reduce(
      (text, { from, to, ms }) => `${text.slice(0, from)} @ ${(onsetAt - ms) / 1000}${text.slice(to)}`,
      expr,
    );
  return parsed(fixed) === undefined ? expr : fixed;
};

type Offset = { from: number; to: number; ms: number; isCounted: boolean };
type Around = { expr: string; isCounted: boolean };

const offsetsIn = (node: Node, { expr, isCounted }: Around): Offset[] => {
  const [inner, ...rest] = childrenOf(node);
  const own: Offset[] = [];
  const length = rest.at(-1);
  if (node.name === "OffsetExpr" && inner !== undefined && length !== undefined) {
    const text = expr.slice(inner.to, node.to);
    const ms = text.includes("-") ? 0 : durationMs(textOf(length, expr));
    if (ms > 0) own.push({ from: inner.to, to: node.to, ms, isCounted: isCounted });
  }
  const counts =
    isCounted || (node.name === "FunctionCall" && /^(i?rate|increase)\b/.test(textOf(node, expr)));
  return [...own, ...childrenOf(node).flatMap((one) => offsetsIn(one, { expr, isCounted: counts }))];
};
