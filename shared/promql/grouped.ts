import { childrenOf, type Node, parsed } from "./tree.ts";

/** Modifiers that are grouped; the parser needs one pass for each. */
const most = 20;

/**
 * The expression with parentheses around each `a offset 5m` and `a @ 0` that the parser takes for a modifier of the whole operation
 * before it: to the parser `a > 1 unless a offset 5m > 1` is `(a > 1 unless a) offset 5m > 1`. To Prometheus a modifier belongs to its
 * selector. The same text where there is none.
 */
export const grouped = (expr: string): string => {
  let text = expr;
  for (let turn = 0; turn < most; turn++) {
    const top = parsed(text);
    const range = top === undefined ? undefined : misread(top);
    if (range === undefined) return text;
    text = `${text.slice(0, range.from)}(${text.slice(range.from, range.to)})${text.slice(range.to)}`;
  }
  return expr;
};

const isModified = ({ name }: Node): boolean => name === "OffsetExpr" || name === "StepInvariantExpr";

/** The range of the first modifier that hangs on an operation, from its selector on. */
const misread = (node: Node): { from: number; to: number } | undefined => {
  if (isModified(node)) {
    const operation = modifiedBy(node);
    if (operation.name === "BinaryExpr") return { from: lastOperand(operation).from, to: node.to };
  }
  for (const one of childrenOf(node)) {
    const found = misread(one);
    if (found !== undefined) return found;
  }
  return undefined;
};

const modifiedBy = (node: Node): Node => {
  const [inner] = childrenOf(node);
  return inner !== undefined && isModified(node) ? modifiedBy(inner) : node;
};

const lastOperand = (node: Node): Node => {
  const last = childrenOf(node).at(-1);
  return last !== undefined && node.name === "BinaryExpr" ? lastOperand(last) : node;
};
