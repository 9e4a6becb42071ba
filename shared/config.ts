import { type Document, isMap, isNode, isScalar, isSeq, visit } from "yaml";
import { expand } from "./config/expand.ts";
import { foundIn, withoutEchoes } from "./config/found.ts";
import { type Config, configuration } from "./config/schema.ts";
import { badAlias, unreadableIn } from "./config/yaml-errors.ts";
import { isRecord } from "./records.ts";
import { parseYaml, plain } from "./yaml/document.ts";

export type { Config, Configured, RegistryAt } from "./config/schema.ts";

/** One thing wrong in a configuration: where (path and line) and what. `file` is the included file that it is in. */
export type Problem = { file?: string; path: string; line: number; message: string };
/** An included file of services. */
export type Included = { name: string; text: string };

/** Size of the largest configuration read, in characters. */
const maxLength = 16 * 1024 * 1024;

/** The place in the files of the value at a path of the configuration. */
export type Places = (path: PropertyKey[]) => Omit<Problem, "message">;
type Read = { config: Config; written: Record<string, unknown>; placeOf: Places };

/**
 * The configuration, or everything that is wrong with it. Takes YAML 1.2 text, and the texts of the files that it includes; touches
 * nothing. `written` is the configuration as it was checked, before defaults of the schema.
 */
export const parseConfig = (text: string, included: Included[] = []): Read | { problems: Problem[] } => {
  const files = [{ text }, ...included].map(readFile);
  const unreadable = files.flatMap(({ problems }) => problems);
  if (unreadable.length > 0) return { problems: unreadable };
  const [main, ...others] = files.map(({ content }) => content);
  if (!isRecord(main)) return { problems: [{ path: "", line: 1, message: notAMap(main) }] };
  const { content, sourceOf, faults } = expand(main, others);
  const inFile = (file: number, path: PropertyKey[]) => ({
    ...(file === 0 ? {} : { file: included[file - 1]?.name ?? "" }),
    path: path.join("."),
    line: files[file]?.lineAt(path) ?? 1,
  });
  const placeOf: Places = (path) => {
    const source = sourceOf(path);
    return inFile(source.file, source.path);
  };
  const written = faults.map(({ file, path, message }) => ({ ...inFile(file, path), message }));
  const parsed = configuration.safeParse(content, { reportInput: true });
  if (parsed.success && written.length === 0) return { config: parsed.data, written: content, placeOf };
  const textAt = (path: PropertyKey[]): string | undefined => {
    const { file, path: own } = sourceOf(path);
    return files[file]?.textAt(own);
  };
  const found = withoutEchoes(
    (parsed.error?.issues ?? []).flatMap((issue) => foundIn(configuration, issue, textAt)),
  ).map(({ path, message }) => ({ ...placeOf(path), message }));
  return { problems: inOrder([...written, ...found]) };
};

/** The names of the files that a configuration includes, as they are written; a problem of its YAML is told when it is parsed. */
export const includesOf = (text: string): string[] => {
  const { content } = readFile({ text });
  const { include } = isRecord(content) ? content : {};
  return [include].flat().filter((one) => typeof one === "string");
};

type File = {
  content: unknown;
  problems: Problem[];
  lineAt: (path: PropertyKey[]) => number;
  /** The text of a scalar as it is written. */
  textAt: (path: PropertyKey[]) => string | undefined;
};
const readFile = ({ name, text }: { name?: string; text: string }): File => {
  const whose = name === undefined ? {} : { file: name };
  const failed = (problems: Problem[]): File => ({
    content: null,
    problems: problems.map((problem) => ({ ...whose, ...problem })),
    lineAt: () => 1,
    textAt: () => undefined,
  });
  if (text.includes("\0"))
    return failed([{ path: "", line: 1, message: "is not a text file: give a file of YAML" }]);
  if (text.length > maxLength)
    return failed([{ path: "", line: 1, message: `larger than ${maxLength} characters` }]);
  const { documents, errors, lineOf: lineOfOffset } = parseYaml("", text);
  const [document, another] = documents;
  const second = another && { code: "MULTIPLE_DOCS", message: "", line: lineOfOffset(another.range[0]) };
  const tags = (document?.warnings ?? [])
    .filter(({ code }) => code === "TAG_RESOLVE_FAILED")
    .map(({ code, message, pos }) => ({ code, message, line: lineOfOffset(pos[0]) }));
  const unreadable = unreadableIn([...errors, ...(second ? [second] : []), ...tags], text);
  if (unreadable.length > 0) return failed(unreadable);
  const content = document === undefined ? null : plain(document, document);
  if (content === undefined) return failed([unresolved(document, lineOfOffset)]);
  return {
    content,
    problems: [],
    lineAt: (path) => lineOf(document?.contents, path, lineOfOffset),
    textAt: (path) => {
      const node = document?.getIn(path, true);
      return isScalar(node) ? node.source : undefined;
    },
  };
};

/** An alias that leads nowhere, or a value that is too large or too odd to be read. */
const unresolved = (document: Document | undefined, lineAt: (offset: number) => number): Problem => {
  let offset: number | undefined;
  if (document !== undefined)
    visit(document, {
      Alias: (_, alias) => {
        if (alias.resolve(document) !== undefined) return undefined;
        offset = alias.range?.[0] ?? 0;
        return visit.BREAK;
      },
    });
  return offset === undefined
    ? {
        path: "",
        line: 1,
        message: "the file has too many aliases (*name), or a map as a key: write them out",
      }
    : { path: "", line: lineAt(offset), message: badAlias };
};

/** Sorted by file and line. A line that is wrong for several services is told once, by the first of its values. */
const inOrder = (problems: Problem[]): Problem[] => {
  const distinct = new Map<string, Problem>();
  for (const problem of problems) {
    const { file, path, line, message } = problem;
    const key = JSON.stringify([file, path, line, message.replace(/(, not |: write ).*$/s, "")]);
    if (!distinct.has(key)) distinct.set(key, problem);
  }
  return [...distinct.values()].sort((a, b) => (a.file ?? "").localeCompare(b.file ?? "") || a.line - b.line);
};

const notAMap = (content: unknown): string =>
  content === null
    ? "the file is empty: it needs at least the key services; init writes a first one, and docs/configuration.md has an example"
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
    .map(
      ({ file = name, path, line, message }) =>
        `${file}:${line}: ${path === "" ? "" : `${path}: `}${message}`,
    )
    .join("\n");
