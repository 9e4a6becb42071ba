import { durationMs } from "./lookback.ts";
import { selectors } from "./selectors.ts";
import { aggregateOf, callOf, childrenOf, inside, type Node, operationOf, parsed, textOf } from "./tree.ts";

/** A read of a selector within one condition: through which function, over which time, where its text ends, and within which `count` it is. */
type Read = { selector: string; call: string; ms: number; to: number; counted: number };

const statistic = /^(avg|stddev|stdvar|quantile|mad|min|max)_over_time$/;
const counting = /^(i?rate|increase)$/;

/**
 * The ends of the long reads by which a condition compares a metric with its own past: `a > 2 * avg_over_time(a[1d])`,
 * `rate(a[5m]) > 3 * rate(a[1h])`. A trouble that lasts becomes its own yardstick. Growth (`delta(a[1h]) / a`) is a symptom.
 */
export const ownAverages = (expr: string): number[] => {
  const top = parsed(expr);
  if (top === undefined) return [];
  return conditions(top).flatMap((condition) => {
    const reads = readsIn(condition, { expr, call: "", counted: -1 });
    return reads.filter((one) => reads.some((other) => isYardstick(one, other))).map(({ to }) => to);
  });
};

const conditions = (outer: Node): Node[] => {
  const node = inside(outer);
  const operation = operationOf(node);
  if (operation === undefined || !/^(And|Or|Unless)$/.test(operation.operator)) return [node];
  return [...conditions(operation.left), ...conditions(operation.right)];
};

const isYardstick = (long: Read, short: Read): boolean =>
  long.selector === short.selector &&
  long.counted === short.counted &&
  long.ms > 0 &&
  long.ms >= 2 * short.ms &&
  (statistic.test(long.call) || (counting.test(long.call) && counting.test(short.call)));

/** A read with an offset, or at an instant, is of the past already. */
const readsIn = (node: Node, around: { expr: string; call: string; counted: number }): Read[] => {
  const { expr, call } = around;
  const counted = /^(count|group)$/.test(aggregateOf(node, expr)?.name ?? "") ? node.from : around.counted;
  if (node.name === "OffsetExpr" || node.name === "StepInvariantExpr") return [];
  if (node.name === "VectorSelector")
    return [{ selector: textOf(node, expr), call, ms: 0, to: node.to, counted }];
  const [inner, range] = childrenOf(node);
  if (inner !== undefined && (node.name === "MatrixSelector" || node.name === "SubqueryExpr")) {
    const ms = range === undefined ? 0 : durationMs(textOf(range, expr));
    return selectors(textOf(inner, expr)).map((selector) => ({ selector, call, ms, to: node.to, counted }));
  }
  const name = callOf(node, expr)?.name ?? call;
  return childrenOf(node).flatMap((one) => readsIn(one, { expr, call: name, counted }));
};
