import { isMap } from "yaml";
import { matchesGlob } from "../../../policy/globs.ts";
import { recordOf } from "../../../records.ts";
import type { Key, Written } from "../../../yaml/document.ts";
import { locationOf } from "../../../yaml/locate.ts";
import { isRefused } from "../../../yaml/refused.ts";
import { sameNamespace } from "../manifests/cluster.ts";
import { type Element, elementsOf, filledIn } from "../manifests/elements.ts";
import { insideScalar } from "../manifests/embedded-block.ts";
import { type FileSet, folderOf, isYaml, join, within } from "../manifests/file-set.ts";
import { list } from "../manifests/layers.ts";
import { effective, nameOf, namespaceOf, type Rendered, titleOf } from "../manifests/rendered.ts";
import { partsOf } from "./parts.ts";
import type { Release, Values } from "./release.ts";
import { chartName, defaults, fullNames, lastPart, wholeFile } from "./value-files.ts";
import { valuesFrom } from "./values-from.ts";

/** The releases of a HelmRelease. `local` are the folders of charts. */
export const fluxReleases = (set: FileSet, object: Rendered, local: string[]): Release[] => {
  const { name, source, body } = object.written;
  const spec = recordOf(body.spec);
  const where = locationOf(source, source.node);
  const { chart = referredChart(set, object) } = recordOf(recordOf(spec.chart).spec);
  const folder = local.find(
    (path) => typeof chart === "string" && chart.startsWith(".") && within(path, join("", chart) ?? "-"),
  );
  const namespace = String(spec.targetNamespace ?? namespaceOf(object) ?? "");
  const full = fullNames(
    String(spec.releaseName ?? name),
    chartName(set, folder) ?? lastPart(chart),
    spec.values,
  );
  return partsOf(set, {
    ...{ kind: "HelmRelease", name: nameOf(object), prefix: "", where, object, called: full },
    ...{ title: chartName(set, folder) ?? lastPart(chart) ?? "", ...namespaces(object, namespace) },
    ...(folder !== undefined && { chart: folder }),
    values: [
      ...(folder === undefined ? [] : defaults(set, folder)),
      ...valuesFrom(set, object),
      { object, keys: ["spec", "values"] },
    ],
  });
};

/** The chart that `chartRef` means: the end of the OCIRepository's address, or the chart of a HelmChart. */
const referredChart = (set: FileSet, object: Rendered): string | undefined => {
  const {
    kind,
    name,
    namespace = namespaceOf(object),
  } = recordOf(recordOf(object.written.body.spec).chartRef);
  if (typeof kind !== "string" || typeof name !== "string") return undefined;
  const found = [...set.files]
    .filter(([file, text]) => isYaml(file) && text.includes(`kind: ${kind}`) && text.includes(name))
    .flatMap(([file]) => set.objects(file))
    .filter(
      (one) => one.kind === kind && one.name === name && sameNamespace(one.namespace, optional(namespace)),
    );
  const near = found.find(({ source }) => isBeside(source.parsed.file, object)) ?? found[0];
  const { url, chart } = recordOf(near?.body.spec);
  if (typeof chart === "string") return chart;
  return typeof url === "string" ? lastPart(url) : name;
};

const optional = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
const isBeside = (file: string, { written }: Rendered): boolean =>
  folderOf(file) === folderOf(written.source.parsed.file);

const namespaces = (object: Rendered, namespace: string | undefined) => {
  const own = namespaceOf(object);
  return { ...(namespace && { namespace }), ...(own !== undefined && { own }) };
};

/** One source of an Application: `keys` lead to it. */
type ArgoSource = { source: Record<string, unknown>; keys: Key[]; folder: string | undefined };

/** The releases of an Application, one or more a source. */
export const argoReleases = (set: FileSet, object: Rendered, local: string[]): Release[] =>
  sourcesOf(object, local, ["spec"])
    .filter(
      ({ source, folder }) => source.helm !== undefined || source.chart !== undefined || folder !== undefined,
    )
    .flatMap((source) => argoRelease(set, object, source));

/** The releases of an ApplicationSet whose template has values for a chart: one or more for each element that can be read here. */
export const elementReleases = (set: FileSet, object: Rendered, local: string[]): Release[] =>
  (elementsOf(set, { ...object, title: titleOf(object) }) ?? []).flatMap((element) =>
    sourcesOf(object, local, inTemplate, element)
      .filter(({ source }) => source.helm !== undefined)
      .flatMap((source) => argoRelease(set, { ...object, element }, source)),
  );

