import { isMap, isSeq } from "yaml";
import { recordOf } from "../../../records.ts";
import { type Key, plain, type Source, type Written } from "../../../yaml/document.ts";
import { type Absent, type Found, locate, locationOf } from "../../../yaml/locate.ts";
import { type Refused, refuse } from "../../../yaml/refused.ts";
import { charts, type FileSet, folderOf, join, within } from "../manifests/file-set.ts";
import { effective, nameOf, namespaceOf, type Rendered } from "../manifests/rendered.ts";
import { type Keys, keysOf, scaffold } from "./chart.ts";

/** Values of one release, one source: a whole values file, a map in another, or Argo's list of parameters. */
export type Values =
  /** `own`: the source is the dependency's own, where this part of a path does not stand. */
  | { source: Source; keys: Key[]; own?: string }
  /** The value at `keys` of a cluster object, in the last layer that sets it. */
  | { object: Rendered; keys: Key[] }
  | { parameters: Source; keys: Key[] }
  | { opaque: string };
/** A chart as it is released: its name, its values, and where they stand, the winning ones last. */
export type Release = {
  kind: "Chart" | "HelmRelease" | "Application";
  name: string;
  namespace?: string;
  /** The possible names of the release's objects. */
  called: string[];
  where: string;
  keys: Keys;
  /** Put before every path: the chart is a dependency of another. */
  prefix: string;
  values: Values[];
};

/** Finds the value of a dotted path, in the last source that sets it. */
export const valueAt = (
  { values, prefix }: Pick<Release, "values" | "prefix">,
  key: string,
): Found | Absent | Refused => {
  const path = `${prefix}${key}`;
  for (const one of values.toReversed()) {
    if ("opaque" in one) return refuse(one.opaque);
    const found = standing(one, path);
    if (!("absent" in found)) return found;
  }
  return { absent: true, offset: 0 };
};

const standing = (one: Exclude<Values, { opaque: string }>, path: string): Found | Absent | Refused => {
  if ("parameters" in one) return parameter(one.parameters, one.keys, path);
  if ("object" in one) return effective(one.object, [...one.keys, ...path.split(".")]);
  return locate(one.source, [...one.keys, ...below(path, one.own)]);
};

const below = (path: string, own = ""): string[] =>
  (path.startsWith(own) ? path.slice(own.length) : path).split(".");

const parameter = (source: Source, keys: Key[], path: string): Found | Absent | Refused => {
  const document = source.parsed.documents[source.document]!;
  const list = keys.reduce<unknown>(
    (node, key) => (isMap(node) || isSeq(node) ? node.get(key, true) : undefined),
    source.node,
  );
  const all = plain(list, document);
  const at = Array.isArray(all) ? all.findLastIndex((one) => one?.name === path) : -1;
  return at < 0 ? { absent: true, offset: 0 } : locate(source, [...keys, at, "value"]);
};

/** Every release there is: HelmReleases and Argo applications, and charts that none of them uses. */
export const releases = (set: FileSet, objects: Rendered[], path: string | undefined): Release[] => {
  const local = charts(set.files);
  const flux = objects.filter(
    ({ written: { kind, group } }) => kind === "HelmRelease" && group === "helm.toolkit.fluxcd.io",
  );
  const argo = objects.filter(
    ({ written: { kind, group } }) => kind === "Application" && group === "argoproj.io",
  );
  const declared = [
    ...flux.map((one) => fluxRelease(set, one, local)),
    ...argo.flatMap((one) => argoReleases(set, one, local)),
  ];
  const used = new Set(declared.flatMap(({ chart }) => (chart === undefined ? [] : [chart])));
  const alone = local.filter(
    (chart) =>
      !used.has(chart) &&
      !local.some((other) => other !== chart && within(join(other, "charts") ?? "", chart)),
  );
  const all = [
    ...declared.map(({ release }) => release),
    ...alone.flatMap((chart) => chartReleases(set, chart, path)),
  ];
  const inside = all.filter((one) => isWithin(one, path ?? ""));
  return inside.length > 0 ? inside : all;
};

/** Whether the release or a value of it stands below the path. */
const isWithin = ({ where, values }: Release, path: string): boolean =>
  within(path, where.replace(/:\d+$/, "")) ||
  values.some((one) => "source" in one && within(path, one.source.parsed.file));

