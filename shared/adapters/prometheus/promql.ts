import { parser } from "@prometheus-io/lezer-promql";

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
