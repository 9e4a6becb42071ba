import { isMap, isSeq } from "yaml";
import { recordOf } from "../../../records.ts";
import { plain, type Source, type Written } from "../../../yaml/document.ts";
import {
  type Absent,
  type Found,
  locate,
  locationOf,
  type Step,
  type Variable,
} from "../../../yaml/locate.ts";
import { isRefused, type Refused, refuse } from "../../../yaml/refused.ts";
import { type Element, inElement } from "./elements.ts";

/** An override of an object by a layer above it, in the order of application. */
export type Override =
  | { kind: "merge"; source: Source }
  | { kind: "operations"; source: Source }
  | { kind: "count"; source: Source; steps: Step[] }
  /** `paths`: only these fields. `within`: only where that override sets the field. */
  | { kind: "unreadable"; reason: string; paths?: string[]; within?: Override };

/** An object as its root applies it: every name and namespace it has had on the way, the last one what it is called. */
export type Rendered = {
  written: Written;
  /** The id of the root that applies it: a kustomization's folder, or a deployer; none for a file that is applied as it stands. */
  root?: string;
  names: string[];
  namespaces: string[];
  overrides: Override[];
  /** The base in another repository that it comes from. */
  remote?: string;
  /** The Flux Kustomization whose variables are put in at the end. */
  variables?: Rendered;
  /** The element of an ApplicationSet whose parameters are put in. */
  element?: Element;
  /** The keys of maps that kustomizations over it make of files (`configMapGenerator`), in the order of application. */
  generated?: Generated[];
  /** The maps of its `substituteFrom`, where it is one; a later one counts more. */
  settings?: Settings[];
};

/** A key of a generated ConfigMap and the file that it is made of: no file for a literal, and no key where the keys cannot be told. */
export type Generated = { map: string; key?: string; file?: string };

/** A map of variables: its data, where it is here once and nothing patches it. */
export type Settings = { title: string; secret: boolean; data?: Source };
/** A value, and the variable by which it comes there. */
export type Effective = Found & { variable?: Variable };

export const nameOf = ({ names }: Rendered): string => names.at(-1) ?? "";
export const namespaceOf = ({ namespaces }: Rendered): string | undefined => namespaces.at(-1);
export const titleOf = (one: Rendered): string =>
  `${one.written.kind} ${[namespaceOf(one), nameOf(one)].filter(Boolean).join("/")}`;

/** Finds the value at `steps` of the object, in the last layer that sets it. */
export const effective = (one: Rendered, steps: Step[]): Effective | Absent | Refused => {
  const layer = layered(one, steps);
  const found = one.element && "scalar" in layer ? inElement(layer, one.element) : layer;
  return one.variables && "scalar" in found ? substituted(found, one.variables) : found;
};

const layered = (one: Rendered, steps: Step[]): Found | Absent | Refused => {
  for (const override of one.overrides.toReversed()) {
    const found = locateInOverride(override, steps, one);
    if (found !== undefined) return found;
  }
  return locate(one.written.source, steps);
};

/** Whether a layer above the object sets this field or what holds it. */
export const setsField = (one: Rendered, steps: Step[]): boolean =>
  one.overrides.some((override) => locateInOverride(override, steps, one) !== undefined);

const locateInOverride = (
  override: Override,
  steps: Step[],
  one: Rendered,
): Found | Absent | Refused | undefined => {
  if (override.kind === "unreadable") return unreadable(override, steps, one);
  if (override.kind === "operations") return operated(override.source, steps, one);
  if (override.kind === "count")
    return steps.join(".") === "spec.replicas" ? locate(override.source, override.steps) : undefined;
  const found = locate(override.source, steps);
  return "absent" in found ? undefined : found;
};

const unreadable = (
  { reason, paths, within }: Extract<Override, { kind: "unreadable" }>,
  steps: Step[],
  one: Rendered,
): Refused | undefined => {
  const field = indexed(one.written.body, steps).join(".");
  if (paths && !paths.some((path) => field === path || field.startsWith(`${path}.`))) return undefined;
  if (within && locateInOverride(within, steps, one) === undefined) return undefined;
  return refuse(reason);
};