const list = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.map(recordOf) : []);

/** The root of a values file. */
const wholeFile = (set: FileSet, file: string | undefined): Values[] => {
  const parsed = file === undefined ? undefined : set.parsed(file);
  const node = parsed?.documents[0]?.contents;
  return parsed && node ? [{ source: { parsed, document: 0, keys: [], node }, keys: [] }] : [];
};

const defaults = (set: FileSet, chart: string): Values[] => wholeFile(set, join(chart, "values.yaml"));

type Declared = { release: Release; chart?: string };

const fluxRelease = (set: FileSet, object: Rendered, local: string[]): Declared => {
  const { name, source, body } = object.written;
  const spec = recordOf(body.spec);
  const where = locationOf(source, source.node);
  const { chart } = recordOf(recordOf(recordOf(spec.chart).spec));
  const folder = local.find(
    (path) => typeof chart === "string" && chart.startsWith(".") && within(path, join("", chart) ?? "-"),
  );
  const opaque = list(spec.valuesFrom).map(() => ({
    opaque: `${where} takes values from elsewhere (valuesFrom)`,
  }));
  const namespace = String(spec.targetNamespace ?? namespaceOf(object) ?? "");
  const full = fullNames(
    String(spec.releaseName ?? name),
    chartName(set, folder) ?? lastPart(chart),
    spec.values,
  );
  return {
    ...(folder !== undefined && { chart: folder }),
    release: {
      ...{ kind: "HelmRelease", name, prefix: "", where, called: [nameOf(object), ...full] },
      ...(namespace !== "" && { namespace }),
      keys: (folder !== undefined && keysOf(set, folder)) || scaffold,
      values: [
        ...(folder === undefined ? [] : defaults(set, folder)),
        ...opaque,
        { object, keys: ["spec", "values"] },
      ],
    },
  };
};

/** One source of an Application: `keys` lead to it. */
type ArgoSource = { source: Record<string, unknown>; keys: Key[]; folder: string | undefined };

const argoReleases = (set: FileSet, object: Rendered, local: string[]): Declared[] => {
  const spec = recordOf(object.written.body.spec);
  const sources: [Record<string, unknown>, Key[]][] = [
    [recordOf(spec.source), ["spec", "source"]],
    ...list(spec.sources).map((source, index): [Record<string, unknown>, Key[]] => [
      source,
      ["spec", "sources", index],
    ]),
  ];
  return sources
    .map(([source, keys]) => ({ source, keys, folder: local.find((path) => path === source.path) }))
    .filter(
      ({ source, folder }) => source.helm !== undefined || source.chart !== undefined || folder !== undefined,
    )
    .map((source) => argoRelease(set, object, source));
};

const argoRelease = (set: FileSet, object: Rendered, { source, keys, folder }: ArgoSource): Declared => {
  const { name, source: file, body } = object.written;
  const { namespace } = recordOf(recordOf(body.spec).destination);
  const helm = recordOf(source.helm);
  const chart = chartName(set, folder) ?? lastPart(source.chart ?? source.path);
  return {
    ...(folder !== undefined && { chart: folder }),
    release: {
      ...{ kind: "Application", name, prefix: "", where: locationOf(file, file.node) },
      ...(typeof namespace === "string" && { namespace }),
      called: [name, ...fullNames(String(helm.releaseName ?? name), chart, recordOf(helm.valuesObject))],
      keys: (folder !== undefined && keysOf(set, folder)) || scaffold,
      values: argoValues(set, object, { source, keys, folder }),
    },
  };
};

/** The values of a source in the order in which Argo CD lets them win. */
const argoValues = (set: FileSet, object: Rendered, { source, keys, folder }: ArgoSource): Values[] => {
  const one = object.written;
  const where = locationOf(one.source, one.source.node);
  const helm = recordOf(source.helm);
  const at = [...keys, "helm"];
  const files = (Array.isArray(helm.valueFiles) ? helm.valueFiles : []).map(String);
  const isBlock = helm.valuesObject === undefined && typeof helm.values === "string";
  const isPatched = object.overrides.length > 0 && Array.isArray(helm.parameters);
  return [
    ...(folder === undefined ? [] : defaults(set, folder)),
    ...files.flatMap((file) => valueFile(set, file, folder ?? "", one)),
    ...(isBlock ? [{ opaque: `${where} has values in a block scalar (helm.values)` }] : []),
    { object, keys: [...at, "valuesObject"] },
    ...(isPatched ? [{ opaque: `${where} has parameters and is patched as well` }] : []),
    { parameters: one.source, keys: [...at, "parameters"] },
  ];
};

