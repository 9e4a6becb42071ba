import { isLabelName, type Labels } from "./labels.ts";
import { quoted } from "./quoted.ts";
import { child, childrenOf, type Node, parsed, textOf } from "./tree.ts";

/**
 * The expression with more matchers in its selectors. `labels` are by a selector's text. Undefined when that cannot be
 * done with certainty.
 */
export const narrowed = (expr: string, labels: Map<string, Labels>): string | undefined => {
  const top = parsed(expr);
  if (top === undefined) return undefined;
  const inserts: { at: number; text: string }[] = [];
  for (const selector of selectorsIn(top)) {
    const added = Object.entries(labels.get(textOf(selector, expr)) ?? {});
    if (added.length === 0) continue;
    if (added.some(([name]) => !isLabelName(name))) return undefined;
    inserts.push(insertOf(selector, added));
  }
  const text = inserts
    .toSorted((a, b) => b.at - a.at)
    .reduce((whole, { at, text }) => whole.slice(0, at) + text + whole.slice(at), expr);
  return parsed(text) === undefined ? undefined : text;
};

const insertOf = (selector: Node, added: [string, string][]): { at: number; text: string } => {
  const text = added.map(([name, value]) => `${name}=${quoted(value)}`).join(",");
  const list = child(selector, "LabelMatchers");
  if (list === undefined) return { at: selector.to, text: `{${text}}` };
  return { at: list.from + 1, text: childrenOf(list).length === 0 ? text : `${text},` };
};

const selectorsIn = (node: Node): Node[] =>
  node.name === "VectorSelector" ? [node] : childrenOf(node).flatMap(selectorsIn);
