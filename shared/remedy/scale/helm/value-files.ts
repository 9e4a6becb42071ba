import { recordOf } from "../../../records.ts";
import { plain } from "../../../yaml/document.ts";
import { type FileSet, join } from "../manifests/file-set.ts";
import type { Values } from "./release.ts";

/** The root of a values file. */
export const wholeFile = (set: FileSet, file: string | undefined): Values[] => {
  const parsed = file === undefined ? undefined : set.parsed(file);
  const node = parsed?.documents[0]?.contents;
  return parsed && node ? [{ source: { parsed, document: 0, keys: [], node }, keys: [] }] : [];
};

export const defaults = (set: FileSet, chart: string): Values[] => wholeFile(set, join(chart, "values.yaml"));

/** The plain values of a file. */
export const valuesOf = ([first]: Values[]): unknown => {
  if (!first || !("source" in first)) return undefined;
  const document = first.source.parsed.documents[0];
  return document && plain(document, document);
};

export const chartName = (set: FileSet, folder: string | undefined): string | undefined => {
  if (folder === undefined) return undefined;
  const document = (
    set.parsed(join(folder, "Chart.yaml") ?? "") ?? set.parsed(join(folder, "Chart.yml") ?? "")
  )?.documents[0];
  const name = document && recordOf(plain(document, document)).name;
  return typeof name === "string" ? name : undefined;
};

export const lastPart = (path: unknown): string | undefined =>
  typeof path === "string" ? path.split("/").filter(Boolean).at(-1) : undefined;

/** The scaffold's `fullname`: the override, or the release's name with the chart's unless it holds that already. */
export const fullNames = (release: string, chart: string | undefined, values: unknown): string[] => {
  const { fullnameOverride, nameOverride } = recordOf(values);
  if (typeof fullnameOverride === "string" && fullnameOverride !== "") return [fullnameOverride];
  const name = typeof nameOverride === "string" && nameOverride !== "" ? nameOverride : (chart ?? release);
  return [release.includes(name) ? release : `${release}-${name}`, release];
};