/** The variable of a Flux Kustomization in the place of `${NAME}` or `${NAME:=default}`; a default alone stays templated. */
const substituted = (found: Found, deployer: Rendered): Effective | Refused => {
  const name = /^\$\{(\w+)(?:(?::?=|:?-)[^{}]*)?\}$/.exec(String(found.scalar.value))?.[1];
  if (name === undefined) return found;
  const variable = { name, at: locationOf(found.source, found.scalar) };
  const inline = effective(deployer, ["spec", "postBuild", "substitute", name]);
  const set = "absent" in inline ? fromSettings(variable, deployer) : inline;
  if (set === undefined) return found;
  return isRefused(set) ? set : { ...set, variable };
};

/** The value that the last map of `substituteFrom` gives a variable; undefined where none does. */
const fromSettings = ({ name, at }: Variable, deployer: Rendered): Found | Refused | undefined => {
  const about = `${at} is the variable ${name}, which ${titleOf(deployer)} (${locationOf(deployer.written.source, deployer.written.source.node)}) takes from`;
  for (const { title, secret, data } of (deployer.settings ?? []).toReversed()) {
    if (data === undefined)
      return refuse(
        `${about} elsewhere (postBuild.substituteFrom): ${title} cannot be told from the files here`,
      );
    const set = locate(data, [name]);
    if ("absent" in set) continue;
    return secret ? refuse(`${about} ${title}`) : set;
  }
  return undefined;
};

/** The last JSON 6902 operation on the value or on what holds it. */
const operated = (
  { ...source }: Source,
  steps: Step[],
  one: Rendered,
): Found | Absent | Refused | undefined => {
  if (!isSeq(source.node)) return undefined;
  for (let at = source.node.items.length - 1; at >= 0; at--) {
    const operation = source.node.items[at];
    if (!isMap(operation)) continue;
    const pointer = String(operation.get("path") ?? "");
    const tokens = pointer
      .split("/")
      .slice(1)
      .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
    const wanted = indexed(one.written.body, steps);
    if (tokens.length > wanted.length || tokens.some((token, i) => token !== wanted[i])) continue;
    if (operation.get("op") === "remove") return { absent: true, offset: 0 };
    if (operation.get("op") === "test") continue;
    if (operation.get("op") !== "replace" && operation.get("op") !== "add")
      return refuse(`${source.parsed.file} ${String(operation.get("op"))}s ${pointer} by a JSON patch`);
    return locate(source, [at, "value", ...steps.slice(tokens.length)]);
  }
  return undefined;
};

/** The items of a list as the layers leave it: replaced by a merge, added to by operations. Undefined where another change cannot be followed. */
export const listAt = (one: Rendered, keys: string[]): unknown[] | undefined => {
  const pointer = `/${keys.join("/")}`;
  const own = keys.reduce<unknown>((body, key) => recordOf(body)[key], one.written.body);
  let items: unknown[] | undefined = Array.isArray(own) ? own : [];
  for (const override of one.overrides) {
    if (override.kind === "count") continue;
    if (override.kind === "unreadable") {
      if (locateInOverride(override, keys, one) !== undefined) items = undefined;
      continue;
    }
    const body = plain(override.source.node, override.source.parsed.documents[override.source.document]!);
    if (override.kind === "merge") {
      const merged = keys.reduce<unknown>((inner, key) => recordOf(inner)[key], body);
      if (merged !== undefined) items = Array.isArray(merged) ? merged : undefined;
      continue;
    }
    for (const { op, path, value } of Array.isArray(body) ? body.map(recordOf) : []) {
      if (
        typeof path !== "string" ||
        !(`${path}/`.startsWith(`${pointer}/`) || pointer.startsWith(`${path}/`))
      )
        continue;
      if (op === "test") continue;
      if (op === "add" && path === `${pointer}/-` && items) items = [...items, value];
      else
        items =
          (op === "add" || op === "replace") && path === pointer && Array.isArray(value) ? value : undefined;
    }
  }
  return items;
};

/** The steps as a JSON pointer has them: lists by index. */
const indexed = (body: unknown, steps: Step[]): string[] => {
  let value = body;
  return steps.map((step) => {
    const key =
      typeof step === "object"
        ? Array.isArray(value)
          ? value.findIndex((item) => item?.[step.by] === step.is)
          : -1
        : step;
    value = recordOf(value)[key];
    return String(key);
  });
};

/** The plain value at `steps` as it is applied, as text; undefined where there is none or it cannot be told. */
export const textAt = (one: Rendered, steps: Step[]): string | undefined => {
  const found = effective(one, steps);
  if ("refused" in found || "absent" in found || found.scalar.value === null) return undefined;
  return String(found.scalar.source ?? found.scalar.value);
};
