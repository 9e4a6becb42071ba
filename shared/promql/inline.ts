import { ownValue } from "../records.ts";
import { child, childrenOf, type Node, parsed, textOf } from "./tree.ts";

/** Recording rules over recording rules, as far as they are followed. */
export const maxDepth = 3;

/** The expressions of recording rules by the metric that each records. */
export type Recorded = Record<string, string[]>;

/**
 * The expression with each recorded metric replaced by what records it: `job:errors:rate5m > 1` is `(sum(rate(errors[5m]))) > 1`. Matchers on it
 * are left out, and one with an offset stays. Undefined where nothing is recorded.
 */
export const inlined = (expr: string, recorded: Recorded = {}): string | undefined => {
  let text = expr;
  for (let depth = 0; depth < maxDepth; depth++) {
    const next = replaced(text, recorded);
    if (next === undefined) break;
    text = next;
  }
  return text === expr ? undefined : text;
};

type Place = { from: number; to: number; text: string };

const replaced = (expr: string, recorded: Recorded): string | undefined => {
  const top = parsed(expr);
  const places = top === undefined ? [] : placesIn(top, { expr, recorded });
  if (places.length === 0) return undefined;
  const text = places
    .toSorted((a, b) => b.from - a.from)
    .reduce((whole, { from, to, text }) => whole.slice(0, from) + text + whole.slice(to), expr);
  return parsed(text) === undefined ? undefined : text;
};

const placesIn = (node: Node, given: { expr: string; recorded: Recorded }): Place[] => {
  const { expr, recorded } = given;
  if (node.name === "OffsetExpr" || node.name === "StepInvariantExpr") return [];
  const [inner = node] = node.name === "MatrixSelector" ? childrenOf(node) : [];
  if (inner.name !== "VectorSelector") return childrenOf(node).flatMap((one) => placesIn(one, given));
  const name = child(inner, "Identifier");
  const metric = name === undefined ? "" : textOf(name, expr);
  const exprs = ownValue(recorded, metric) ?? [];
  if (exprs.length === 0) return [];
  // An expression may end with a comment.
  const text = `(${exprs.map((one) => (exprs.length === 1 ? `${one}\n` : `(${one}\n)`)).join(" or ")})`;
  // The range of a recorded metric is one of a subquery.
  const range = inner === node ? "" : expr.slice(inner.to, node.to).replace("]", ":]");
  return [{ from: node.from, to: node.to, text: text + range }];
};
