import { isScalar, type Scalar } from "yaml";
import { type Doc, parseManifests } from "../../../yaml/manifests.ts";
import { mapsBelow } from "../../../yaml/nodes.ts";
import { unindented } from "../../../yaml/unindented.ts";
import type { Pin } from "./pin.ts";

/** The pins of YAML in a literal block: an inline patch, or the values of an Application. `text` is the whole file's. */
export const blockPins = (doc: Doc, text: string, pinsOf: (doc: Doc) => Pin[]): Pin[] =>
  [...mapsBelow(doc.root)].flatMap(({ map, trail }) =>
    map.items.flatMap(({ key, value }) => {
      if (!isScalar(key) || !isPinning(value)) return [];
      return inside(doc, text, { block: value, trail: [...trail, String(key.value)], pinsOf });
    }),
  );

const isPinning = (value: unknown): value is Scalar<string> =>
  isScalar(value) &&
  value.type === "BLOCK_LITERAL" &&
  typeof value.value === "string" &&
  /image|tag|version/i.test(value.value);

type Block = { block: Scalar<string>; trail: string[]; pinsOf: (doc: Doc) => Pin[] };

const inside = (doc: Doc, text: string, { block, trail, pinsOf }: Block): Pin[] => {
  const inner = unindented(text.slice(doc.skipped), block.range ?? [0, 0, 0]);
  const folder = doc.path.slice(0, doc.path.length - doc.base.length);
  const docs = parseManifests(`${folder}values.yaml`, inner.text)?.docs ?? [];
  return docs.flatMap((one) =>
    pinsOf(one).map((pin) => {
      const from = inner.outer(pin.range[0]) + doc.skipped;
      const range: [number, number] = [from, from + pin.range[1] - pin.range[0]];
      return {
        ...pin,
        key: [doc.id, ...trail, pin.key].join("\0"),
        range,
      };
    }),
  );
};
