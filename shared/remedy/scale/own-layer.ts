import { isMap, isSeq, type YAMLSeq } from "yaml";
import { recordOf } from "../../records.ts";
import { parseYaml, plain } from "../../yaml/document.ts";
import { type Cluster, type Root, rootsReaching } from "./manifests/cluster.ts";
import { counted } from "./manifests/kustomize.ts";
import { list } from "./manifests/layers.ts";
import type { Rendered } from "./manifests/rendered.ts";
import type { Choice } from "./owner.ts";

/** The kustomization of one environment, which can set the value for itself. */
export type OwnLayer = {
  file: string;
  /** The file with the value set in it; undefined where its form does not allow that. */
  with: (after: string) => string | undefined;
};

/**
 * The kustomization of the environment that was asked for, where a value stands in a base of several: it is made of that base, and nothing
 * else is made of it. Undefined for a deployer without one, and for a value that only a patch with more than one key can say.
 */
export const ownLayer = (choice: Choice, { set, layers, roots, rendered }: Cluster): OwnLayer | undefined => {
  const { object } = choice;
  const root = object?.root === undefined ? undefined : roots.get(object.root);
  const file = root && layers.folders.get(root.folder)?.file;
  if (object === undefined || file === undefined || object.remote !== undefined) return undefined;
  if (!isAlone(rootsReaching(layers, roots, file), root) || isCalledTwice(object, rendered)) return undefined;
  const text = set.files.get(file) ?? "";
  return { file, with: (after) => withEntry(file, text, { choice, after }) };
};

const isAlone = ([only, another]: Root[], root: Root | undefined): boolean =>
  only === root && another === undefined;

/** Whether another object of the root would be reached by the name, too. */
const isCalledTwice = ({ written, root }: Rendered, rendered: Rendered[]): boolean =>
  rendered.filter(
    (one) =>
      one.root === root &&
      one.names.includes(written.name) &&
      (one.written.kind === written.kind || (counted.has(one.written.kind) && counted.has(written.kind))),
  ).length !== 1;

type Setting = { choice: Choice; after: string };

const withEntry = (file: string, text: string, { choice, after }: Setting): string | undefined => {
  const { field, kind, object } = choice;
  const name = object?.written.name ?? "";
  if (field === "replicas" && counted.has(kind))
    return appended(file, text, {
      key: "replicas",
      lines: [`name: ${name}`, `count: ${after}`],
      entry: { name, count: Number(after) },
    });
  const { steps = [], location } = choice;
  const keys = steps.flatMap((step) => (typeof step === "object" ? [] : [String(step)]));
  if (keys.length === 0 || keys.length < steps.length) return undefined;
  const value = `${location.quote}${after}${location.quote}`;
  const path = `/${keys.map((key) => key.replaceAll("~", "~0").replaceAll("/", "~1")).join("/")}`;
  const block = ["- op: replace", `  path: ${path}`, `  value: ${value}`];
  return appended(file, text, {
    key: "patches",
    lines: ["target:", `  kind: ${kind}`, `  name: ${name}`, "patch: |-", ...block.map((one) => `  ${one}`)],
    entry: { target: { kind, name }, patch: block.join("\n") },
  });
};

/** One more entry of a list at the top of a kustomization: its lines, and the value that they must be read as. */
type Addition = { key: "replicas" | "patches"; lines: string[]; entry: Record<string, unknown> };

const appended = (file: string, text: string, addition: Addition): string | undefined => {
  const { documents, errors } = parseYaml(file, text);
  const [document, another] = documents;
  const top = document?.contents;
  if (errors.length > 0 || another || !isMap(top) || top.flow || text.startsWith("\uFEFF")) return undefined;
  const { key } = addition;
  const had = top.get(key, true);
  const made =
    had === undefined
      ? atEnd(text, addition)
      : isSeq(had) && !had.flow && had.items.length > 0
        ? afterLast(text, had, addition)
        : undefined;
  return made !== undefined && isRight(file, { text, made }, addition) ? made : undefined;
};

const breakOf = (text: string): string => (text.includes("\r\n") ? "\r\n" : "\n");
const ended = (text: string): string =>
  text === "" || text.endsWith("\n") ? text : `${text}${breakOf(text)}`;

const itemOf = (lines: string[], indent: number): string[] =>
  lines.map((line, at) => `${" ".repeat(indent)}${at === 0 ? "- " : "  "}${line}`);

const atEnd = (text: string, { key, lines }: Addition): string => {
  const indent = /^(?:resources|bases|patches|images|components):\s*\n( *)- /m.exec(text)?.[1]?.length ?? 2;
  const feed = breakOf(text);
  return `${ended(text)}${[`${key}:`, ...itemOf(lines, indent)].join(feed)}${feed}`;
};

const afterLast = (text: string, items: YAMLSeq, { lines }: Addition): string | undefined => {
  const [from] = items.range ?? [0];
  const last = items.items.at(-1) as { range?: [number, number, number] } | undefined;
  const to = last?.range?.[1];
  if (to === undefined) return undefined;
  const indent = from - (text.lastIndexOf("\n", from - 1) + 1);
  const feed = text.indexOf("\n", text[to - 1] === "\n" ? to - 1 : to);
  const head = ended(feed < 0 ? text : text.slice(0, feed + 1));
  return `${head}${itemOf(lines, indent).join(breakOf(text))}${breakOf(text)}${text.slice(head.length)}`;
};

/** Whether the texts differ in the one entry alone. */
const isRight = (
  file: string,
  { text, made }: { text: string; made: string },
  { key, entry }: Addition,
): boolean => {
  const bodyOf = (one: string) => {
    const { documents, errors } = parseYaml(file, one);
    const value = documents[0] && errors.length === 0 ? plain(documents[0], documents[0]) : undefined;
    return recordOf(value);
  };
  const [before, after] = [bodyOf(text), bodyOf(made)];
  const wanted = { ...before, [key]: [...list(before[key]), entry] };
  return JSON.stringify(sorted(after)) === JSON.stringify(sorted(wanted));
};

const sorted = (body: Record<string, unknown>): [string, unknown][] =>
  Object.entries(body).toSorted(([a], [b]) => (a < b ? -1 : 1));
