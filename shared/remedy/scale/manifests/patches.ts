import { isMap, isSeq } from "yaml";
import { ownValue, recordOf } from "../../../records.ts";
import { plain, type Source } from "../../../yaml/document.ts";
import type { Step } from "../../../yaml/locate.ts";
import { isRefused } from "../../../yaml/refused.ts";
import { insideBlock } from "./embedded-block.ts";
import { type FileSet, join } from "./file-set.ts";
import type { Override, Rendered } from "./rendered.ts";

type Entry = { source: Source; steps: Step[]; folder: string; entry: unknown };

/** One entry of `patches` and the like: a file or a block, a strategic merge or JSON 6902 operations, for a target or for its own name. */
export const patch = (
  set: FileSet,
  { source, steps, folder, entry }: Entry,
): ((objects: Rendered[]) => Rendered[]) => {
  const { path, patch: block, target } = recordOf(entry);
  const relative = typeof entry === "string" && !entry.includes("\n") ? entry : path;
  const sources = (): Source[] | { reason: string } => {
    if (typeof relative === "string") return sourcesOf(set, join(folder, relative));
    const inside = insideBlock(source, block === undefined ? steps : [...steps, "patch"]);
    return isRefused(inside) ? { reason: inside.refused } : inside;
  };
  const found = sources();
  if ("reason" in found) {
    const about = target === undefined ? () => true : (one: Rendered) => selected(one, recordOf(target));
    const unreadable: Override = { kind: "unreadable", reason: found.reason };
    const said = String(block ?? entry);
    return (objects) =>
      objects.map((one) =>
        about(one) && (target !== undefined || said.includes(one.written.name))
          ? { ...one, overrides: [...one.overrides, unreadable] }
          : one,
      );
  }
  return (objects) => found.reduce((all, one) => put(all, one, target), objects);
};

const sourcesOf = (set: FileSet, path: string | undefined): Source[] | { reason: string } => {
  const parsed = path === undefined ? undefined : set.parsed(path);
  const wrong = parsed?.errors.find(({ code }) => code !== "DUPLICATE_KEY");
  if (parsed && wrong) return { reason: `${parsed.file}:${wrong.line}: ${wrong.message}` };
  return (
    parsed?.documents.map((document, index) => ({
      parsed,
      document: index,
      keys: [],
      node: document.contents,
    })) ?? []
  );
};

const put = (objects: Rendered[], source: Source, target: unknown): Rendered[] => {
  const document = source.parsed.documents[source.document]!;
  const body = recordOf(plain(document, document));
  const override: Override = { kind: isSeq(source.node) ? "operations" : "merge", source };
  if (!isSeq(source.node) && !isMap(source.node)) return objects;
  const about = (one: Rendered) =>
    target === undefined ? itself(one, body) : selected(one, recordOf(target));
  if (body.$patch === "delete") return objects.filter((one) => !about(one));
  return objects.map((one) => (about(one) ? { ...one, overrides: [...one.overrides, override] } : one));
};

const itself = (
  { written, names, namespaces }: Rendered,
  { kind, metadata }: Record<string, unknown>,
): boolean => {
  const { name, namespace } = recordOf(metadata);
  return (
    written.kind === kind &&
    names.includes(String(name)) &&
    (namespace === undefined || namespaces.length === 0 || namespaces.includes(String(namespace)))
  );
};

/** A target's fields are anchored expressions; its label selector is compared by equality only. */
const selected = (one: Rendered, target: Record<string, unknown>): boolean => {
  const { written, names, namespaces } = one;
  const is = (wanted: unknown, values: string[]) =>
    wanted === undefined || wanted === "" || values.some((value) => anchored(String(wanted), value));
  const { labels, annotations } = recordOf(written.body.metadata);
  return (
    is(target.kind, [written.kind]) &&
    is(target.group, [written.group]) &&
    is(target.name, names) &&
    (namespaces.length === 0 || is(target.namespace, namespaces)) &&
    holds(target.labelSelector, recordOf(labels)) &&
    holds(target.annotationSelector, recordOf(annotations))
  );
};

/** Repetitions that an expression may have: a name is short, so that three of them are tried quickly. */
const mostRepeated = 3;
/** Whether an expression could be tried for ever, such as `(a+)+`: a repeated group, a back reference, or many repetitions. */
const isSlow = (expression: string): boolean =>
  /\)[*+{]|\\[1-9k]/.test(expression) || (expression.match(/[*+{]/g) ?? []).length > mostRepeated;

/** Whether the whole value matches. A slow expression is taken to match, so that a patch that may apply is never overlooked. */
export const anchored = (wanted: string, value: string): boolean => {
  if (/^[\w-]+$/.test(wanted)) return wanted === value;
  if (isSlow(wanted)) return true;
  try {
    return new RegExp(`^(?:${wanted})$`).test(value);
  } catch {
    return wanted === value;
  }
};

/** `a=b,c==d`; anything else is taken to hold, so that a patch that may apply is never overlooked. */
const holds = (selector: unknown, labels: Record<string, unknown>): boolean =>
  typeof selector !== "string" ||
  selector.split(",").every((part) => {
    const [, label, value] = /^\s*([\w./-]+)\s*==?\s*([\w.-]*)\s*$/.exec(part) ?? [];
    return label === undefined || String(ownValue(labels, label)) === value;
  });
