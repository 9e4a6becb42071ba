/** A field of a query, with its arguments as values. */
export type Field = { name: string; alias: string; args: Record<string, unknown>; fields: Field[] };
export type Operation = { type: "query" | "mutation"; fields: Field[] };

export class SyntaxFault extends Error {}

type Reader = {
  tokens: string[];
  at: number;
  variables: Record<string, unknown>;
  fragments: Map<string, number>;
};

/** Reads a document of one operation, its variables put in. A fragment counts as if it were written where it is named. */
export const parseOperation = (text: string, variables: Record<string, unknown>): Operation => {
  const reader: Reader = { tokens: tokensOf(text), at: 0, variables, fragments: new Map() };
  let operation: { type: Operation["type"]; start: number } | undefined;
  while (reader.at < reader.tokens.length) {
    const word = peek(reader);
    const name = reader.tokens[reader.at + 1] ?? "";
    if (!["{", "query", "mutation", "fragment"].includes(word)) throw unexpected(word);
    while (peek(reader) !== "{") next(reader);
    if (word === "fragment") reader.fragments.set(name, reader.at);
    else operation ??= { type: word === "mutation" ? "mutation" : "query", start: reader.at };
    skipBlock(reader);
  }
  if (operation === undefined) throw new SyntaxFault("No operation was found in the document");
  reader.at = operation.start;
  return { type: operation.type, fields: selection(reader) };
};

const pattern =
  /(?:[\s,]|#[^\n]*)*(\.\.\.|[A-Za-z_]\w*|\$\w+|-?\d+(?:\.\d+)?|"(?:[^"\\]|\\.)*"|[{}()[\]:!=@]|$)/y;

const tokensOf = (text: string): string[] => {
  const tokens: string[] = [];
  for (pattern.lastIndex = 0; ; ) {
    const found = pattern.exec(text)?.[1];
    if (found === undefined) throw new SyntaxFault("Parse error: the document could not be read");
    if (found === "") return tokens;
    tokens.push(found);
  }
};

const unexpected = (word: string) => new SyntaxFault(`Parse error on ${JSON.stringify(word)}`);
const peek = ({ tokens, at }: Reader): string => tokens[at] ?? "";
const next = (reader: Reader): string => {
  const word = reader.tokens[reader.at++];
  if (word === undefined) throw new SyntaxFault("Parse error: the document ends too early");
  return word;
};
const expect = (reader: Reader, wanted: string): void => {
  const word = next(reader);
  if (word !== wanted) throw unexpected(word);
};

const until = <T>(reader: Reader, end: string, read: (reader: Reader) => T): T[] => {
  const found: T[] = [];
  while (peek(reader) !== end) found.push(read(reader));
  expect(reader, end);
  return found;
};

const skipBlock = (reader: Reader): void => {
  for (let depth = 0; ; ) {
    const word = next(reader);
    depth += word === "{" ? 1 : word === "}" ? -1 : 0;
    if (depth === 0) return;
  }
};

const literals: Record<string, unknown> = { true: true, false: false, null: null };

const value = (reader: Reader): unknown => {
  const word = next(reader);
  if (word === "[") return until(reader, "]", value);
  if (word === "{") return Object.fromEntries(until(reader, "}", named));
  if (word.startsWith("$")) return reader.variables[word.slice(1)];
  if (word.startsWith('"')) return JSON.parse(word);
  if (word in literals) return literals[word];
  return /^-?\d/.test(word) ? Number(word) : word;
};

const named = (reader: Reader): [string, unknown] => {
  const name = next(reader);
  expect(reader, ":");
  return [name, value(reader)];
};

const args = (reader: Reader): Record<string, unknown> => {
  if (peek(reader) !== "(") return {};
  expect(reader, "(");
  return Object.fromEntries(until(reader, ")", named));
};

const selection = (reader: Reader): Field[] => {
  expect(reader, "{");
  return until(reader, "}", field).flat();
};

const field = (reader: Reader): Field[] => {
  const alias = next(reader);
  if (alias === "...") return spread(reader);
  const isAliased = peek(reader) === ":";
  if (isAliased) expect(reader, ":");
  const name = isAliased ? next(reader) : alias;
  return [{ name, alias, args: args(reader), fields: peek(reader) === "{" ? selection(reader) : [] }];
};

const spread = (reader: Reader): Field[] => {
  const word = peek(reader);
  if (word === "{") return selection(reader);
  next(reader);
  if (word === "on") {
    next(reader);
    return selection(reader);
  }
  const [start, back] = [reader.fragments.get(word), reader.at];
  if (start === undefined) throw new SyntaxFault(`Fragment ${word} was used, but not defined`);
  reader.at = start;
  const fields = selection(reader);
  reader.at = back;
  return fields;
};
