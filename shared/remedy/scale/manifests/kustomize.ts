import { isMap, isSeq } from "yaml";
import { recordOf } from "../../../records.ts";
import { type Parsed, plain, type Source } from "../../../yaml/document.ts";
import type { Step } from "../../../yaml/locate.ts";
import { isRefused } from "../../../yaml/refused.ts";
import { insideBlock } from "./embedded-block.ts";
import { isSimple } from "./fast-path.ts";
import { type FileSet, folderOf, join, kustomizations } from "./file-set.ts";
import type { Override, Rendered } from "./rendered.ts";

/** A kustomization as its file has it. */
type Kustomization = Record<string, unknown> & { kind?: string };
type Folder = { file: string; isComponent: boolean; below: string[]; patches: string[] };
/** The folders with a kustomization and what each is made of, which of them others use, and every file one of them names. */
export type Layers = { folders: Map<string, Folder>; used: Set<string>; named: Set<string> };

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const texts = (value: unknown): string[] =>
  list(value).filter((item): item is string => typeof item === "string");

export const layers = (set: FileSet): Layers => {
  const folders = new Map([...kustomizations(set.files)].map(([path, file]) => [path, folderIn(set, file)]));
  const [used, named] = [new Set<string>(), new Set<string>()];
  for (const [folder, { below, patches }] of folders) {
    for (const entry of below) {
      const path = join(folder, entry);
      if (path !== undefined) (set.files.has(path) ? named : used).add(path);
    }
    for (const path of patches) named.add(join(folder, path) ?? path);
  }
  return { folders, used, named };
};

const folderIn = (set: FileSet, file: string): Folder => {
  const text = set.files.get(file) ?? "";
  if (isSimple(text)) return { file, ...glanced(text) };
  const { body } = kustomization(set, file);
  return {
    file,
    isComponent: body.kind === "Component",
    below: [...texts(body.resources), ...texts(body.bases), ...texts(body.components)],
    patches: patchFiles(body),
  };
};

