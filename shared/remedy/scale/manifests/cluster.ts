import { charts, type FileSet, isYaml, join, within } from "./file-set.ts";
import { governed, type Layers, layers, own, render, rootsOf } from "./kustomize.ts";
import { nameOf, namespaceOf, type Rendered } from "./rendered.ts";

/** The objects of the directory that may concern the target: those that each root renders, and those applied as they are. */
export type Cluster = {
  set: FileSet;
  layers: Layers;
  /** Of every root, and of the folder that was asked for where it is none. */
  rendered: Rendered[];
  /** The same, within the path that was asked for. */
  chosen: Rendered[];
};

export const cluster = (set: FileSet, path = ""): Cluster => {
  const all = layers(set);
  const roots = rootsOf(all);
  const base = all.folders.has(path) && !roots.includes(path) ? [path] : [];
  const folders = charts(set.files);
  const plain = [...set.files.keys()]
    .filter((file) => isYaml(file) && !isPart(folders, file) && !all.named.has(file) && !governed(all, file))
    .flatMap((file) => own(set, file));
  const rendered = [...[...roots, ...base].flatMap((root) => render(set, all, root)), ...plain];
  const chosen = rendered.filter(({ root, written }) => {
    if (base.length > 0) return root === path;
    if (root === undefined) return within(path, written.source.parsed.file);
    return within(path, root) || within(root, path);
  });
  return { set, layers: all, rendered, chosen };
};

/** A file that is not a manifest by itself: a chart's, or a Pulumi stack. */
export const isPart = (charts: string[], file: string): boolean => {
  if (/(^|\/)Pulumi(\.[\w-]+)?\.ya?ml$/.test(file)) return true;
  return charts.some((chart) => {
    const inside = within(chart, file) ? file.slice(chart === "" ? 0 : chart.length + 1) : "";
    return /^(Chart|values[^/]*)\.ya?ml$/.test(inside) || within(join(chart, "templates") ?? "", file);
  });
};

export const sameNamespace = (a: string | undefined, b: string | undefined): boolean => !a || !b || a === b;

/** Whether the object is called so in the namespace, "" being any. */
export const isCalled = (one: Rendered, name: string, namespace: string): boolean =>
  nameOf(one) === name && sameNamespace(namespaceOf(one), namespace);
