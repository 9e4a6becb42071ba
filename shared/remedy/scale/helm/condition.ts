/** A value that is known, or undefined where it cannot be told. */
export type Known = { is: unknown } | undefined;
type Node = string | Node[];
type Look = (key: string) => Known;

/** Whether the condition of a template (`and .Values.a (not .Values.b)`) holds; undefined where it cannot be told. */
export const holds = (expression: string, look: Look): boolean | undefined => {
  const value = evaluate(parsed(expression.match(/"[^"]*"|[()|]|[^\s()|]+/g) ?? []), look);
  return value && Boolean(value.is);
};

/** The tree of an expression: lists are what stands in brackets, and each pipe hands its left side on as the last argument. */
const parsed = (tokens: string[]): Node => {
  const stack: Node[][] = [[]];
  for (const token of tokens) {
    const top = stack.at(-1)!;
    if (token === "(") stack.push([]);
    else if (token === ")") {
      const closed = stack.pop() ?? [];
      (stack.at(-1) ?? top).push(closed);
    } else top.push(token);
    if (stack.length === 0) stack.push([]);
  }
  return stack[0] ?? [];
};

const evaluate = (node: Node, look: Look): Known => {
  if (typeof node === "string") return atom(node, look);
  const pipe = node.lastIndexOf("|");
  if (pipe >= 0) return evaluate([...node.slice(pipe + 1), node.slice(0, pipe)], look);
  const [head, ...rest] = node;
  if (head === undefined) return undefined;
  if (typeof head === "string" && head.startsWith(".Capabilities.")) return { is: true };
  return rest.length === 0
    ? evaluate(head, look)
    : applied(
        head,
        rest.map((one) => evaluate(one, look)),
      );
};

const atom = (text: string, look: Look): Known => {
  const key = /^\$?\.Values\.([\w.]+)$/.exec(text)?.[1];
  if (key !== undefined) return look(key);
  if (/^".*"$/.test(text)) return { is: text.slice(1, -1) };
  if (/^(true|false)$/.test(text)) return { is: text === "true" };
  return /^\d+$/.test(text) ? { is: Number(text) } : undefined;
};

const applied = (name: Node, values: Known[]): Known => {
  const [first, second] = values;
  const known = values.filter((value) => value !== undefined);
  const all = known.length === values.length;
  if (name === "not") return first && { is: !first.is };
  if (name === "and") return known.find(({ is }) => !is) ?? (all ? values.at(-1) : undefined);
  if (name === "or") return known.find(({ is }) => Boolean(is)) ?? (all ? values.at(-1) : undefined);
  if (name === "eq") return first && second && { is: String(first.is) === String(second.is) };
  if (name === "ne") return first && second && { is: String(first.is) !== String(second.is) };
  if (name === "default") return second?.is ? second : second && first;
  return undefined;
};

/** The conditions that hold where the text at `offset` of a template is written; `undefined` for one of a loop. */
export const conditionsAt = (text: string, offset: number): (string | undefined)[] => {
  const open: (string | undefined)[] = [];
  for (const [, word = "", expression = ""] of text.slice(0, offset).matchAll(block)) {
    if (word === "end") open.pop();
    else if (word === "if" || word === "with") open.push(expression);
    else if (!word.startsWith("else")) open.push(word === "range" ? undefined : "true");
    else {
      const before = open.pop();
      const other = before === undefined ? undefined : `not (${before})`;
      open.push(word === "else" || other === undefined ? other : `and (${other}) (${expression})`);
    }
  }
  return open;
};

const block = /\{\{-?\s*(if|with|range|define|block|else if|else|end)\b\s*([^}]*?)\s*-?\}\}/g;
