import { isAlias, isMap, isScalar, isSeq, type Scalar } from "yaml";
import type { Key, Source } from "./document.ts";
import { startOf } from "./nodes.ts";
import { type Refused, refuse } from "./refused.ts";

/** A step on the way to a value: a key, an index, or the item of a list whose `by` is `is`. */
export type Step = Key | { by: string; is: string };
/** A scalar and the way to it from its document's root. */
export type Found = { source: Source; scalar: Scalar; keys: Key[] };
/** A variable by which the value comes to its place, `file:line`. */
export type Variable = { name: string; at: string };
/** The path does not exist; `offset` is that of its last part that does. */
export type Absent = { absent: true; offset: number };

/** The value at `steps` below the source. Refuses an alias or a merge key on the way, and a map or a list at the end. */
export const locate = (source: Source, steps: Step[]): Found | Absent | Refused => {
  let node = source.node;
  const keys = [...source.keys];
  for (const step of steps) {
    if (isAlias(node)) return refuse(`${locationOf(source, node)} is an alias (*${node.source})`);
    const next = enter(source, node, step);
    if ("refused" in next || "absent" in next) return next;
    node = next.node;
    keys.push(next.key);
  }
  if (isAlias(node)) return refuse(`${locationOf(source, node)} is an alias (*${node.source})`);
  if (isScalar(node)) return { source, scalar: node, keys };
  if (node === null || node === undefined) return { absent: true, offset: 0 };
  const templated = isMap(node) && node.flow && isMap(node.items[0]?.key);
  if (templated) return refuse(`${locationOf(source, node)} is templated ({{ … }})`);
  return refuse(`${locationOf(source, node)} is no single value`);
};

const enter = (source: Source, node: unknown, step: Step): { node: unknown; key: Key } | Absent | Refused => {
  if (isSeq(node)) {
    const key = typeof step === "object" ? node.items.findIndex((item) => named(item, step)) : Number(step);
    if (key < 0 || !(key in node.items)) return { absent: true, offset: offsetOf(node) };
    return { node: node.items[key], key };
  }
  if (!isMap(node) || typeof step === "object") return { absent: true, offset: offsetOf(node) };
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
  if (pair) return { node: pair.value, key: String(step) };
  const merged = node.items.find(({ key }) => isScalar(key) && key.value === "<<");
  if (merged)
    return refuse(
      `${locationOf(source, merged.key)} is a merge key (<<), so ${step} may come from elsewhere`,
    );
  return { absent: true, offset: offsetOf(node) };
};

const named = (item: unknown, { by, is }: { by: string; is: string }): boolean =>
  isMap(item) && String(item.get(by)) === is;

const offsetOf = (node: unknown): number => startOf(node) ?? 0;

/** `file:line` of a node of the source. */
export const locationOf = (source: Source, node: unknown): string => locationAt(source, offsetOf(node));

/** `file:line` of an offset of the source's text. */
export const locationAt = (source: Source, offset: number): string => {
  const { file, line } = positionOf(source, offset);
  return `${file}:${line}`;
};

export const positionOf = (source: Source, offset: number): { file: string; line: number } => {
  const { inside, parsed } = source;
  if (inside) return positionOf(inside.source, inside.outer(offset));
  return { file: parsed.file, line: parsed.lineOf(offset) };
};

/** `spec.maxReplicas`, `containers[0].limits`. */
export const dotted = (keys: Key[]): string =>
  keys.reduce<string>(
    (path, key) => (typeof key === "number" ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`),
    "",
  );
