import { isPair, isScalar, isSeq, type Scalar, visit, type YAMLMap } from "yaml";
import type { Key, Parsed, Source } from "../../../yaml/document.ts";
import { locate } from "../../../yaml/locate.ts";
import { textAt } from "../../../yaml/nodes.ts";
import { isRefused, type Refused, refuse } from "../../../yaml/refused.ts";
import { type FileSet, isYaml, within } from "../manifests/file-set.ts";
import type { Ask, Target } from "../model.ts";
import { differences, type ValueLocation, valueLocationOf } from "../value-edit.ts";

type Bounded = { location: ValueLocation; min?: number; max?: number };
export type NodeGroup = Bounded & { kind: string; name: string; notes: string[] };

/**
 * The bound of a node group in the autoscaler's own configuration, for `ClusterAutoscaler/-/GROUP`: the flag `--nodes=MIN:MAX:GROUP` of a container
 * or within a ConfigMap, or `autoscalingGroups` of the chart's values. https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md
 */
export const clusterAutoscaler = (set: FileSet, { name }: Target, ask: Ask): NodeGroup | Refused => {
  const { field } = ask;
  if (field !== "min" && field !== "max")
    return refuse("a node group of Cluster Autoscaler has a --min and a --max, and no other value");
  const files = [...set.files.keys()].filter((file) => isYaml(file) && within(ask.path ?? "", file));
  const found = files
    .filter((file) => set.files.get(file)?.includes(name))
    .flatMap((file) => groupsIn(set, file, { name, field }));
  const [one, another] = found;
  if (one === undefined) return unknown(set, files, name);
  if (another !== undefined) {
    const places = found.map((each) => (isRefused(each) ? each.refused : placeOf(each.location)));
    return refuse(`two owners: ${places.join(" and ")} both bound ${name}; say which with --path`);
  }
  if (isRefused(one)) return one;
  const notes = [`the group's own ${field}imum at the cloud must allow it too`];
  return { ...one, kind: "ClusterAutoscaler", name, notes };
};

const placeOf = ({ file, line }: ValueLocation): string => `${file}:${line}`;

type Wanted = { name: string; field: "min" | "max" };

const groupsIn = (set: FileSet, file: string, wanted: Wanted): (Bounded | Refused)[] => {
  const parsed = set.parsed(file);
  if (parsed === undefined) return [];
  const [wrong] = parsed.errors;
  if (wrong !== undefined) return [refuse(`${file}:${wrong.line}: ${wrong.message}`)];
  return parsed.documents.flatMap((document, index) => [
    ...flagsIn(parsed, document, wanted),
    ...chartGroupsIn(parsed, index, wanted),
  ]);
};

const flagsIn = (parsed: Parsed, document: Parsed["documents"][number], wanted: Wanted): Bounded[] => {
  const found: Bounded[] = [];
  visit(document, {
    Scalar: (key, node, path) => {
      if (key === "key" || typeof node.value !== "string") return;
      const holder = path.at(-1);
      const before = isSeq(holder) && typeof key === "number" ? holder.items[key - 1] : undefined;
      const isFlag = isScalar(before) && /^--?nodes$/.test(String(before.value));
      found.push(...boundsIn(parsed, node, { ...wanted, isFlag }));
    },
  });
  return found;
};

const escaped = (name: string): string => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** The group may be named by a whole address, whose last part is its name. Lines that are comments of a script within a ConfigMap do not count. */
const patternOf = (name: string, isFlag: boolean): RegExp =>
  new RegExp(
    `${isFlag ? "^[\"']?" : "(?<=^[^#\\n]*)(?<![\\w-])--?nodes[=\\s][\"']?"}(\\d+):(\\d+):(?:[^\\s"']*/)?${escaped(name)}(?![\\w./-])`,
    "dgm",
  );

