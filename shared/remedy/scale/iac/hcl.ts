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

const tokens = (text: string): Token[] | number => {
  const all: Token[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const start = token.lastIndex;
    const groups = token.exec(text)?.groups;
    if (!groups) return start;
    if (groups.skip !== undefined) continue;
    if (groups.open !== undefined) {
      const end = endOfString(text, start);
      if (end === undefined) return start;
      token.lastIndex = end;
      all.push({ kind: "string", text: text.slice(start, end), start, end });
      continue;
    }
    const end = token.lastIndex;
    const kind =
      groups.line !== undefined
        ? "line"
        : groups.name !== undefined
          ? "name"
          : groups.sign !== undefined
            ? "sign"
            : "other";
    all.push({ kind, text: text.slice(start, end), start, end });
  }
  return all;
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

/** Every attribute with where its value stands, or where the file stops being HCL. */
export const readHcl = (text: string): Hcl => {
  const found = tokens(text);
  const lineOf = (offset: number) => text.slice(0, offset).split("\n").length;
  if (typeof found === "number") return { wrong: "a string or sign that does not end", line: lineOf(found) };
  const attributes: Attribute[] = [];
  let at = 0;
  const peek = () => found[at];
  const body = (path: string[], closing: boolean): number | undefined => {
    for (;;) {
      const one = found[at++];
      if (!one) return closing ? text.length : undefined;
      if (one.kind === "line" || one.text === ",") continue;
      if (one.text === "}") return closing ? undefined : one.start;
      if (one.kind !== "name" && one.kind !== "string") return one.start;
      const wrong = item(path, one);
      if (wrong !== undefined) return wrong;
    }
  };
  const item = (path: string[], name: Token): number | undefined => {
    const labels = [unquoted(name)];
    for (let next = peek(); next?.kind === "name" || next?.kind === "string"; next = peek()) {
      labels.push(unquoted(next));
      at++;
    }
    const sign = found[at++];
    if (sign?.text === "{") return body([...path, ...labels], true);
    if ((sign?.text !== "=" && sign?.text !== ":") || labels.length > 1) return sign?.start ?? text.length;
    const next = peek();
    if (next?.text === "{" && !/^\{\s*for\b/.test(text.slice(next.start))) {
      at++;
      return body([...path, ...labels], true);
    }
    return expression([...path, ...labels]);
  };
  const expression = (path: string[]): number | undefined => {
    const first = peek();
    let end = first?.start ?? text.length;
    for (let depth = 0; ; at++) {
      const one = peek();
      if (!one || (depth === 0 && (one.kind === "line" || one.text === "," || one.text === "}"))) break;
      if ("{[(".includes(one.text)) depth++;
      if ("}])".includes(one.text)) depth--;
      if (depth < 0) return one.start;
      end = one.end;
    }
    if (!first || end === first.start) return first?.start ?? text.length;
    attributes.push({
      path,
      value: text.slice(first.start, end),
      start: first.start,
      end,
      line: lineOf(first.start),
    });
    return undefined;
  };
  const wrong = body([], false);
  return wrong === undefined
    ? { attributes }
    : { wrong: "something that is no attribute or block", line: lineOf(wrong) };
};

const unquoted = ({ kind, text }: Token): string => (kind === "string" ? text.slice(1, -1) : text);
