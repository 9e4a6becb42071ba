import { isMap, isSeq, Pair, Scalar, YAMLMap, type YAMLSeq } from "yaml";
import { parseYaml } from "./document.ts";
import { mapAt, textAt } from "./nodes.ts";

/** One document of a file. `id` is its kind, namespace and name, or its index. `skipped`: see `Parsed`. */
export type Doc = {
  path: string;
  base: string;
  root: YAMLMap;
  id: string;
  kind: string;
  api: string;
  skipped: number;
};
/** The documents, and the line of an offset of the whole text, from 1. */
export type Manifests = { docs: Doc[]; lineOf: (offset: number) => number };

/** A longer manifest is generated, and no person or bot edits it. */
const maxLength = 512 * 1024;

/** The documents of a file whose root is a map or a list; undefined when the text is not YAML. */
export const parseManifests = (path: string, text: string): Manifests | undefined => {
  if (text.length > maxLength) return undefined;
  const { documents, errors, lineOf, skipped } = parseYaml(path, text, "failsafe");
  if (errors.length > 0) return undefined;
  const base = path.slice(path.lastIndexOf("/") + 1);
  const docs = documents.flatMap(({ contents }, index) => {
    const root = isSeq(contents) ? listed(contents) : contents;
    if (!isMap(root)) return [];
    const metadata = mapAt(root, "metadata");
    const kind = textAt(root, "kind") ?? "";
    const name = metadata && textAt(metadata, "name");
    const id =
      metadata && name !== undefined ? `${kind}/${textAt(metadata, "namespace") ?? ""}/${name}` : `#${index}`;
    return [{ ...{ path, base, root, id, kind, skipped }, api: textAt(root, "apiVersion") ?? "" }];
  });
  return { docs, lineOf: (offset) => lineOf(offset - skipped) };
};

/** A list at the top as a map, such as the operations of a JSON patch. */
const listed = (list: YAMLSeq): YAMLMap => {
  const map = new YAMLMap();
  map.add(new Pair(new Scalar("items"), list));
  return map;
};

/** The documents of a text that a bot's settings may be spliced into; none behind a byte order mark. */
export const docsOf = (path: string, text: string): Doc[] =>
  (parseManifests(path, text)?.docs ?? []).filter(({ skipped }) => skipped === 0);
