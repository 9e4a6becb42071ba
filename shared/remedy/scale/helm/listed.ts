import { recordOf } from "../../../records.ts";
import { type Key, plain, type Source } from "../../../yaml/document.ts";
import { locationOf } from "../../../yaml/locate.ts";
import { charts, type FileSet, folderOf, isYaml, join } from "../manifests/file-set.ts";
import { list, texts } from "../manifests/layers.ts";
import { partsOf } from "./parts.ts";
import type { Release, Values } from "./release.ts";
import { chartName, defaults, fullNames, lastPart, wholeFile } from "./value-files.ts";

/** An entry of a list of releases: where it stands, and the keys that lead to it. */
type Entry = { source: Source; keys: Key[]; body: Record<string, unknown> };

/** The releases of helmfiles, and those that a kustomization inflates (`helmCharts`, HelmChartInflationGenerator). */
export const listedReleases = (set: FileSet): Release[] =>
  [...set.files.keys()].flatMap((file) => {
    if (!isYaml(file) || !listing.test(set.files.get(file) ?? "") || !set.relevant(file)) return [];
    const parsed = set.parsed(file);
    if (!parsed) return [];
    return parsed.documents.flatMap((document, index) => {
      const source: Source = { parsed, document: index, keys: [], node: document.contents };
      const body = recordOf(plain(document, document));
      const entries = (field: string): Entry[] =>
        list(body[field]).map((one, at) => ({ source, keys: [field, at], body: recordOf(one) }));
      if (isHelmfile(file)) return entries("releases").flatMap((one) => ofHelmfile(set, one));
      if (body.kind === "HelmChartInflationGenerator") return inflated(set, { source, keys: [], body });
      const isPatched = list(body.patches).length + list(body.replicas).length > 0;
      return entries("helmCharts").flatMap((one) => inflated(set, one, isPatched));
    });
  });

const listing = /^(releases|helmCharts):|\bHelmChartInflationGenerator\b/m;
const isHelmfile = (file: string): boolean => /(^|\/)helmfile[^/]*\.ya?ml$|(^|\/)helmfile\.d\//.test(file);

const made = (
  set: FileSet,
  entry: Entry,
  given: { name: string; chart: string; values: Values[] },
): Release[] => {
  const { source, body } = entry;
  const folder = join(folderOf(source.parsed.file), given.chart);
  const local = folder !== undefined && charts(set.files).includes(folder) ? folder : undefined;
  const chart = chartName(set, local) ?? lastPart(given.chart) ?? "";
  const { namespace } = body;
  return partsOf(set, {
    ...{ kind: "Chart", name: given.name, title: chart, prefix: "", where: locationOf(source, source.node) },
    ...(typeof namespace === "string" && { namespace }),
    ...(local !== undefined && { chart: local }),
    called: [...new Set(fullNames(given.name, chart, undefined))],
    values: [...(local === undefined ? [] : defaults(set, local)), ...given.values],
  });
};

const ofHelmfile = (set: FileSet, entry: Entry): Release[] => {
  const { source, keys, body } = entry;
  const values = list(body.values).flatMap((one, at): Values[] =>
    typeof one === "string" ? valuesIn(set, source, one) : [{ source, keys: [...keys, "values", at] }],
  );
  const given: Values[] = [...values, { parameters: source, keys: [...keys, "set"] }];
  return typeof body.name === "string" && typeof body.chart === "string"
    ? made(set, entry, { name: body.name, chart: body.chart, values: given })
    : [];
};

/** `isPatched`: the kustomization changes what the chart makes, in ways that are not told apart from it. */
const inflated = (set: FileSet, entry: Entry, isPatched = false): Release[] => {
  const { source, keys, body } = entry;
  const { name, releaseName = name, valuesFile } = body;
  if (typeof name !== "string") return [];
  const files = [...texts([valuesFile]), ...texts(body.additionalValuesFiles)];
  const values: Values[] = [
    ...files.flatMap((file) => valuesIn(set, source, file)),
    { source, keys: [...keys, "valuesInline"] },
    ...(isPatched
      ? [{ opaque: `${locationOf(source, source.node)} patches what the chart ${name} makes` }]
      : []),
  ];
  return made(set, entry, { name: String(releaseName), chart: name, values });
};

const valuesIn = (set: FileSet, source: Source, file: string): Values[] => {
  const found = file.includes("{{") ? [] : wholeFile(set, join(folderOf(source.parsed.file), file));
  return found.length > 0
    ? found
    : [{ opaque: `${locationOf(source, source.node)} takes values from ${file}, which cannot be read here` }];
};