/** The values that an ApplicationSet with other generators puts over those of a local chart. */
export const unreadValues = (set: FileSet, object: Rendered, chart: string): Values[] => {
  if (elementsOf(set, { ...object, title: titleOf(object) }) !== undefined) return [];
  const reason = `${titleOf(object)} (${object.written.source.parsed.file}) sets it for every application that it makes (${locationOf(object.written.source, object.written.source.node)})`;
  return sourcesOf(object, [], inTemplate)
    .filter(({ source }) => matchesGlob(chart, String(source.path).replace(/\{\{[^{}]*\}\}/g, "*")))
    .flatMap(({ keys }): Values[] => [
      { over: { object, keys: [...keys, "helm", "valuesObject"] }, reason },
      { over: { parameters: object.written.source, keys: [...keys, "helm", "parameters"] }, reason },
    ]);
};

const inTemplate: Key[] = ["spec", "template", "spec"];

const sourcesOf = (object: Rendered, local: string[], head: Key[], element?: Element): ArgoSource[] => {
  const spec = head.reduce<Record<string, unknown>>((body, key) => recordOf(body[key]), object.written.body);
  const sources: [unknown, Key[]][] = [
    [spec.source, [...head, "source"]],
    ...list(spec.sources).map((source, at): [unknown, Key[]] => [source, [...head, "sources", at]]),
  ];
  return sources.map(([given, keys]) => {
    const source = recordOf(element ? filledIn(given, element) : given);
    return { source, keys, folder: local.find((path) => path === join("", String(source.path ?? "-"))) };
  });
};

const argoRelease = (set: FileSet, object: Rendered, { source, keys, folder }: ArgoSource): Release[] => {
  const { source: file, body } = object.written;
  const { element } = object;
  const made = recordOf(element ? filledIn(recordOf(body.spec).template, element) : body);
  const name = String(recordOf(made.metadata).name);
  const { namespace } = recordOf(recordOf(made.spec).destination);
  const helm = recordOf(source.helm);
  const chart = chartName(set, folder) ?? lastPart(source.chart ?? source.path);
  const release = String(helm.releaseName ?? name);
  return partsOf(set, {
    ...{
      kind: "Application",
      name,
      prefix: "",
      where: element?.where ?? locationOf(file, file.node),
      object,
    },
    ...{ title: chart ?? "", ...namespaces(object, typeof namespace === "string" ? namespace : undefined) },
    ...(folder !== undefined && { chart: folder }),
    called: [...new Set([release, ...fullNames(release, chart, recordOf(helm.valuesObject))])],
    values: argoValues(set, object, { source, keys, folder }),
  });
};

/** The values of a source in the order in which Argo CD lets them win. */
const argoValues = (set: FileSet, object: Rendered, { source, keys, folder }: ArgoSource): Values[] => {
  const { written: one, element } = object;
  const where = locationOf(one.source, one.source.node);
  const helm = recordOf(source.helm);
  const at = [...keys, "helm"];
  const files = (Array.isArray(helm.valueFiles) ? helm.valueFiles : []).map(String);
  const isPatched = object.overrides.length > 0 && Array.isArray(helm.parameters);
  return [
    ...(folder === undefined ? [] : defaults(set, folder)),
    ...files.flatMap((file) => valueFile(set, file, folder ?? "", one)),
    ...(helm.valuesObject === undefined ? blockValues(object, [...at, "values"]) : []),
    { object, keys: [...at, "valuesObject"] },
    ...(isPatched ? [{ opaque: `${where} has parameters and is patched as well` }] : []),
    { parameters: one.source, keys: [...at, "parameters"], ...(element && { element }) },
    ...["", `-${one.name}`].flatMap((suffix) => besideParameters(set, folder, suffix)),
  ];
};

/** The parameters of `.argocd-source.yaml` and `.argocd-source-NAME.yaml` in the chart's folder, which win. */
const besideParameters = (set: FileSet, folder: string | undefined, suffix: string): Values[] =>
  folder === undefined
    ? []
    : wholeFile(set, join(folder, `.argocd-source${suffix}.yaml`)).flatMap((one) =>
        "source" in one ? [{ parameters: one.source, keys: ["helm", "parameters"] }] : [],
      );

/** The values that Argo CD takes as a text: those in a literal block, else why they cannot be followed. */
const blockValues = (object: Rendered, keys: Key[]): Values[] => {
  const found = effective(object, keys);
  if ("absent" in found) return [];
  const inside = isRefused(found) ? found : insideScalar(found);
  if (isRefused(inside)) return [{ opaque: inside.refused }];
  return inside.flatMap((source) => (isMap(source.node) ? [{ source, keys: [] }] : []));
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
