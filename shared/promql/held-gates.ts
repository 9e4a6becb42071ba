import { mutes } from "./gates.ts";
import { filtersIn } from "./guards.ts";
import { selectors } from "./selectors.ts";
import { childrenOf, inside, type Node, operationOf, parsed, textOf } from "./tree.ts";

/**
 * The expression with the gates inside of it held fast at `at` (epoch ms), when the alert fired and they were open: `count(a > 1 and b == 0) > 0`
 * is `count(a > 1 and b @ 7 == 0) > 0`, and `time() - (a > 0)` is `time() - (a and a @ 7 > 0)`. Other series that were muted before stay muted. The same text when it has none.
 */
export const withHeldGates = (expr: string, at: number): string => {
  const top = parsed(expr);
  if (top === undefined) return expr;
  const held = gatesIn(top, expr, true)
    .flatMap(readsIn)
    .map(({ to }) => ({ to, text: "" }));
  const filters = filtersIn(top, expr).flatMap((filter) => {
    const value = operationOf(filter)?.left;
    const text = value === undefined ? "" : `${textOf(value, expr)} and `;
    return [...readsIn(filter).map(({ to }) => ({ to, text: "" })), { to: filter.from, text }];
  });
  const known = new Map([...held, ...filters].map((edit) => [edit.to, edit]));
  const text = [...known.values()]
    .toSorted((a, b) => b.to - a.to)
    .reduce((whole, edit) => {
      const added = edit.text === "" ? ` @ ${at / 1000}` : edit.text;
      return whole.slice(0, edit.to) + added + whole.slice(edit.to);
    }, expr);
  return parsed(text) === undefined ? expr : text;
};

/** The gates below the outermost conditions, which are left out as a whole elsewhere. */
const gatesIn = (outer: Node, expr: string, isOutermost: boolean): Node[] => {
  const node = isOutermost ? inside(outer) : outer;
  const operation = operationOf(node);
  const isCondition = operation !== undefined && /^(And|Or|Unless)$/.test(operation.operator);
  const below = childrenOf(node).flatMap((one) => gatesIn(one, expr, isOutermost && isCondition));
  if (operation === undefined || isOutermost) return below;
  const { left, operator, right } = operation;
  if (operator === "Unless") return selectors(textOf(left, expr)).length === 0 ? below : [...below, right];
  if (operator !== "And") return below;
  return [
    ...below,
    ...(mutes(right, left, expr, true) ? [right] : []),
    ...(mutes(left, right, expr, true) ? [left] : []),
  ];
};

/** The selectors that are read as of now, with their ranges. */
const readsIn = (node: Node): Node[] => {
  if (node.name === "OffsetExpr" || node.name === "StepInvariantExpr") return [];
  if (node.name === "VectorSelector" || node.name === "MatrixSelector") return [node];
  return childrenOf(node).flatMap(readsIn);
};
