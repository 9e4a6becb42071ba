import {
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type Scalar,
  type YAMLMap,
} from "yaml";

/** One document of a file. `id` tells it from the others: its kind, namespace and name, or its place. */
export type Doc = { path: string; base: string; root: YAMLMap; id: string; kind: string; api: string };
/** The documents, and the line that an offset is on, from 1. */
export type Parsed = { docs: Doc[]; lineOf: (offset: number) => number };

/** A manifest longer than this is generated, and not edited by people or bots. */
const maxLength = 512 * 1024;

/** The documents of a file whose root is a map; undefined when the text is no YAML. Scalars keep the text they are written as. */
export function parseYaml(path: string, text: string): Parsed | undefined {
  if (text.length > maxLength) return undefined;
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { schema: "failsafe", lineCounter: lines, prettyErrors: false });
  const all = Array.isArray(documents) ? documents : [];
  if (all.some(({ errors }) => errors.length > 0)) return undefined;
  const base = path.slice(path.lastIndexOf("/") + 1);
  const docs = all.flatMap(({ contents }, place) => {
    if (!isMap(contents)) return [];
    const metadata = mapAt(contents, "metadata");
    const name = metadata && textAt(metadata, "name");
    const kind = textAt(contents, "kind") ?? "";
    const id = name === undefined ? `#${place}` : `${kind}/${textAt(metadata!, "namespace") ?? ""}/${name}`;
    return [{ path, base, root: contents, id, kind, api: textAt(contents, "apiVersion") ?? "" }];
  });
  return { docs, lineOf: (offset) => lines.linePos(offset).line };
}

/** A node of the map; none for what an alias stands for, which is written elsewhere. */
export const nodeAt = (map: YAMLMap, ...keys: string[]): Node | undefined => {
  let node: unknown = map;
  for (const key of keys) node = isMap(node) ? node.get(key, true) : undefined;
  return isMap(node) || isSeq(node) || isScalar(node) ? (node as Node) : undefined;
};
export const mapAt = (map: YAMLMap, ...keys: string[]): YAMLMap | undefined => {
  const node = nodeAt(map, ...keys);
  return isMap(node) ? node : undefined;
};
/** The maps of a list. */
export const mapsAt = (map: YAMLMap, ...keys: string[]): YAMLMap[] => {
  const node = nodeAt(map, ...keys);
  return isSeq(node) ? node.items.filter((item) => isMap(item)) : [];
};
/** A scalar on one line that a person could have written: no block, no template, not empty. */
export const scalarAt = (map: YAMLMap, ...keys: string[]): Scalar<string> | undefined =>
  plainScalar(nodeAt(map, ...keys));
export const textAt = (map: YAMLMap, ...keys: string[]): string | undefined => scalarAt(map, ...keys)?.value;

export function plainScalar(node: unknown): Scalar<string> | undefined {
  if (!isScalar(node) || typeof node.value !== "string" || !node.range) return undefined;
  if (node.type === "BLOCK_FOLDED" || node.type === "BLOCK_LITERAL" || node.anchor !== undefined)
    return undefined;
  const { value } = node;
  return value === "" || /[\r\n]|\{\{|\$\{/.test(value) ? undefined : (node as Scalar<string>);
}

/** Every map below the node, the node itself too, with the keys that lead to it; list items by `name` or by place. */
export function* mapsBelow(
  node: unknown,
  trail: string[] = [],
): Generator<{ map: YAMLMap; trail: string[] }> {
  if (trail.length > maxDepth) return;
  if (isMap(node)) {
    yield { map: node, trail };
    for (const { key, value } of node.items)
      if (isScalar(key)) yield* mapsBelow(value, [...trail, String(key.value)]);
  }
  if (isSeq(node))
    for (const [place, item] of node.items.entries()) {
      const name = isMap(item) ? textAt(item, "name") : undefined;
      yield* mapsBelow(item, [...trail, name === undefined ? `${place}` : `name=${name}`]);
    }
}
const maxDepth = 40;
