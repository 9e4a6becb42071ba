import { isMap, isScalar, isSeq } from "yaml";
import { parseYaml } from "../../../yaml/document.ts";
import { appendItem, insertPair } from "../../../yaml/splice.ts";
import type { Bump } from "../bumps.ts";
import type { Given, UpdateHold } from "./hold.ts";

/** `ignoreDeps` of Renovate's settings. */
export const ignoreDeps = (_: Bump[], { names, files }: Given): UpdateHold | undefined => {
  const [path, text] = [...files][0] ?? [];
  if (path === undefined || text === undefined || names.length === 0 || !isJson(text)) return undefined;
  const contents = parseYaml(path, text, "failsafe").documents[0]?.contents;
  if (!isMap(contents)) return undefined;
  const list = contents.get("ignoreDeps", true);
  const missing = names.filter(
    (name) => !isSeq(list) || !list.items.some((item) => isScalar(item) && item.value === name),
  );
  const items = missing.map((name) => JSON.stringify(name)).join(", ");
  const made =
    list === undefined
      ? insertPair(text, contents, "ignoreDeps", `[${items}]`)
      : isSeq(list) && items !== ""
        ? appendItem(text, list, items)
        : undefined;
  if (made === undefined || !isJson(made)) return undefined;
  return { files: new Map([[path, made]]), does: `tells Renovate to leave ${names.join(", ")} alone` };
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};
