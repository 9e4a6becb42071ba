import { recordOf } from "../../../records.ts";
import { type FileSet, folderOf, join } from "../manifests/file-set.ts";
import { partsOf } from "./parts.ts";
import type { Release, Values } from "./release.ts";
import { chartName, defaults, fullNames, lastPart, valuesOf, wholeFile } from "./value-files.ts";

/** A chart by itself: one release for each values file beside its own, or one with its own alone. */
export const chartReleases = (set: FileSet, chart: string, path: string | undefined): Release[] => {
  const beside = besideValues(set, chart);
  const chosen = beside.filter((file) => file === path);
  const files = path === join(chart, "values.yaml") ? [] : chosen.length > 0 ? chosen : beside;
  const name = chartName(set, chart) ?? lastPart(chart) ?? "";
  const base = defaults(set, chart);
  const own = recordOf(valuesOf(base));
  const one = (extra: Values[], where: string): Release[] =>
    partsOf(set, {
      ...{ kind: "Chart", name, title: name, prefix: "", where, chart },
      called: [...new Set([name, ...fullNames(name, name, own)])],
      values: [...base, ...extra],
    });
  return files.length === 0
    ? one([], join(chart, "values.yaml") ?? "")
    : files.flatMap((file) => one(wholeFile(set, file), file));
};

/** The values files beside a chart's own. */
export const besideValues = (set: FileSet, chart: string): string[] =>
  [...set.files.keys()].filter(
    (file) =>
      folderOf(file) === chart &&
      /^values[._-].+\.ya?ml$/.test(file.slice(chart === "" ? 0 : chart.length + 1)),
  );
