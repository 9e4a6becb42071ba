import { isMap, isSeq } from "yaml";
import { isRecord, recordOf } from "../../../records.ts";
import { type Key, plain } from "../../../yaml/document.ts";
import type { Release, Values } from "./release.ts";

/**
 * The keys of a release's values by which a chart that is not here may scale itself: switches of an autoscaler that are on, and bounds
 * of one that has no switch.
 */
export const scalingKeys = ({ values, prefix }: Pick<Release, "values" | "prefix">): string[] => {
  const all = new Map(values.flatMap(entriesOf));
  const own = [...all].filter(([path]) => path.startsWith(prefix));
  const switches = own.filter(([path, value]) => isSwitch(path) && isOn(value)).map(([path]) => path);
  const bounds = own
    .map(([path]) => path)
    .filter(
      (path) => isBound(path) && !own.some(([other]) => isSwitch(other) && groupOf(other) === groupOf(path)),
    );
  return [...switches, ...bounds];
};

/** The values of a release by their dotted paths, those of later sources winning. */
export const flatValues = ({ values, prefix }: Pick<Release, "values" | "prefix">): [string, unknown][] =>
  [...new Map(values.flatMap(entriesOf))]
    .filter(([path]) => path.startsWith(prefix))
    .map(([path, value]) => [path.slice(prefix.length), value]);

/** `autoscaling`, `hpa`, `keda`, `scaledObject`, `horizontalPodAutoscaler`; none that sizes pods or counts nodes. */
const isGroup = (name: string): boolean =>
  /autoscal|hpa|keda|scaledobject/i.test(name) && !/vertical|vpa|cluster/i.test(name);
const groupOf = (path: string): string => path.split(".").slice(0, -1).join(".");

const isSwitch = (path: string): boolean => {
  const [last = "", above = ""] = path.split(".").reverse();
  const isWord = /^(enabled?|create|active|on)$/i.test(last);
  return isWord
    ? path.split(".").slice(0, -1).some(isGroup) && above !== ""
    : isGroup(last) && !isBound(path);
};
const isBound = (path: string): boolean => {
  const [last = ""] = path.split(".").reverse();
  return /^(min|max)_?(replicas?|replicacount)$|^autoscale(Min|Max)$/i.test(last) && isGroup(path);
};
/** A list of autoscalers turns them on as well. */
const isOn = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : /^(true|yes|on)$/i.test(String(value));

const entriesOf = (one: Values): [string, unknown][] => {
  if ("opaque" in one) return [];
  if ("over" in one) return [];
  if ("parameters" in one) {
    const list = atKeys(one.parameters.node, one.keys);
    const all =
      list === undefined ? [] : plain(list, one.parameters.parsed.documents[one.parameters.document]!);
    return (Array.isArray(all) ? all : []).map((entry) => [
      String(recordOf(entry).name),
      recordOf(entry).value,
    ]);
  }
  if ("source" in one) {
    const { source, keys, own = "" } = one;
    const body = plain(atKeys(source.node, keys), source.parsed.documents[source.document]!);
    return flattened(body, own.replace(/\.$/, ""));
  }
  const { written, overrides } = one.object;
  const sources = [written.source, ...overrides.flatMap((each) => ("source" in each ? [each.source] : []))];
  return sources.flatMap(({ node, parsed, document }) =>
    flattened(plain(atKeys(node, one.keys), parsed.documents[document]!), ""),
  );
};

const atKeys = (node: unknown, keys: Key[]): unknown =>
  keys.reduce<unknown>((at, key) => (isMap(at) || isSeq(at) ? at.get(key, true) : undefined), node);

const flattened = (value: unknown, path: string): [string, unknown][] =>
  isRecord(value)
    ? Object.entries(value).flatMap(([key, inner]) => flattened(inner, path === "" ? key : `${path}.${key}`))
    : [[path, value]];
