/** One attribute of an HCL file: `path` has the blocks around it with their labels, and the keys of objects it lies in. */
export type Attribute = { path: string[]; value: string; start: number; end: number; line: number };
type Hcl = { attributes: Attribute[] } | { wrong: string; line: number };

type Token = {
  kind: "name" | "string" | "sign" | "line" | "other";
  text: string;
  start: number;
  end: number;
};

/** Comments, names, strings (with what is interpolated in them), here-documents, numbers, signs and line ends; HCL native syntax. */
const token =
  /(?<skip>[ \t\r\uFEFF]+|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<line>\n)|(?<here><<-?(?<tag>\w+)\r?\n[\s\S]*?\n[ \t]*\k<tag>(?=\r?\n|$))|(?<name>[\p{L}_][\p{L}\p{N}_-]*)|(?<number>\d[\w.]*)|(?<open>")|(?<sign>[{}[\](),=:]|[^\s])/uy;

/** The tokens, or the offset of a string or sign that does not end. */
const tokens = (text: string): Token[] | number => {
  const all: Token[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const start = token.lastIndex;
    const groups = token.exec(text)?.groups;
    if (!groups) return start;
    if (groups.skip !== undefined) continue;
    const end = groups.open === undefined ? token.lastIndex : endOfString(text, start);
    if (end === undefined) return start;
    token.lastIndex = end;
    all.push({ kind: kindOf(groups), text: text.slice(start, end), start, end });
  }
  return all;
};

const kindOf = ({ open, line, name, sign }: Record<string, string | undefined>): Token["kind"] => {
  if (open !== undefined) return "string";
  if (line !== undefined) return "line";
  if (name !== undefined) return "name";
  return sign === undefined ? "other" : "sign";
};

/** Past the closing quote; `${…}` may hold quotes of its own. */
const endOfString = (text: string, start: number): number | undefined => {
  let depth = 0;
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at];
    if (char === "\n") return undefined;
    if (char === "\\") at++;
    if (depth === 0 && char === '"') return at + 1;
    if ((char === "$" || char === "%") && text[at + 1] === "{") {
      depth++;
      at++;
    } else if (depth > 0 && char === "{") depth++;
    else if (depth > 0 && char === "}") depth--;
  }
  return undefined;
};

/** The parser's position in the tokens, and the attributes so far. Each `read…` returns the offset where the text stops being HCL. */
type Parser = { text: string; tokens: Token[]; index: number; attributes: Attribute[] };

/** Every attribute with the position of its value, or where the file stops being HCL. */
export const readHcl = (text: string): Hcl => {
  const found = tokens(text);
  if (typeof found === "number")
    return { wrong: "a string or sign that does not end", line: lineAt(text, found) };
  const parser: Parser = { text, tokens: found, index: 0, attributes: [] };
  const wrong = readBody(parser, [], false);
  return wrong === undefined
    ? { attributes: parser.attributes }
    : { wrong: "something that is no attribute or block", line: lineAt(text, wrong) };
};

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split("\n").length;

const readBody = (parser: Parser, path: string[], closing: boolean): number | undefined => {
  for (;;) {
    const token = parser.tokens[parser.index++];
    if (!token) return closing ? parser.text.length : undefined;
    if (token.kind === "line" || token.text === ",") continue;
    if (token.text === "}") return closing ? undefined : token.start;
    if (token.kind !== "name" && token.kind !== "string") return token.start;
    const wrong = readItem(parser, path, token);
    if (wrong !== undefined) return wrong;
  }
};

/** An attribute, a block with its labels, or an object, whose keys are read like attributes. */
const readItem = (parser: Parser, path: string[], name: Token): number | undefined => {
  const { text, tokens } = parser;
  const labels = [unquoted(name)];
  for (
    let next = tokens[parser.index];
    next?.kind === "name" || next?.kind === "string";
    next = tokens[++parser.index]
  )
    labels.push(unquoted(next));
  const inside = [...path, ...labels];
  const sign = tokens[parser.index++];
  if (sign?.text === "{") return readBody(parser, inside, true);
  if ((sign?.text !== "=" && sign?.text !== ":") || labels.length > 1) return sign?.start ?? text.length;
  const next = tokens[parser.index];
  if (next?.text !== "{" || /^\{\s*for\b/.test(text.slice(next.start))) return readExpression(parser, inside);
  parser.index++;
  return readBody(parser, inside, true);
};

/** Reads up to the end of the line, outside of brackets. */
const readExpression = (parser: Parser, path: string[]): number | undefined => {
  const { text, tokens, attributes } = parser;
  const first = tokens[parser.index];
  let end = first?.start ?? text.length;
  for (let depth = 0; ; parser.index++) {
    const token = tokens[parser.index];
    if (!token || (depth === 0 && (token.kind === "line" || token.text === "," || token.text === "}"))) break;
    if ("{[(".includes(token.text)) depth++;
    if ("}])".includes(token.text)) depth--;
    if (depth < 0) return token.start;
    end = token.end;
  }
  if (!first || end === first.start) return first?.start ?? text.length;
  const { start } = first;
  attributes.push({ path, value: text.slice(start, end), start, end, line: lineAt(text, start) });
  return undefined;
};

const unquoted = ({ kind, text }: Token): string => (kind === "string" ? text.slice(1, -1) : text);