/** The same, of a file so simple that its lines tell it: parsing thousands of them takes seconds. */
const glanced = (text: string): Omit<Folder, "file"> => {
  const [below, patches]: [string[], string[]] = [[], []];
  let section = "";
  for (const line of text.split("\n")) {
    const [, key, inline = ""] = /^([\w"']+) *: *(?:\[(.*)\])?/.exec(line) ?? [];
    if (key !== undefined) section = key.replace(/["']/g, "");
    const item = /^ *- +(.*)$/.exec(line)?.[1];
    const items = key !== undefined ? inline.split(",") : item !== undefined ? [item] : [];
    const named = items.map(unquoted).filter((one) => one !== "");
    if (["resources", "bases", "components"].includes(section)) below.push(...named);
    if (section === "patchesStrategicMerge") patches.push(...named);
    const path = /^[- ]*path *: *(.*)$/.exec(line)?.[1];
    if (path !== undefined) patches.push(unquoted(path));
  }
  return { isComponent: /^kind: *["']?Component\b/m.test(text), below, patches };
};

const unquoted = (text: string): string =>
  text
    .replace(/(^|\s)#.*$/, "")
    .trim()
    .replace(/^(["'])(.*)\1$/, "$2");

const kustomization = (set: FileSet, file: string): { parsed: Parsed; body: Kustomization } => {
  const parsed = set.parsed(file)!;
  const [document] = parsed.documents;
  return { parsed, body: recordOf(document && plain(document, document)) as Kustomization };
};

const patchFiles = (body: Kustomization): string[] => [
  ...texts(body.patchesStrategicMerge),
  ...[...list(body.patches), ...list(body.patchesJson6902)].flatMap((one) => texts([recordOf(one).path])),
];

/** The objects that the folder's kustomization applies, each with every layer's overrides. Only objects of relevant files. */
export const render = (set: FileSet, all: Layers, root: string): Rendered[] => {
  const concerned = madeOf(all, root).some((path) => set.files.has(path) && set.relevant(path));
  return concerned ? layer(set, all, { root, folder: root, below: [], visiting: [] }) : [];
};

type Where = { root: string; folder: string; below: Rendered[]; visiting: string[] };

const layer = (set: FileSet, all: Layers, { root, folder, below, visiting }: Where): Rendered[] => {
  const found = all.folders.get(folder);
  if (!found || visiting.includes(folder)) return below;
  const inside = { root, visiting: [...visiting, folder] };
  const read = kustomization(set, found.file);
  const { body } = read;
  let objects = below;
  for (const entry of [...texts(body.resources), ...texts(body.bases)]) {
    const path = join(folder, entry);
    if (path === undefined) continue;
    objects = objects.concat(
      set.files.has(path) ? own(set, path, root) : layer(set, all, { ...inside, folder: path, below: [] }),
    );
  }
  for (const entry of texts(body.components)) {
    const path = join(folder, entry);
    if (path !== undefined) objects = layer(set, all, { ...inside, folder: path, below: objects });
  }
  return changed(set, read, folder, objects);
};

/** The objects that a file of its own has. */
export const own = (set: FileSet, file: string, root?: string): Rendered[] =>
  set.relevant(file)
    ? set.objects(file).map((written) => ({
        ...{ written, overrides: [], names: [written.name] },
        ...(root !== undefined && { root }),
        namespaces: written.namespace === undefined ? [] : [written.namespace],
      }))
    : [];

/** In Kustomize's own order: strategic merges, patches, namespace, prefix and suffix, JSON patches, replicas. */
const changed = (
  set: FileSet,
  { body, parsed }: { body: Kustomization; parsed: Parsed },
  folder: string,
  below: Rendered[],
): Rendered[] => {
  const source: Source = { parsed, document: 0, keys: [], node: parsed.documents[0]?.contents };
  let objects = below;
  const patched = (field: string, at: number) =>
    patch(set, { source, steps: [field, at], folder, entry: list(body[field])[at] });
  for (const field of ["patchesStrategicMerge", "patches"])
    for (const at of list(body[field]).keys()) objects = patched(field, at)(objects);
  objects = objects.map((one) => renamed(one, body));
  for (const at of list(body.patchesJson6902).keys()) objects = patched("patchesJson6902", at)(objects);
  for (const [at, entry] of list(body.replicas).entries()) {
    const override: Override = { kind: "count", source, steps: ["replicas", at, "count"] };
    objects = objects.map((one) =>
      counted.has(one.written.kind) && one.names.includes(String(recordOf(entry).name))
        ? { ...one, overrides: [...one.overrides, override] }
        : one,
    );
  }
  return objects;
};

/** The kinds that `replicas:` reaches (api/konfig/builtinpluginconsts/replicas.go of kustomize). */
const counted = new Set(["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"]);

const renamed = (one: Rendered, { namespace, namePrefix, nameSuffix }: Kustomization): Rendered => {
  const name = `${namePrefix ?? ""}${one.names.at(-1)}${nameSuffix ?? ""}`;
  return {
    ...one,
    names: name === one.names.at(-1) ? one.names : [...one.names, name],
    namespaces: namespace === undefined ? one.namespaces : [...one.namespaces, String(namespace)],
  };
};

type Entry = { source: Source; steps: Step[]; folder: string; entry: unknown };

/** One entry of `patches` and the like: a file or a block, a strategic merge or JSON 6902 operations, for a target or for its own name. */
const patch = (
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

const sourcesOf = (set: FileSet, path: string | undefined): Source[] => {
  const parsed = path === undefined ? undefined : set.parsed(path);
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

const anchored = (wanted: string, value: string): boolean => {
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
    return label === undefined || String(labels[label]) === value;
  });

/** The roots: folders with a kustomization that no other uses and that is not a component. */
export const rootsOf = ({ folders, used }: Layers): string[] =>
  [...folders]
    .filter(([folder, { isComponent }]) => !used.has(folder) && !isComponent)
    .map(([folder]) => folder);

/** Whether a kustomization in this file's folder or above it decides what is applied there. */
export const governed = ({ folders }: Layers, file: string): boolean => {
  for (let folder = folderOf(file); ; folder = folderOf(folder)) {
    if (folders.has(folder)) return true;
    if (folder === "") return false;
  }
};

/** The folders and files that a root is made of, its own first. */
export const madeOf = (
  { folders }: Pick<Layers, "folders">,
  root: string,
  known: string[] = [],
): string[] => {
  const found = folders.get(root);
  if (known.includes(root)) return known;
  if (!found) return [...known, root];
  const below = [...found.below, ...found.patches];
  return below.reduce(
    (all, entry) => {
      const path = join(root, entry);
      return path === undefined ? all : madeOf({ folders }, path, all);
    },
    [...known, root],
  );
};
