import { isMap, isSeq } from "yaml";
import { recordOf } from "../../../records.ts";
import type { Source, Written } from "../../../yaml/document.ts";
import { type Absent, type Found, locate, type Step } from "../../../yaml/locate.ts";
import { type Refused, refuse } from "../../../yaml/refused.ts";

/** An override of an object by a layer above it, in the order of application. */
export type Override =
  | { kind: "merge"; source: Source }
  | { kind: "operations"; source: Source }
  | { kind: "count"; source: Source; steps: Step[] }
  | { kind: "unreadable"; reason: string };

/** An object as its root applies it: every name and namespace it has had on the way, the last one what it is called. */
export type Rendered = {
  written: Written;
  /** The folder of the kustomization that applies it; none for a file that is applied as it stands. */
  root?: string;
  names: string[];
  namespaces: string[];
  overrides: Override[];
};

export const nameOf = ({ names }: Rendered): string => names.at(-1) ?? "";
export const namespaceOf = ({ namespaces }: Rendered): string | undefined => namespaces.at(-1);
export const titleOf = (one: Rendered): string =>
  `${one.written.kind} ${[namespaceOf(one), nameOf(one)].filter(Boolean).join("/")}`;

/** Finds the value at `steps` of the object, in the last layer that sets it. */
export const effective = (one: Rendered, steps: Step[]): Found | Absent | Refused => {
  for (const override of one.overrides.toReversed()) {
    const found = locateInOverride(override, steps, one);
    if (found !== undefined) return found;
  }
  return locate(one.written.source, steps);
};

const locateInOverride = (
  override: Override,
  steps: Step[],
  one: Rendered,
): Found | Absent | Refused | undefined => {
  if (override.kind === "unreadable") return refuse(override.reason);
  if (override.kind === "operations") return operated(override.source, steps, one);
  if (override.kind === "count")
    return steps.join(".") === "spec.replicas" ? locate(override.source, override.steps) : undefined;
  const found = locate(override.source, steps);
  return "absent" in found ? undefined : found;
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
