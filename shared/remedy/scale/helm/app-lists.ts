import { isMap, isSeq } from "yaml";
import { isRecord, recordOf } from "../../../records.ts";
import { type Key, plain, type Source } from "../../../yaml/document.ts";
import { locationOf } from "../../../yaml/locate.ts";
import { charts, type FileSet, folderOf, join, within } from "../manifests/file-set.ts";
import { scaffold } from "./chart.ts";
import { besideValues } from "./local-charts.ts";
import type { Release, Values } from "./release.ts";
import { scalingKeys } from "./switches.ts";
import { chartName, defaults, fullNames, lastPart, wholeFile } from "./value-files.ts";

/** A template that makes an Application for each entry of a list in the values, and the keys by which it takes an entry's values. */
type Maker = { chart: string; list: Key[]; text: string };

/** The applications that charts make from lists in their values (app of apps), by the values files of each environment. */
export const listedApplications = (set: FileSet): Release[] =>
  makersIn(set).flatMap((maker) => {
    const own = join(maker.chart, "values.yaml") ?? "";
    const beside = besideValues(set, maker.chart);
    return [own, ...beside]
      .filter((file) => set.relevant(file))
      .flatMap((file) => entriesIn(set, maker, file, file === own ? beside : []));
  });

const makersIn = (set: FileSet): Maker[] => {
  const templates = [...set.files].filter(
    ([file, text]) => file.includes("templates/") && /^kind: Application\b/m.test(text),
  );
  return charts(set.files).flatMap((chart) =>
    templates.flatMap(([file, text]): Maker[] => {
      if (!within(join(chart, "templates") ?? "", folderOf(file))) return [];
      const list = /\{\{-?\s*range\s+(?:\$\w+\s*(?:,\s*\$\w+\s*)?:=\s*)?\$?\.Values\.([\w.]+)/.exec(
        text,
      )?.[1];
      return list === undefined ? [] : [{ chart, list: list.split("."), text }];
    }),
  );
};

const entriesIn = (set: FileSet, maker: Maker, file: string, environments: string[]): Release[] =>
  wholeFile(set, file).flatMap((one) => {
    if (!("source" in one)) return [];
    const { source } = one;
    const all = plain(entryNode(source, maker.list), source.parsed.documents[source.document]!);
    const entries: [Key, unknown][] = Array.isArray(all) ? [...all.entries()] : Object.entries(recordOf(all));
    return entries.flatMap(([key, body]) =>
      isRecord(body) ? release(set, maker, { source, key, body, environments }) : [],
    );
  });

type Entry = { source: Source; key: Key; body: Record<string, unknown>; environments: string[] };

/** Keys of an entry that charts hand on as the values of its application. */
const valueKeys: Key[][] = [
  ["helmValues"],
  ["helm", "valuesObject"],
  ["helm", "values"],
  ["valuesObject"],
  ["values"],
];

const release = (set: FileSet, maker: Maker, { source, key, body, environments }: Entry): Release[] => {
  const name = String(typeof key === "string" ? (body.name ?? key) : (body.name ?? ""));
  const below = valueKeys.find(
    (keys) =>
      maker.text.includes(`.${keys.join(".")}`) &&
      isRecord(keys.reduce<unknown>((at, step) => recordOf(at)[step], body)),
  );
  if (name === "" || below === undefined) return [];
  const where = locationOf(source, entryNode(source, [...maker.list, key]));
  const chart = chartOf(set, maker, body);
  const title = chartName(set, chart) ?? lastPart(chart) ?? name;
  const { namespace } = body;
  const base = environments.slice(0, 3).join(", ");
  const scaling = chart === undefined ? [] : scalingKeys({ values: defaults(set, chart), prefix: "" });
  const values: Values[] = [
    { source, keys: [...maker.list, key, ...below] },
    ...(base === "" ? [] : [{ opaque: `${where} is the base of ${base}: set it there first` }]),
    ...(scaling.length === 0
      ? []
      : [
          {
            opaque: `${where}: ${chart} scales ${name} by ${scaling.slice(0, 3).join(", ")} in its own values`,
          },
        ]),
  ];
  return [
    {
      ...{ kind: "Application" as const, name, where, prefix: "", values },
      ...(typeof namespace === "string" && { namespace }),
      called: [...new Set([name, ...fullNames(name, title, undefined)])],
      keys: { ...scaffold, unseen: title },
    },
  ];
};

const entryNode = (source: Source, keys: Key[]): unknown =>
  keys.reduce<unknown>((at, key) => (isMap(at) || isSeq(at) ? at.get(key, true) : undefined), source.node);

/** The chart here that the entry, or else the template, names by its path. */
const chartOf = (set: FileSet, { text }: Maker, body: Record<string, unknown>): string | undefined => {
  const local = charts(set.files);
  const said = Object.values(body).find((value) => local.includes(String(value)));
  return said === undefined ? local.find((path) => text.includes(`"${path}"`)) : String(said);
};
