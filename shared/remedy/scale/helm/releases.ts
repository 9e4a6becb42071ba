import { charts, type FileSet, join, within } from "../manifests/file-set.ts";
import type { Rendered } from "../manifests/rendered.ts";
import { listedApplications } from "./app-lists.ts";
import { argoReleases, elementReleases, fluxReleases, unreadValues } from "./declared.ts";
import { listedReleases } from "./listed.ts";
import { chartReleases } from "./local-charts.ts";
import type { Release } from "./release.ts";

/** Every release there is: HelmReleases and Argo applications, and charts that none of them uses. */
export const releases = (set: FileSet, objects: Rendered[], path: string | undefined): Release[] => {
  const local = charts(set.files);
  const flux = objects.filter(
    ({ written: { kind, group } }) => kind === "HelmRelease" && group === "helm.toolkit.fluxcd.io",
  );
  const argo = objects.filter(
    ({ written: { kind, group } }) => kind === "Application" && group === "argoproj.io",
  );
  const sets = objects.filter(
    ({ written: { kind, group } }) => kind === "ApplicationSet" && group === "argoproj.io",
  );
  const declared = [
    ...flux.flatMap((one) => fluxReleases(set, one, local)),
    ...argo.flatMap((one) => argoReleases(set, one, local)),
    ...sets.flatMap((one) => elementReleases(set, one, local)),
    ...listedReleases(set),
    ...listedApplications(set),
  ];
  const used = new Set(declared.flatMap(({ chart }) => (chart === undefined ? [] : [chart])));
  const below = new Map(local.map((chart) => [chart, join(chart, "charts") ?? ""]));
  const alone = local.filter(
    (chart) =>
      !used.has(chart) && !local.some((other) => other !== chart && within(below.get(other) ?? "", chart)),
  );
  const all = [
    ...declared,
    ...alone.flatMap((chart) => unread(set, sets, chartReleases(set, chart, path), chart)),
  ];
  const inside = all.filter((one) => isWithin(one, path ?? ""));
  return inside.length > 0 ? inside : all;
};

/** The releases of a chart with the values of ApplicationSets over them that cannot be told. */
const unread = (set: FileSet, sets: Rendered[], made: Release[], chart: string): Release[] => {
  const over = sets.flatMap((one) => unreadValues(set, one, chart));
  return over.length === 0 ? made : made.map((one) => ({ ...one, values: [...one.values, ...over] }));
};

/** Whether the release or a value of it stands below the path. */
const isWithin = ({ where, values }: Release, path: string): boolean =>
  within(path, where.replace(/:\d+$/, "")) ||
  values.some((one) => "source" in one && within(path, one.source.parsed.file));
