import { type Deployer, deployersIn } from "./deployers.ts";
import { charts, type FileSet, folderOf, isYaml, within } from "./file-set.ts";
import { changed, composed, nearest, own, render, renderFiles } from "./kustomize.ts";
import { governed, type Layers, layers, reaching, rootsOf } from "./layers.ts";
import { withDeployers } from "./relevant-deployers.ts";
import { nameOf, namespaceOf, type Rendered } from "./rendered.ts";
import { isTestFile } from "./unreadable.ts";

/** A folder as it is applied, by a kustomization that no other uses or by a deployer. */
export type Root = { id: string; folder: string; deployer?: Deployer };

/** The objects of the directory that may concern the target: those that each root renders, and those applied as they are. */
export type Cluster = {
  set: FileSet;
  layers: Layers;
  roots: Map<string, Root>;
  /** The renderings of every root, and of the folder that was asked for where it is not a root. */
  rendered: Rendered[];
  /** The same, within the path that was asked for. */
  chosen: Rendered[];
};

export const cluster = (given: FileSet, path = ""): Cluster => {
  const all = layers(given);
  const set = withDeployers(given, all);
  const alone = whole(set, all, path, []);
  const first = deployersIn(set, all, alone.rendered);
  const deployed = first.length === 0 ? alone : whole(set, all, path, first);
  // A deployer may itself be applied, and patched, by another.
  const second = first.length === 0 ? [] : deployersIn(set, all, deployed.rendered);
  const found = isSame(first, second) ? deployed : whole(set, all, path, second);
  return { set, layers: all, ...found, ...chosenOf(set, all, found, path) };
};

/** Whether deployers are the same, so that all that they apply is, too. */
const isSame = (a: Deployer[], b: Deployer[]): boolean =>
  a.length === b.length &&
  a.every((one, at) => {
    const other = b[at];
    const said = ({ id, folder, deep, namespace, shared, any, variables }: Deployer) =>
      JSON.stringify([id, folder, deep, namespace, shared, any, variables?.overrides.length]);
    return (
      other !== undefined &&
      said(one) === said(other) &&
      one.layers.length === other.layers.length &&
      one.layers.every(
        ({ body, source }, index) =>
          source.node === other.layers[index]?.source.node &&
          JSON.stringify(body) === JSON.stringify(other.layers[index]?.body),
      )
    );
  });

type Found = Pick<Cluster, "roots" | "rendered">;

/** The objects within the path. A folder that several roots are made of, or none, is rendered by itself, so that it can be named. */
const chosenOf = (
  set: FileSet,
  all: Layers,
  found: Found,
  path: string,
): Pick<Cluster, "rendered" | "chosen"> => {
  const isUsed = all.used.has(path) && ![...found.roots.values()].some((root) => isAsked(root, path));
  const users = isUsed ? rootsReaching(all, found.roots, all.folders.get(path)?.file ?? "") : [];
  if (isUsed && users.length !== 1) {
    const base = render(set, all, path);
    return { rendered: [...found.rendered, ...base], chosen: base };
  }
  const chosen = found.rendered.filter(({ root, written }) => {
    const by = root === undefined ? undefined : found.roots.get(root);
    if (by === undefined) return within(path, written.source.parsed.file);
    return isAsked(by, path) || within(by.folder, path) || users.includes(by);
  });
  return { rendered: found.rendered, chosen };
};

/** Whether the root, or its deployer, stands below the path. */
export const isAsked = ({ folder, deployer }: Root, path: string): boolean =>
  within(path, folder) || (deployer !== undefined && within(path, deployer.file));

