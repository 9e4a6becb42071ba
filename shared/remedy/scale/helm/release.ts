import { isMap, isSeq } from "yaml";
import { type Key, plain, type Source } from "../../../yaml/document.ts";
import { type Absent, type Found, locate } from "../../../yaml/locate.ts";
import { type Refused, refuse } from "../../../yaml/refused.ts";
import { type Element, inElement } from "../manifests/elements.ts";
import { effective, type Rendered } from "../manifests/rendered.ts";
import type { Keys } from "./chart.ts";

/** Values of one release, one source: a whole values file, a map in another, or Argo's list of parameters. */
export type Values =
  /** `own`: the source is the dependency's own, where this part of a path does not stand. */
  | { source: Source; keys: Key[]; own?: string }
  /** The value at `keys` of a cluster object, in the last layer that sets it. */
  | { object: Rendered; keys: Key[] }
  | { parameters: Source; keys: Key[]; element?: Element }
  /** Values by which the source may be overridden, and why that cannot be followed. */
  | { over: Values; reason: string }
  /** `at`: only the value of this path, and those below it. */
  | { opaque: string; at?: string };
/** A chart as it is released: its name, its values, and where they stand, the winning ones last. */
export type Release = {
  kind: "Chart" | "HelmRelease" | "Application";
  name: string;
  /** The namespace of its objects, and that of the HelmRelease or Application itself. */
  namespace?: string;
  own?: string;
  /** The possible names of the release's objects. */
  called: string[];
  where: string;
  /** The cluster object that declares it. */
  object?: Rendered;
  /** The folder of its chart, where that is here. */
  chart?: string;
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
    if ("opaque" in one) {
      if (concerns(one, path)) return refuse(one.opaque);
      continue;
    }
    const found = standing(one, path);
    if (!("absent" in found)) return found;
  }
  return { absent: true, offset: 0 };
};

const concerns = ({ at }: { at?: string }, path: string): boolean =>
  at === undefined || `${path}.`.startsWith(`${at}.`) || at.startsWith(`${path}.`);

const standing = (one: Exclude<Values, { opaque: string }>, path: string): Found | Absent | Refused => {
  if ("over" in one) return overridden(one, path);
  if ("parameters" in one) return parameter(one, path);
  if ("object" in one) return effective(one.object, [...one.keys, ...path.split(".")]);
  const { file, errors } = one.source.parsed;
  const wrong = errors.find(({ code }) => code !== "DUPLICATE_KEY");
  if (wrong) return refuse(`${file}:${wrong.line}: ${wrong.message}`);
  return locate(one.source, [...one.keys, ...below(path, one.own)]);
};

const below = (path: string, own = ""): string[] =>
  (path.startsWith(own) ? path.slice(own.length) : path).split(".");

const overridden = (
  { over, reason }: { over: Values; reason: string },
  path: string,
): Found | Absent | Refused => {
  const found = "opaque" in over ? refuse(over.opaque) : standing(over, path);
  return "absent" in found ? found : refuse(reason);
};

const parameter = (
  { parameters: source, keys, element }: { parameters: Source; keys: Key[]; element?: Element },
  path: string,
): Found | Absent | Refused => {
  const document = source.parsed.documents[source.document]!;
  const list = keys.reduce<unknown>(
    (node, key) => (isMap(node) || isSeq(node) ? node.get(key, true) : undefined),
    source.node,
  );
  const all = plain(list, document);
  const at = Array.isArray(all) ? all.findLastIndex((one) => one?.name === path) : -1;
  const found: Found | Absent | Refused =
    at < 0 ? { absent: true, offset: 0 } : locate(source, [...keys, at, "value"]);
  return element && "scalar" in found ? inElement(found, element) : found;
};