/** A file below the chart, or of another source (`$values/…`) that is this repository as far as it is here. */
const valueFile = (set: FileSet, file: string, folder: string, one: Written): Values[] => {
  const path = file.startsWith("$")
    ? file.split("/").slice(1).join("/")
    : file.startsWith("/")
      ? file.slice(1)
      : join(folder, file);
  const found = wholeFile(set, path);
  return found.length > 0
    ? found
    : [{ opaque: `${locationOf(one.source, one.source.node)} takes values from ${file}, which is not here` }];
};

/** A chart by itself: one release for each values file beside its own, or one with its own alone. */
const chartReleases = (set: FileSet, chart: string, path: string | undefined): Release[] => {
  const beside = [...set.files.keys()].filter(
    (file) =>
      folderOf(file) === chart &&
      /^values[._-].+\.ya?ml$/.test(file.slice(chart === "" ? 0 : chart.length + 1)),
  );
  const chosen = beside.filter((file) => file === path);
  const files = path === join(chart, "values.yaml") ? [] : chosen.length > 0 ? chosen : beside;
  const keys = keysOf(set, chart) ?? scaffold;
  const name = chartName(set, chart) ?? lastPart(chart) ?? "";
  const base = defaults(set, chart);
  const own = recordOf(valuesOf(base));
  const one = (extra: Values[], where: string): Release => ({
    ...{ kind: "Chart", name, prefix: "", where, keys },
    called: [name, ...fullNames(name, name, own)],
    values: [...base, ...extra],
  });
  const all =
    files.length === 0
      ? [one([], join(chart, "values.yaml") ?? "")]
      : files.map((file) => one(wholeFile(set, file), file));
  return [...all, ...dependencies(set, chart, all)];
};

/** The charts below `charts/`: their own values, then those of the chart above, below their name. */
const dependencies = (set: FileSet, chart: string, above: Release[]): Release[] => {
  const folder = join(chart, "charts") ?? "";
  const below = charts(set.files).filter((path) => folderOf(path) === folder);
  return below.flatMap((path) => {
    const keys = keysOf(set, path);
    const name = chartName(set, path) ?? lastPart(path) ?? "";
    return keys === undefined
      ? []
      : above.map((one) => ({
          ...one,
          ...{ name, keys, called: [name, ...one.called.map((parent) => `${parent}-${name}`)] },
          prefix: `${name}.`,
          values: [...defaults(set, path).map((values) => ({ ...values, own: `${name}.` })), ...one.values],
        }));
  });
};

const valuesOf = ([first]: Values[]): unknown => {
  if (!first || !("source" in first)) return undefined;
  const document = first.source.parsed.documents[0];
  return document && plain(document, document);
};

const chartName = (set: FileSet, folder: string | undefined): string | undefined => {
  if (folder === undefined) return undefined;
  const document = (
    set.parsed(join(folder, "Chart.yaml") ?? "") ?? set.parsed(join(folder, "Chart.yml") ?? "")
  )?.documents[0];
  const name = document && recordOf(plain(document, document)).name;
  return typeof name === "string" ? name : undefined;
};

const lastPart = (path: unknown): string | undefined =>
  typeof path === "string" ? path.split("/").filter(Boolean).at(-1) : undefined;

/** The scaffold's `fullname`: the override, or the release's name with the chart's unless it holds that already. */
const fullNames = (release: string, chart: string | undefined, values: unknown): string[] => {
  const { fullnameOverride, nameOverride } = recordOf(values);
  if (typeof fullnameOverride === "string" && fullnameOverride !== "") return [fullnameOverride];
  const name = typeof nameOverride === "string" && nameOverride !== "" ? nameOverride : (chart ?? release);
  return [release.includes(name) ? release : `${release}-${name}`, release];
};