const boundsIn = (
  parsed: Parsed,
  scalar: Scalar,
  { name, field, isFlag }: Wanted & { isFlag: boolean },
): Bounded[] => {
  const [from, to] = scalar.range ?? [0, 0];
  return [...parsed.text.slice(from, to).matchAll(patternOf(name, isFlag))].flatMap((match) => {
    const [at] = [match.indices?.[field === "min" ? 1 : 2]];
    if (at === undefined) return [];
    const [min = "", max = ""] = match.slice(1);
    const position = from + at[0];
    const location: ValueLocation = {
      ...{ file: parsed.file, line: parsed.lineOf(position), path: `--nodes ${field}`, quote: "" },
      ...{ value: field === "min" ? min : max },
      ...{ start: position + parsed.skipped, end: from + at[1] + parsed.skipped },
      verifyEdit: (before, after, value) =>
        onlyBound(parsed.file, [before, after], [match[0], edited(match[0], field, value)]),
    };
    return [{ location, ...(field === "min" ? { max: Number(max) } : { min: Number(min) }) }];
  });
};

const edited = (flag: string, field: "min" | "max", value: string): string =>
  flag.replace(/(\d+):(\d+):/, (_, min: string, max: string) =>
    field === "min" ? `${value}:${max}:` : `${min}:${value}:`,
  );

/** Says what is wrong, if more than the flag would change. */
const onlyBound = (
  file: string,
  [before, after]: [string, string],
  [flag, wanted]: [string, string],
): string | undefined => {
  const changed = differences(file, before, after);
  if ("wrong" in changed) return changed.wrong;
  const [only, another] = changed.paths;
  // The pattern takes the quote of a scalar with it.
  const [was, now] = [flag, wanted].map((text) => text.replace(/^["']/, ""));
  const isOnly = another === undefined && String(only?.was).replace(was ?? "", () => now ?? "") === only?.now;
  return isOnly ? undefined : `more than the flag of ${file} would change`;
};

/** `autoscalingGroups` of the chart, wherever its values stand. */
const chartGroupsIn = (parsed: Parsed, document: number, wanted: Wanted): (Bounded | Refused)[] => {
  const found: (Bounded | Refused)[] = [];
  visit(parsed.documents[document] ?? null, {
    Map: (_, node, path) => {
      const [pair, list] = path.slice(-2);
      const isGroup = isSeq(list) && isPair(pair) && String(pair.key) === "autoscalingGroups";
      if (!isGroup || textAt(node, "name") !== wanted.name) return;
      found.push(...sizeOf({ parsed, document, keys: keysTo([...path, node]), node }, node, wanted));
    },
  });
  return found;
};

const sizeOf = (source: Source, group: YAMLMap, { field }: Wanted): (Bounded | Refused)[] => {
  const found = locate(source, [`${field}Size`]);
  if ("absent" in found) return [];
  const location = isRefused(found) ? found : valueLocationOf(found);
  if (isRefused(location)) return [location];
  const other = field === "min" ? "max" : "min";
  const beside = Number(group.get(`${other}Size`));
  return [{ location, ...(Number.isSafeInteger(beside) && { [other]: beside }) }];
};

/** The keys and indexes that lead through these nodes. */
const keysTo = (nodes: readonly unknown[]): Key[] =>
  nodes.flatMap((node, at): Key[] => {
    if (isPair(node)) return [String(node.key)];
    return isSeq(node) ? [node.items.indexOf(nodes[at + 1])] : [];
  });

const unknown = (set: FileSet, files: string[], name: string): Refused => {
  const has = (pattern: RegExp) => files.find((file) => pattern.test(set.files.get(file) ?? ""));
  const discovering = has(/--?node-group-auto-discovery|^\s*autoDiscovery:/m);
  if (discovering !== undefined)
    return refuse(
      `${discovering}: the autoscaler discovers its node groups, so the limit of ${name} is that of the group itself, as in Terraform/-/aws_autoscaling_group.NAME`,
    );
  const status = files.find((file) => /cluster-autoscaler-status/.test(set.files.get(file) ?? ""));
  if (status !== undefined)
    return refuse(`${status}: cluster-autoscaler-status is written by the autoscaler, and sets no limit`);
  return refuse(`there is no node group ${name} in --nodes or autoscalingGroups here`);
};
