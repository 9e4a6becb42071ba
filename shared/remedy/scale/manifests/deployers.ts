import { isMap } from "yaml";
import { recordOf } from "../../../records.ts";
import { type Key, plain, type Source } from "../../../yaml/document.ts";
import { locationOf } from "../../../yaml/locate.ts";
import { type Element, elementsOf, filled, filledIn as filledWith } from "./elements.ts";
import { charts, type FileSet, foldersOf, join } from "./file-set.ts";
import { type Layers, list } from "./layers.ts";
import { nameOf, type Rendered, setsField, textAt, titleOf } from "./rendered.ts";
import { settingsOf } from "./settings.ts";

/** A Flux Kustomization, or a source of an Argo CD Application or ApplicationSet, which applies a folder of this repository. */
export type Deployer = {
  /** Its title and file: `Kustomization flux-system/apps (clusters/prod/apps.yaml)`. */
  id: string;
  file: string;
  folder: string;
  /** Whether it applies folders below too, where the folder has no kustomization. */
  deep: boolean;
  /** The layers that it puts over the folder, in the form of a kustomization. */
  layers: { body: Record<string, unknown>; source: Source }[];
  /** The namespace of objects that say none. */
  namespace?: string;
  /** The Flux Kustomization whose variables are put in. */
  variables?: Rendered;
  /** The element of an ApplicationSet whose application it is. */
  element?: Element;
  /** Why its layers cannot be followed; `any`: why nothing that it applies can. */
  shared?: string;
  any?: string;
};

/** The deployers among the objects. `folders` are those that a templated path may mean. */
export const deployersIn = (set: FileSet, all: Layers, rendered: Rendered[]): Deployer[] => {
  const made = new Set<string>();
  return rendered.flatMap((one) => {
    const { kind, group } = one.written;
    if (kind === "Kustomization" && group === "kustomize.toolkit.fluxcd.io") return flux(set, one);
    if (group === "argoproj.io" && kind === "Application") return argo(set, all, one);
    if (group === "argoproj.io" && kind === "ApplicationSet")
      return argo(set, all, one).filter((deployer) => isFirst(made, deployer));
    return [];
  });
};

/** Overlays of one ApplicationSet, one for each Argo CD, make one deployer of a folder, where none has a layer of its own over it. */
const isFirst = (made: Set<string>, { file, folder, namespace, layers, any, element }: Deployer): boolean => {
  if (layers.length > 0 || element) return true;
  const said = JSON.stringify([file, folder, namespace, any]);
  return !made.has(said) && made.add(said) !== undefined;
};

const idOf = (one: Rendered): string => `${titleOf(one)} (${one.written.source.parsed.file})`;

const sectionAt = (source: Source, keys: Key[]): Source | undefined => {
  let node: unknown = source.node;
  for (const key of keys) {
    node =
      isMap(node) || (typeof node === "object" && node !== null && "get" in node)
        ? getAt(node, key)
        : undefined;
  }
  return isMap(node) ? { ...source, keys: [...source.keys, ...keys], node } : undefined;
};

const getAt = (node: unknown, key: Key): unknown => {
  const { get } = node as { get: (key: Key, keep: boolean) => unknown };
  return get.call(node, key, true);
};

const exists = (set: FileSet, folder: string): boolean => folder === "" || foldersOf(set.files).has(folder);

const parts = ["patches", "patchesStrategicMerge", "patchesJson6902", "components", "targetNamespace"];

const flux = (set: FileSet, one: Rendered): Deployer[] => {
  const spec = recordOf(one.written.body.spec);
  const folder = join("", textAt(one, ["spec", "path"]) ?? "");
  const isOther = folder === "" && recordOf(spec.sourceRef).name !== "flux-system";
  if (folder === undefined || isOther || !exists(set, folder)) return [];
  const layers = fluxLayers(one);
  return [
    {
      ...{ id: idOf(one), file: one.written.source.parsed.file, folder, deep: true },
      variables: { ...one, settings: settingsOf(set, one) },
      layers: layers.map(({ body, source }) => ({
        source,
        body: { ...body, namespace: body.targetNamespace },
      })),
      ...(layers.some(({ isUnread }) => isUnread) && {
        any: `${idOf(one)} is patched by operations, which may set it`,
      }),
    },
  ];
};

type FluxLayer = { body: Record<string, unknown>; source: Source; isUnread?: boolean };