const whole = (set: FileSet, all: Layers, path: string, deployers: Deployer[]): Found => {
  const deployed = new Set(deployers.flatMap((one) => starts(all, one)));
  const isTest = (folder: string) => isTestFile(`${folder}/x`) && !isTestFile(`${path}/x`);
  const folders = rootsOf(all).filter((folder) => !deployed.has(folder) && !isTest(folder));
  const roots = new Map<string, Root>(folders.map((folder) => [folder, { id: folder, folder }]));
  for (const deployer of deployers)
    roots.set(deployer.id, { id: deployer.id, folder: deployer.folder, deployer });
  const parts = charts(set.files);
  // A folder that is asked for below a kustomization that does not list it is applied by itself.
  const isGoverned = (file: string) =>
    governed(all, file, path !== "" && within(path, folderOf(file)) ? folderOf(path) : undefined);
  const plain = [...set.files.keys()]
    .filter((file) => isYaml(file) && set.relevant(file) && !all.named.has(file))
    .filter((file) => !isPart(parts, file, path) && !isGoverned(file))
    .filter((file) => !deployers.some((one) => holds(all, one, file)))
    .flatMap((file) => own(set, file));
  const rendered = [
    ...folders.flatMap((folder) => render(set, all, folder)),
    ...deployers.flatMap((one) => renderDeployed(set, all, one)),
    ...plain,
  ];
  return { roots, rendered };
};

/** The folders with a kustomization that a deployer begins at. */
const starts = (all: Layers, { folder, deep }: Deployer): string[] => {
  if (all.folders.has(folder)) return [folder];
  return deep ? nearest(all, folder) : [];
};

/** Whether the deployer applies the file as it stands. */
const holds = (all: Layers, { folder, deep }: Deployer, file: string): boolean =>
  !all.folders.has(folder) &&
  (deep ? within(folder, file) : folderOf(file) === folder) &&
  !governed(all, file, folder);

/** The objects that a deployer applies: those of its folder, with its own layers over them. */
const renderDeployed = (set: FileSet, all: Layers, deployer: Deployer): Rendered[] => {
  const { id, folder, deep, namespace, variables, element } = deployer;
  const objects = all.folders.has(folder)
    ? render(set, all, folder, id)
    : renderFiles(set, all, { folder, deep, root: id });
  if (objects.length === 0) return [];
  const below = objects.map((one) => ({
    ...one,
    namespaces: one.namespaces.length === 0 && namespace !== undefined ? [namespace] : one.namespaces,
    ...(variables && { variables }),
    ...(element && { element }),
  }));
  const over = deployer.layers.reduce((made, layer) => {
    const where = { root: id, folder, below: made, visiting: [] };
    return changed(set, layer, folder, composed(set, all, where, layer.body));
  }, below);
  const known = new Map(below.map(({ written, overrides }) => [written, overrides.length]));
  // The objects of the deployer's components have its variables too.
  return over
    .map((one) => (variables && one.variables === undefined ? { ...one, variables } : one))
    .map((one) => unfollowed(one, known.get(one.written) ?? 0, deployer));
};

/** The object with a reason in the place of each override that cannot be followed. */
const unfollowed = (one: Rendered, from: number, { shared, any }: Deployer): Rendered => {
  const overrides = one.overrides.map((override, at) =>
    shared === undefined || at < from
      ? override
      : { kind: "unreadable" as const, reason: shared, within: override },
  );
  const last = any === undefined ? [] : [{ kind: "unreadable" as const, reason: any }];
  return { ...one, overrides: [...overrides, ...last] };
};

/** The roots that are made of a file, directly or through other layers. */
export const rootsReaching = (all: Layers, roots: Map<string, Root>, file: string): Root[] => {
  const reached = reaching(all, file);
  return [...roots.values()].filter(({ folder, deployer }) =>
    deployer === undefined
      ? reached.has(folder)
      : holds(all, deployer, file) || starts(all, deployer).some((start) => reached.has(start)),
  );
};

/** A file that is not a manifest by itself: a chart's, that of a test, or a Pulumi stack. */
export const isPart = (charts: string[], file: string, path = ""): boolean => {
  if (isTestFile(file) && !isTestFile(`${path}/x`)) return true;
  if (/(^|\/)Pulumi(\.[\w-]+)?\.ya?ml$/.test(file)) return true;
  return charts.some((chart) => {
    if (!within(chart, file)) return false;
    const inside = file.slice(chart === "" ? 0 : chart.length + 1);
    return /^(Chart|values[^/]*)\.ya?ml$/.test(inside) || within("templates", inside);
  });
};

export const sameNamespace = (a: string | undefined, b: string | undefined): boolean => !a || !b || a === b;

/** Whether the object is called so in the namespace, "" being any. */
export const isCalled = (one: Rendered, name: string, namespace: string): boolean =>
  nameOf(one) === name && sameNamespace(namespaceOf(one), namespace);
