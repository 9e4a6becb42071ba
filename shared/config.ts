import { isMap, isNode, isSeq, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { type Config, configuration } from "./config/schema.ts";

export type { Config, Configured, RegistryAt } from "./config/schema.ts";

/** One thing wrong in a configuration: where (path and line) and what. */
export type Problem = { path: string; line: number; message: string };

/** Size of the largest configuration read, in characters. */
const maxLength = 256 * 1024;

/** The configuration, or everything that is wrong with it. Takes YAML 1.2 text; touches nothing. */
export const parseConfig = (text: string): { config: Config } | { problems: Problem[] } => {
  if (text.length > maxLength)
    return { problems: [{ path: "", line: 1, message: `larger than ${maxLength} characters` }] };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0)
    return {
      problems: document.errors.map(({ pos, message }) => ({
        path: "",
        line: lines.linePos(pos[0]).line,
        message,
      })),
    };
  const parsed = configuration.safeParse(plain(document), { error: missing });
  if (parsed.success) return { config: parsed.data };
  const problems = parsed.error.issues.flatMap((issue) => {
    const keys =
      issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    return keys.map((path) => ({
      path: path.join("."),
      line: lineOf(document.contents, path, lines),
      message: issue.code === "unrecognized_keys" ? "is not a setting" : issue.message,
    }));
  });
  return { problems: problems.sort((a, b) => a.line - b.line) };
};

const missing: z.core.$ZodErrorMap = ({ code, input }) =>
  code === "invalid_type" && input === undefined ? "is missing" : undefined;

const plain = (document: ReturnType<typeof parseDocument>): unknown => {
  try {
    return document.toJS({ maxAliasCount: 50 });
  } catch {
    return null;
  }
};

/** The line of the deepest node on `path` that exists. */
const lineOf = (contents: unknown, path: PropertyKey[], lines: LineCounter): number => {
  let node = contents;
  let offset = 0;
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => String(item.key) === String(key));
      if (pair === undefined) break;
      offset = (isNode(pair.key) ? pair.key.range?.[0] : undefined) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(key)];
      offset = (isNode(node) ? node.range?.[0] : undefined) ?? offset;
    } else break;
  }
  return lines.linePos(offset).line || 1;
};

/** `file:line: path: message`, one line for each problem. */
export const describe = (name: string, problems: Problem[]): string =>
  problems
    .map(({ path, line, message }) => `${name}:${line}: ${path === "" ? "" : `${path}: `}${message}`)
    .join("\n");
