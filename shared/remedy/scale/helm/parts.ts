import { recordOf } from "../../../records.ts";
import { plain } from "../../../yaml/document.ts";
import { charts, type FileSet, folderOf, join } from "../manifests/file-set.ts";
import { list } from "../manifests/layers.ts";
import { keysOf, scaffold } from "./chart.ts";
import { appTemplate, type Convention, conventions } from "./conventions.ts";
import type { Release } from "./release.ts";
import { flatValues } from "./switches.ts";
import { chartName, defaults, lastPart } from "./value-files.ts";

/** A release before its keys are known: `title` is its chart's name. */
export type Declared = Omit<Release, "keys"> & { title: string };

/** The release with the keys of its chart, its dependencies beside it, and one for each part of a chart that many use. */
export const partsOf = (set: FileSet, { title, ...release }: Declared): Release[] => {
  const { chart } = release;
  if (chart === undefined)
    return known(title, release) ?? [{ ...release, keys: { ...scaffold, unseen: title } }];
  const keys = keysOf(set, chart);
  const below = dependenciesOf(set, chart);
  if (keys === undefined && below.length > 0)
    return below.flatMap((one) =>
      dependency(set, one, release).map((part) => ({ ...part, name: release.name })),
    );
  const own = keys ?? { ...scaffold, unseen: title };
  return [{ ...release, keys: own }, ...below.flatMap((one) => dependency(set, one, release))];
};

/** One release for each part of a chart in the table; undefined for any other chart. */
const known = (title: string, release: Omit<Release, "keys">): Release[] | undefined => {
  const parts =
    title === appTemplate.chart
      ? controllersOf(release)
      : conventions.find(({ charts: names }) => names.includes(title))?.parts;
  return parts?.map(({ suffix, keys }) => ({
    ...release,
    ...{ keys, called: suffix === "" ? release.called : release.called.map((name) => `${name}-${suffix}`) },
  }));
};

/** A part for each controller in the values; one alone is called as the release is. */
const controllersOf = (release: Omit<Release, "keys">): Convention["parts"] => {
  const values = new Map(flatValues(release));
  const said = new Set([...values.keys()].flatMap((path) => /^controllers\.([^.]+)\./.exec(path)?.[1] ?? []));
  const names = said.size === 0 ? ["main"] : [...said];
  const made = names.filter(
    (name) =>
      String(values.get(`controllers.${name}.enabled`)) !== "false" &&
      !/^(daemonset|cronjob|job)$/.test(String(values.get(`controllers.${name}.type`))),
  );
  return made.map((name) => ({
    suffix: made.length === 1 ? "" : name,
    keys: {
      replicas: `controllers.${name}.replicas`,
      scaler: "HorizontalPodAutoscaler",
      workload: values.get(`controllers.${name}.type`) === "statefulset" ? "StatefulSet" : "Deployment",
    },
  }));
};

type Dependency = { name: string; alias: string; folder?: string };

/** The charts below `charts/`, and those that `Chart.yaml` names only. */
const dependenciesOf = (set: FileSet, chart: string): Dependency[] => {
  const inside = charts(set.files)
    .filter((path) => folderOf(path) === join(chart, "charts"))
    .map((folder) => ({ folder, name: chartName(set, folder) ?? lastPart(folder) ?? "" }));
  const document = set.parsed(join(chart, "Chart.yaml") ?? "")?.documents[0];
  const named = list(document && recordOf(plain(document, document)).dependencies)
    .map(recordOf)
    .filter(({ name }) => typeof name === "string")
    .map(({ name, alias }) => ({ name: String(name), alias: String(alias ?? name) }));
  const alone = inside.filter(({ name }) => !named.some((one) => one.name === name));
  return [
    ...alone.map((one) => ({ ...one, alias: one.name })),
    ...named.map((one) => {
      const folder = inside.find(({ name }) => name === one.name)?.folder;
      return { ...one, ...(folder !== undefined && { folder }) };
    }),
  ];
};

/** A dependency: its own values, then those of the chart above, below its name. */
const dependency = (
  set: FileSet,
  { name, alias, folder }: Dependency,
  above: Omit<Release, "keys">,
): Release[] => {
  const prefix = `${above.prefix}${alias}.`;
  const own = folder === undefined ? [] : defaults(set, folder).map((values) => ({ ...values, own: prefix }));
  const release = {
    ...above,
    ...{ name: alias, prefix, called: [alias, ...above.called.map((parent) => `${parent}-${alias}`)] },
    values: [...own, ...above.values],
  };
  const keys = folder === undefined ? undefined : keysOf(set, folder);
  if (keys) return [{ ...release, keys }];
  if (folder !== undefined) return [];
  return known(name, release) ?? [{ ...release, keys: { ...scaffold, unseen: name } }];
};