/** The spec without the parts that a patch of the Kustomization itself replaces, and those parts where they stand: lists are replaced whole. */
const fluxLayers = (one: Rendered): FluxLayer[] => {
  const found = parts.flatMap((field) => {
    const last = one.overrides.findLast((each) => setsField({ ...one, overrides: [each] }, ["spec", field]));
    return last === undefined ? [] : [{ field, last }];
  });
  const patched = found.map(({ field, last }): FluxLayer | undefined => {
    if (last.kind !== "merge") return undefined;
    const body = plain(last.source.node, last.source.parsed.documents[last.source.document]!);
    const source = sectionAt(last.source, ["spec"]);
    return source && { source, body: { [field]: recordOf(recordOf(body).spec)[field] } };
  });
  const own = sectionAt(one.written.source, ["spec"]);
  if (!own) return [];
  const fields = new Set(found.map(({ field }) => field));
  const spec = Object.entries(recordOf(one.written.body.spec)).filter(([field]) => !fields.has(field));
  const isUnread = patched.includes(undefined);
  return [
    { source: own, body: Object.fromEntries(spec), isUnread },
    ...patched.filter((each) => each !== undefined),
  ];
};

/** One source of an application, and the keys that lead to it. */
const sourcesIn = (one: Rendered): { source: Record<string, unknown>; keys: Key[] }[] => {
  const { body, kind } = one.written;
  const head = kind === "Application" ? ["spec"] : ["spec", "template", "spec"];
  const spec = head.reduce<Record<string, unknown>>((record, key) => recordOf(record[key]), body);
  return [
    { source: recordOf(spec.source), keys: [...head, "source"] },
    ...list(spec.sources).map((source, at) => ({ source: recordOf(source), keys: [...head, "sources", at] })),
  ].filter(({ source }) => typeof source.path === "string" && source.chart === undefined);
};

const argo = (set: FileSet, all: Layers, one: Rendered): Deployer[] => {
  const local = charts(set.files);
  const elements =
    one.written.kind === "ApplicationSet" ? elementsOf(set, { ...one, title: titleOf(one) }) : undefined;
  return sourcesIn(one).flatMap(
    ({ source, keys }) =>
      ofElements(set, one, { source, keys, folder: "" }, elements) ??
      meantBy(set, all, one, String(source.path))
        .filter((folder) => !local.includes(folder) && source.helm === undefined)
        .map((folder) => ({
          ...argoDeployer(set, one, { source, keys, folder }),
          ...(String(source.path).includes("{{") && { id: `${idOf(one)} of ${folder}` }),
        })),
  );
};

/** A deployer for each element; undefined where one leaves the path open. */
const ofElements = (
  set: FileSet,
  one: Rendered,
  { source, keys }: ArgoSource,
  elements: Element[] | undefined,
): Deployer[] | undefined => {
  const made = elements?.map((element) => ({
    element,
    folder: join("", filled(String(source.path), element) ?? "{{"),
  }));
  if (made === undefined || made.some(({ folder }) => folder === undefined || folder.includes("{{")))
    return undefined;
  return made.flatMap(({ element, folder = "" }) => {
    const isApplied = exists(set, folder) && !charts(set.files).includes(folder) && source.helm === undefined;
    return isApplied ? [elementDeployer(set, one, { source, keys, folder }, element)] : [];
  });
};

const elementDeployer = (set: FileSet, one: Rendered, given: ArgoSource, element: Element): Deployer => {
  const { shared: _, ...deployer } = argoDeployer(set, one, given);
  const template = recordOf(recordOf(one.written.body.spec).template);
  const { namespace } = recordOf(recordOf(template.spec).destination);
  const space = typeof namespace === "string" ? filled(namespace, element) : undefined;
  const { file } = element.source.parsed;
  return {
    ...{ ...deployer, id: `${titleOf(one)} (${element.where})`, file, element },
    layers: deployer.layers.map(({ body, source }) => ({
      body: recordOf(filledWith(body, element)),
      source,
    })),
    ...(space !== undefined && { namespace: space }),
  };
};

type ArgoSource = { source: Record<string, unknown>; keys: Key[]; folder: string };

const argoDeployer = (set: FileSet, one: Rendered, { source, keys, folder }: ArgoSource): Deployer => {
  const { written } = one;
  const isSet = written.kind === "ApplicationSet";
  const where = locationOf(written.source, written.source.node);
  const section = sectionAt(written.source, [...keys, "kustomize"]);
  const { namespace } = recordOf(recordOf(written.body.spec).destination);
  const overridden = setsField(one, [...keys.filter((key) => typeof key === "string"), "kustomize"]);
  return {
    ...{ id: idOf(one), file: written.source.parsed.file, folder },
    deep: recordOf(source.directory).recurse === true,
    layers: [
      ...(section ? [{ body: recordOf(source.kustomize), source: section }] : []),
      ...besideSources(set, folder, nameOf(one)),
    ],
    ...(typeof namespace === "string" && !namespace.includes("{{") && { namespace }),
    ...(isSet && { shared: `${idOf(one)} sets it for every application that it makes (${where})` }),
    ...(source.plugin !== undefined && { any: `${idOf(one)} runs a plugin, which may set it` }),
    ...(overridden && { any: `${idOf(one)} is patched in its kustomize section, which may set it` }),
  };
};

