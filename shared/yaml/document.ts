import {
  Composer,
  type CST,
  type Document,
  isCollection,
  isMap,
  isPair,
  isSeq,
  LineCounter,
  Parser,
} from "yaml";
import { isRecord } from "../records.ts";
import { joinedLines } from "./joined-lines.ts";

/** One YAML file as read. `errors` are what is wrong with it, each with its line. */
export type Parsed = {
  file: string;
  /** The text without its byte order mark, by which the parser misjudges the first line's indentation; `skipped` is the mark's length. */
  text: string;
  skipped: number;
  documents: Document.Parsed[];
  lineOf: (offset: number) => number;
  errors: { line: number; message: string; code: string; document: number }[];
};

/** `failsafe` keeps every scalar the text that it is written as: `1.10` stays `1.10`. */
export type Schema = "core" | "failsafe";

export const parseYaml = (file: string, whole: string, schema: Schema = "core"): Parsed => {
  const text = whole.replace(/^\uFEFF/, "");
  const lines = new LineCounter();
  const strict = composed(text, schema, lines);
  const lineOf = (offset: number) => Math.max(1, lines.linePos(offset).line);
  const lenient = strict.errors.some(isFormal)
    ? composed(joinedLines(text), schema, new LineCounter())
    : strict;
  const { documents, errors } = lenient.errors.length === 0 ? lenient : strict;
  return {
    ...{ file, text, skipped: whole.length - text.length, documents, lineOf },
    errors: errors.map(({ offset, ...rest }) => ({ ...rest, line: lineOf(offset) })),
  };
};

type Fault = { code: string; document: number; offset: number; message: string };

const composed = (
  text: string,
  schema: Schema,
  lines: LineCounter,
): { documents: Document.Parsed[]; errors: Fault[] } => {
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  if (tokens.some(isNestedTooDeep))
    return { documents: [], errors: [{ code: "TOO_DEEP", document: 0, offset: 0, message: tooDeep }] };
  const composer = new Composer({ schema, lineCounter: lines, prettyErrors: false, logLevel: "silent" });
  const documents = [...composer.compose(tokens)];
  const errors = documents.flatMap(({ errors }, document) =>
    errors
      .filter(({ message }) => !message.startsWith("Comments must be separated"))
      .map(({ pos, message, code }) => ({
        ...{ code, document, offset: pos[0] },
        message: message.split("\n", 1).join("").replace(/[.:]$/, ""),
      })),
  );
  return { documents, errors };
};

/** Faults of indentation that other readers do not see. */
const isFormal = ({ code }: Fault): boolean =>
  ["MISSING_CHAR", "BAD_INDENT", "MULTILINE_IMPLICIT_KEY", "UNEXPECTED_TOKEN"].includes(code);

/** Deeper than any schema that people write. The parser composes each level within the one around it. */
const most = { nested: 200, nestedKeys: 8 };
const tooDeep = `collections are nested more than ${most.nested} deep`;

const isNestedTooDeep = (top: CST.Token): boolean => {
  const open: { token: CST.Token; depth: number }[] = [{ token: top, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    if (depth > most.nested) return true;
    for (const below of tokensIn(token)) open.push({ token: below, depth: depth + 1 });
  }
  return false;
};

const tokensIn = (token: CST.Token): CST.Token[] => {
  if (token.type === "document") return token.value ? [token.value] : [];
  if (!("items" in token)) return [];
  return token.items.flatMap(({ key, value }: CST.CollectionItem) =>
    [key, value].filter((one) => one != null),
  );
};

/** Whether maps and lists are keys of one another so often that their plain value takes time without end: each is written out anew. */
const hasNestedKeys = (top: unknown): boolean => {
  const open: { node: unknown; keys: number }[] = [{ node: top, keys: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, keys } = next;
    if (keys > most.nestedKeys) return true;
    if (isPair(node))
      open.push(
        { node: node.key, keys: isCollection(node.key) ? keys + 1 : keys },
        { node: node.value, keys },
      );
    else if (isCollection(node)) for (const item of node.items) open.push({ node: item, keys });
  }
  return false;
};

/** The plain value of a node or document; undefined when it has too many aliases, one that leads nowhere, or maps as keys of maps of maps. */
export const plain = (node: unknown, document: Document): unknown => {
  if (hasNestedKeys(node === document ? document.contents : node)) return undefined;
  try {
    if (node === document) return document.toJS({ maxAliasCount: 100 });
    return (node as { toJS?: (document: Document, options: object) => unknown } | null)?.toJS?.(document, {
      maxAliasCount: 100,
    });
  } catch {
    return undefined;
  }
};

/** One Kubernetes object where it is written. `keys` lead from the document's root to it. */
export type Written = {
  kind: string;
  group: string;
  name: string;
  namespace?: string;
  body: Record<string, unknown>;
  source: Source;
};
/** A map (or list) in a file that paths are followed from. `inside`: the file's text is that of a block in another. */
export type Source = {
  parsed: Parsed;
  document: number;
  keys: Key[];
  node: unknown;
  inside?: Inside;
};
export type Key = string | number;
/** The file that holds the block, the block's own place there, and where an offset of the block is in it. */
export type Inside = { source: Source; outer: (offset: number) => number };

/** Every object of a file, those in lists too. */
export const objectsOf = (parsed: Parsed): Written[] =>
  parsed.documents.flatMap((document, index) => {
    const body = plain(document, document);
    const source = { parsed, document: index, keys: [], node: document.contents };
    return isRecord(body) ? objectsIn(body, source) : [];
  });

const objectsIn = (body: Record<string, unknown>, source: Source): Written[] => {
  const { kind, apiVersion, metadata, items } = body;
  if (typeof kind !== "string" || typeof apiVersion !== "string") return [];
  if (kind.endsWith("List") && Array.isArray(items)) {
    const list = isMap(source.node) ? source.node.get("items", true) : undefined;
    if (!isSeq(list)) return [];
    return items.flatMap((item, at) =>
      isRecord(item) && isMap(list.items[at])
        ? objectsIn(item, { ...source, keys: [...source.keys, "items", at], node: list.items[at] })
        : [],
    );
  }
  const { name, namespace } = isRecord(metadata) ? metadata : {};
  if (typeof name !== "string" && typeof name !== "number") return [];
  return [
    {
      ...{ kind, group: apiVersion.includes("/") ? apiVersion.split("/", 1).join("") : "" },
      ...{ name: String(name), body, source },
      ...(namespace !== undefined && namespace !== null && { namespace: String(namespace) }),
    },
  ];
};
