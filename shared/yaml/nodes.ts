import { isDocument, isMap, isNode, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from "yaml";

/** The node below these keys; undefined for an alias, whose value is written elsewhere. */
export const nodeAt = (map: YAMLMap, ...keys: string[]): Node | undefined => {
  let node: unknown = map;
  for (const key of keys) node = isMap(node) ? node.get(key, true) : undefined;
  return isMap(node) || isSeq(node) || isScalar(node) ? node : undefined;
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
/** The scalar on one line below these keys; undefined for a block, a template and an empty one. */
export const scalarAt = (map: YAMLMap, ...keys: string[]): Scalar<string> | undefined =>
  plainScalar(nodeAt(map, ...keys));
export const textAt = (map: YAMLMap, ...keys: string[]): string | undefined => scalarAt(map, ...keys)?.value;

export const plainScalar = (node: unknown): Scalar<string> | undefined => {
  if (!isScalar(node) || typeof node.value !== "string" || !node.range) return undefined;
  if (node.type === "BLOCK_FOLDED" || node.type === "BLOCK_LITERAL") return undefined;
  const { value } = node;
  return value === "" || /[\r\n]|\{\{|\$\{/.test(value) ? undefined : (node as Scalar<string>);
};

/** Every map below the node, the node itself too, with the keys that lead to it; list items by `name` or by index. */
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
    for (const [index, item] of node.items.entries()) {
      const name = isMap(item) ? textAt(item, "name") : undefined;
      yield* mapsBelow(item, [...trail, name === undefined ? `${index}` : `name=${name}`]);
    }
}
const maxDepth = 40;

/** The offset at which a node or document begins in its text. */
export const startOf = (node: unknown): number | undefined =>
  isNode(node) || isDocument(node) ? node.range?.[0] : undefined;
