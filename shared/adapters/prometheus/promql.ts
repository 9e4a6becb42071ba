import { parser } from "@prometheus-io/lezer-promql";

export type Node = ReturnType<typeof parser.parse>["topNode"];

const maxSelectors = 20;
const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** The vector selectors of an expression, without ranges, offsets and `@`, each once. Empty when there are none or it cannot be parsed. */
export const selectors = (expr: string): string[] => {
  const found = new Set<string>();
  let broken = false;
  parser.parse(expr).iterate({
    enter: ({ name, type, from, to }) => {
      if (type.isError) broken = true;
      if (name === "VectorSelector") found.add(expr.slice(from, to));
    },
  });
  return broken || found.size > maxSelectors ? [] : [...found];
};

/** A query that returns something, by the labels named, wherever any selector of the expression has data. Undefined when it has none. */
export const dataQuery = (expr: string, labels: string[]): string | undefined => {
  const by = labels.filter((name) => labelName.test(name)).join(", ");
  const counts = selectors(expr).map((selector) => `count by (${by}) (${selector})`);
  return counts.length === 0 ? undefined : counts.join(" or ");
};

/** The outermost node of an expression; undefined when it cannot be parsed. */
export const parsed = (expr: string): Node | undefined => {
  const tree = parser.parse(expr);
  let broken = false;
  tree.iterate({
    enter: ({ type }) => {
      if (type.isError) broken = true;
    },
  });
  return broken ? undefined : (tree.topNode.firstChild ?? undefined);
};

const comparisons = new Set(["Gtr", "Gte", "Lss", "Lte", "Eql", "Neq"]);
const factors = new Set(["Mul", "Div", "ParenExpr", "BinaryExpr"]);

/**
 * A query for the values that an alerting expression compares: what stands beside its threshold. Where a ratio lacks its upper half
 * (nothing failed yet), it is 0. Undefined when the expression cannot be parsed. `isRatio`: its value is a share of 1.
 */
export const compared = (expr: string): { query: string; isRatio: boolean } | undefined => {
  const top = parsed(expr);
  if (top === undefined) return undefined;
  const value = comparedIn(top, expr);
  const [first] = value;
  return {
    query: value.map((node) => zeroed(node, expr)).join(" or "),
    isRatio: value.length === 1 && isRatio(inside(first!)),
  };
};

export const childrenOf = (node: Node): Node[] => {
  const found: Node[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) found.push(child);
  return found;
};
const inside = (node: Node): Node => (node.name === "ParenExpr" ? inside(node.firstChild!) : node);
const textOf = (node: Node, expr: string): string => expr.slice(node.from, node.to);

/** What is compared: of `a > 1 and b` that is a, of `a > 1 or b > 2` it is both. */
const comparedIn = (outer: Node, expr: string): Node[] => {
  const node = inside(outer);
  if (node.name !== "BinaryExpr") return [node];
  const parts = childrenOf(node);
  const [left, operator, right] = [parts[0]!, parts[1]!.name, parts.at(-1)!];
  if (operator === "Or") return [...comparedIn(left, expr), ...comparedIn(right, expr)];
  if (operator === "And" || operator === "Unless") return comparedIn(left, expr);
  if (!comparisons.has(operator)) return [node];
  return inside(left).name === "NumberDurationLiteral" ? [right] : [left];
};

const zeroed = (outer: Node, expr: string): string => {
  const node = inside(outer);
  const text = textOf(node, expr);
  const parts = childrenOf(node);
  const isPlain = node.name === "BinaryExpr" && parts.length === 3 && parts[1]!.name === "Div";
  if (!isPlain || isScalar(parts[2]!, expr)) return `(${text})`;
  return `(${text}) or (${textOf(parts[2]!, expr)}) * 0`;
};

/** Numbers, and what gives one whatever it is given: nothing can be put in the place of what they lack. */
const isScalar = (outer: Node, expr: string): boolean => {
  const node = inside(outer);
  const parts = childrenOf(node);
  switch (node.name) {
    case "NumberDurationLiteral":
      return true;
    case "UnaryExpr":
      return isScalar(parts[1]!, expr);
    case "FunctionCall":
      return /^(scalar|time|pi)$/.test(textOf(parts[0]!, expr));
    case "BinaryExpr":
      return isScalar(parts[0]!, expr) && isScalar(parts.at(-1)!, expr);
    default:
      return false;
  }
};

/** A division of series by series without a number among its factors. */
const isRatio = (node: Node): boolean => {
  const parts = childrenOf(node);
  if (node.name !== "BinaryExpr" || parts[1]!.name !== "Div") return false;
  const hasNumber = (part: Node): boolean =>
    part.name === "NumberDurationLiteral" || (factors.has(part.name) && childrenOf(part).some(hasNumber));
  return !parts.some(hasNumber);
};