/** Layers of the files `.argocd-source.yaml` and `.argocd-source-NAME.yaml`, which Argo CD reads beside the manifests. */
const besideSources = (set: FileSet, folder: string, name: string): Deployer["layers"] =>
  ["", `-${name}`].flatMap((suffix) => {
    const parsed = set.parsed(join(folder, `.argocd-source${suffix}.yaml`) ?? "");
    const document = parsed?.documents[0];
    if (!parsed || !document) return [];
    const whole: Source = { parsed, document: 0, keys: [], node: document.contents };
    const source = sectionAt(whole, ["kustomize"]);
    const body = source && recordOf(recordOf(document.toJS({ maxAliasCount: 100 })).kustomize);
    return source && body ? [{ body, source }] : [];
  });

/** The folder of a path; for a templated one, every folder that it may mean. */
const meantBy = (set: FileSet, all: Layers, one: Rendered, path: string): string[] => {
  if (!path.includes("{{")) {
    const folder = join("", path);
    return folder !== undefined && exists(set, folder) ? [folder] : [];
  }
  const whole = /^\s*\{\{[^{}]*\}\}\s*$/.test(path);
  const said = [...new Set((whole ? stringsIn(one.written.body.spec) : filledIn(one, path)).map(tidied))];
  const named = said.filter((glob) => !glob.includes("*") && all.folders.has(glob));
  const patterns = said.filter((glob) => glob.includes("*")).map(patternOf);
  if (patterns.length === 0) return named;
  const open = [...all.folders.keys()].filter((folder) => patterns.some((each) => each.test(folder)));
  return [...new Set([...named, ...open])];
};

/** The path with the values that the generators, and the patches over them, give its parameters: a star for one that is not said there. */
const filledIn = (one: Rendered, path: string): string[] => {
  const patches = one.overrides.flatMap((each) => ("source" in each ? [each.source] : []));
  const bodies = [
    recordOf(one.written.body.spec).generators,
    ...patches.map(({ node, parsed, document }) => plain(node, parsed.documents[document]!)),
  ];
  const isOpen = elsewhere.test(JSON.stringify(bodies));
  return path.split(/\{\{\s*([^{}]*?)\s*\}\}/).reduce<string[]>(
    (made, part, at) => {
      const found = at % 2 === 0 ? [part] : [...new Set(bodies.flatMap((body) => valuesOf(body, part)))];
      const isMany = found.length === 0 || found.length * made.length > mostPaths;
      const isUnsaid = at % 2 === 1 && (isMany || isOpen || ofGenerator.test(part));
      return made.flatMap((before) => (isUnsaid ? ["*"] : found).map((value) => before + value));
    },
    [""],
  );
};
const mostPaths = 200;
/** Generators whose values stand elsewhere, and parameters that a generator makes by itself. */
const elsewhere = /"(files|plugin|scmProvider|pullRequest)":/;
export const ofGenerator =
  /^\.?(name|nameNormalized|server|project|url|branch\w*|index|metadata\b.*|path\b.*)$/;

/** Texts under the key of a parameter such as `values.environment`, and those that an operation puts there. */
const valuesOf = (body: unknown, parameter: string): string[] => {
  const name = parameter.replace(/^\./, "");
  const last = name.split(".").at(-1) ?? name;
  if (Array.isArray(body)) return body.flatMap((one) => valuesOf(one, parameter));
  const { path, value, ...rest } = recordOf(body);
  const put =
    typeof path === "string" &&
    path.startsWith("/") &&
    path.endsWith(`/${last}`) &&
    typeof value === "string";
  const entries = Object.entries(put ? rest : recordOf(body));
  return [
    ...(put ? [String(value)] : []),
    ...entries.flatMap(([key, inner]) =>
      typeof inner === "string"
        ? (key === name || key === last) && !inner.includes("{{")
          ? [inner]
          : []
        : valuesOf(inner, parameter),
    ),
  ];
};

/** Stars of a path that are tried; one with more may mean any folder. */
const mostStars = 4;
const tidied = (glob: string): string =>
  glob
    .replace(/\/{2,}/g, "/")
    .replace(/^\.?\/|\/$/g, "")
    .replace(/\*+/g, "*");
const patternOf = (tidy: string): RegExp => {
  if (tidy.split("*").length - 1 > mostStars) return /^/;
  return new RegExp(`^${tidy.replace(/[.+?^${"$"}{}()|[\]\\]/g, "\\$&").replaceAll("*", "[^/]*")}$`);
};

const stringsIn = (value: unknown): string[] => {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
};
