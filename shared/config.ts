import { isMap, isNode, isSeq } from "yaml";
import type { z } from "zod";
import { type Config, configuration } from "./config/schema.ts";
import { sentenceOf, unknownKey } from "./config/sentences.ts";
import { unreadableIn } from "./config/yaml-errors.ts";
import { isRecord } from "./records.ts";
import { parseYaml, plain } from "./yaml/document.ts";

export type { Config, Configured, RegistryAt } from "./config/schema.ts";

/** One thing wrong in a configuration: where (path and line) and what. */
export type Problem = { path: string; line: number; message: string };

/** Size of the largest configuration read, in characters. */
const maxLength = 256 * 1024;

/** The line on which the value at a path stands. */
export type Lines = (path: PropertyKey[]) => number;

/** The configuration, or everything that is wrong with it. Takes YAML 1.2 text; touches nothing. */
export const parseConfig = (text: string): { config: Config; lineAt: Lines } | { problems: Problem[] } => {
  if (text.length > maxLength)
    return { problems: [{ path: "", line: 1, message: `larger than ${maxLength} characters` }] };
  const { documents, errors, lineOf: lineOfOffset } = parseYaml("", text);
  const [document, another] = documents;
  const second = another && { code: "MULTIPLE_DOCS", message: "", line: lineOfOffset(another.range[0]) };
  const unreadable = unreadableIn([...errors, ...(second ? [second] : [])]);
  if (unreadable.length > 0) return { problems: unreadable };
  const content = document === undefined ? null : (plain(document, document) ?? null);
  if (!isRecord(content)) return { problems: [{ path: "", line: 1, message: notAMap(content) }] };
  const parsed = configuration.safeParse(content, { reportInput: true });
  const lineAt: Lines = (path) => lineOf(document?.contents, path, lineOfOffset);
  if (parsed.success) return { config: parsed.data, lineAt };
  const problems = parsed.error.issues.flatMap(problemsOf).map(({ path, message }) => ({
    path: path.join("."),
    line: lineAt(path),
    message,
  }));
  return { problems: problems.sort((a, b) => a.line - b.line) };
};

const problemsOf = (issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string }[] =>
  issue.code === "unrecognized_keys"
    ? issue.keys.map((key) => ({
        path: [...issue.path, key],
        message: unknownKey(configuration, issue.path, key),
      }))
    : [{ path: issue.path, message: sentenceOf(configuration, issue) }];

const notAMap = (content: unknown): string =>
  content === null
    ? "the file is empty: it needs at least the key services; infra/host/countersteer.example.yaml is an example with comments"
    : "the file must hold keys such as services:, and not a list or a text";

/** The line of the deepest node on `path` that exists. */
const lineOf = (contents: unknown, path: PropertyKey[], lineAt: (offset: number) => number): number => {
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
  return lineAt(offset);
};

/** `file:line: path: message`, one line for each problem. */
export const describe = (name: string, problems: Problem[]): string =>
  problems
    .map(({ path, line, message }) => `${name}:${line}: ${path === "" ? "" : `${path}: `}${message}`)
    .join("\n");
