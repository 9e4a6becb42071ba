import { recordOf } from "../../../records.ts";
import type { Source } from "../../../yaml/document.ts";
import { type FileSet, isYaml, join, within } from "./file-set.ts";
import { governed, type Kustomization, kustomization, type Layers, list, reaching, texts } from "./layers.ts";
import { patch } from "./patches.ts";
import { remoteObjects } from "./remote-bases.ts";
import type { Generated, Override, Rendered } from "./rendered.ts";
import { unreadableParts } from "./unreadable-parts.ts";

/** The objects that the folder's kustomization applies, each with every layer's overrides. Only objects of relevant files. */
export const render = (set: FileSet, all: Layers, folder: string, root = folder): Rendered[] => {
  const known = renderings.get(set) ?? new Map<string, Rendered[]>();
  renderings.set(set, known);
  const made = known.get(folder) ?? renderAnew(set, all, folder);
  known.set(folder, made);
  return root === folder ? made : made.map((one) => ({ ...one, root }));
};

/** Each folder is rendered once: every deployer of it, and every deployer that another applies, asks again. */
const renderings = new WeakMap<FileSet, Map<string, Rendered[]>>();

const renderAnew = (set: FileSet, all: Layers, folder: string): Rendered[] => {
  return concerned(set, all).has(folder)
    ? layer(set, all, { root: folder, folder, below: [], visiting: [] })
    : [];
};

/** The folders that something relevant is part of: the others render nothing that matters. */
const concerned = (set: FileSet, all: Layers): Set<string> => {
  const known = concernedBy.get(set);
  if (known) return known;
  const relevant = [...set.files.keys()].filter((file) => set.relevant(file));
  const folders = reaching(all, ...relevant);
  concernedBy.set(set, folders);
  return folders;
};
const concernedBy = new WeakMap<FileSet, Set<string>>();

/** The objects of a folder without a kustomization: its files, and the nearest kustomizations below it. `deep`: folders below it too. */
export const renderFiles = (
  set: FileSet,
  all: Layers,
  { folder, deep, root }: { folder: string; deep: boolean; root: string },
): Rendered[] => {
  const files = [...set.files.keys()].filter(
    (file) => isYaml(file) && within(folder, file) && !governed(all, file, folder),
  );
  const here = files.filter(
    (file) => deep || !file.slice(folder === "" ? 0 : folder.length + 1).includes("/"),
  );
  const below = deep ? nearest(all, folder) : [];
  return [
    ...here.flatMap((file) => own(set, file, root)),
    ...below.flatMap((each) => render(set, all, each, root)),
  ];
};

/** The folders with a kustomization below this one that have none between. */
export const nearest = ({ folders }: Layers, top: string): string[] => {
  const below = [...folders.keys()].filter((folder) => folder !== top && within(top, folder));
  return below.filter((folder) => !below.some((other) => other !== folder && within(other, folder)));
};

type Where = { root: string; folder: string; below: Rendered[]; visiting: string[] };

const layer = (set: FileSet, all: Layers, { root, folder, below, visiting }: Where): Rendered[] => {
  const found = all.folders.get(folder);
  if (!found || visiting.includes(folder)) return below;
  const inside = { root, visiting: [...visiting, folder] };
  const { body, parsed } = kustomization(set, found.file);
  const wrong = parsed.errors.find(({ code }) => code !== "DUPLICATE_KEY");
  let objects = below;
  for (const entry of [...texts(body.resources), ...texts(body.bases)]) {
    const path = join(folder, entry);
    if (path === undefined) continue;
    objects = objects.concat(
      set.files.has(path) ? own(set, path, root) : layer(set, all, { ...inside, folder: path, below: [] }),
    );
  }
  const source: Source = { parsed, document: 0, keys: [], node: parsed.documents[0]?.contents };
  objects = objects.concat(remoteObjects(set, { body, source }, { folder, root }));
  objects = composed(set, all, { ...inside, folder, below: objects }, body);
  const made = changed(set, { body, source }, folder, objects);
  if (!wrong) return made;
  const override: Override = { kind: "unreadable", reason: `${found.file}:${wrong.line}: ${wrong.message}` };
  return made.map((one) => ({ ...one, overrides: [...one.overrides, override] }));
};

/** The objects with the components that a kustomization names. */
export const composed = (set: FileSet, all: Layers, where: Where, body: Kustomization): Rendered[] =>
  texts(body.components).reduce((objects, entry) => {
    const path = join(where.folder, entry);
    return path === undefined ? objects : layer(set, all, { ...where, folder: path, below: objects });
  }, where.below);

/** The objects that a file of its own has. */
export const own = (set: FileSet, file: string, root?: string): Rendered[] =>
  set.relevant(file)
    ? set.objects(file).map((written) => ({
        ...{ written, overrides: [], names: [written.name] },
        ...(root !== undefined && { root }),
        namespaces: written.namespace === undefined ? [] : [written.namespace],
      }))
    : [];

/** Kustomize's own order: strategic merges, patches, namespace, prefix and suffix, JSON patches, replicas. `source` is the position of the body. */
export const changed = (
  set: FileSet,
  { body, source }: { body: Kustomization; source: Source },
  folder: string,
  below: Rendered[],
): Rendered[] => {
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
  return unreadableParts(set, { body, source }, folder, withMaps(objects, body, folder));
};

/** The releases with the maps that a kustomization makes of files, from which they may take their values. */
const withMaps = (objects: Rendered[], body: Kustomization, folder: string): Rendered[] => {
  const entries = list(body.configMapGenerator).map(recordOf);
  if (entries.length === 0) return objects;
  const made = entries.flatMap((entry) => generatedBy(entry, folder));
  const anew = entries.filter(({ behavior }) => behavior === "replace").map(({ name }) => name);
  return objects.map((one) => {
    if (one.written.kind !== "HelmRelease") return one;
    const before = (one.generated ?? []).filter(({ map }) => !anew.includes(map));
    return { ...one, generated: [...before, ...made] };
  });
};

const generatedBy = (entry: Record<string, unknown>, folder: string): Generated[] => {
  const map = String(entry.name);
  const files = texts(entry.files).map((said): Generated => {
    const [key = "", path = key] = said.split("=");
    const file = join(folder, path);
    return { ...{ map, key: key.split("/").at(-1) ?? key }, ...(file !== undefined && { file }) };
  });
  const literals = texts(entry.literals).map((said) => ({ map, key: said.split("=", 1).join("") }));
  const others = [...texts(entry.envs), ...texts([entry.env])].map(() => ({ map }));
  return [...files, ...literals, ...others];
};

/** The kinds that `replicas:` reaches (api/konfig/builtinpluginconsts/replicas.go of kustomize). */
export const counted = new Set(["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"]);

const renamed = (one: Rendered, { namespace, namePrefix, nameSuffix }: Kustomization): Rendered => {
  const name = `${namePrefix ?? ""}${one.names.at(-1)}${nameSuffix ?? ""}`;
  return {
    ...one,
    names: name === one.names.at(-1) ? one.names : [...one.names, name],
    namespaces: namespace === undefined ? one.namespaces : [...one.namespaces, String(namespace)],
  };
};
