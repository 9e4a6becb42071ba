import { isSeq } from "yaml";
import { docsOf, parseManifests } from "../../../yaml/manifests.ts";
import { mapsAt, nodeAt, textAt } from "../../../yaml/nodes.ts";
import { appendItem, insertPair } from "../../../yaml/splice.ts";
import type { Bump } from "../bumps.ts";
import type { Given, UpdateHold } from "./hold.ts";

const ecosystems = /^(docker|docker-compose|helm|gitsubmodule)$/;

/** The `ignore` of the one update entry that covers the bumps' folder. */
export const ignoreDependency = (bumps: Bump[], { names, files }: Given): UpdateHold | undefined => {
  const [path, text] = [...files][0] ?? [];
  const [name, another] = names;
  if (path === undefined || text === undefined || name === undefined || another !== undefined)
    return undefined;
  const [doc] = docsOf(path, text);
  const folders = new Set(bumps.map((bump) => bump.path.split("/").slice(0, -1).join("/")));
  const covering = doc
    ? mapsAt(doc.root, "updates").filter(
        (one) =>
          ecosystems.test(textAt(one, "package-ecosystem") ?? "") &&
          folders.has((textAt(one, "directory") ?? "").replace(/^\/+|\/+$/g, "")),
      )
    : [];
  const [entry, more] = covering;
  if (!entry || more) return undefined;
  const item = `dependency-name: ${JSON.stringify(withoutHost(name))}`;
  const list = nodeAt(entry, "ignore");
  const made =
    list === undefined
      ? insertPair(text, entry, "ignore", `[{ ${item} }]`)
      : isSeq(list)
        ? appendItem(text, list, list.flow === true ? `{ ${item} }` : item)
        : undefined;
  if (made === undefined || parseManifests(path, made) === undefined) return undefined;
  return { files: new Map([[path, made]]), does: `tells Dependabot to ignore ${name}` };
};

/** Dependabot names an image without its registry. */
const withoutHost = (name: string): string => name.replace(/^(?:[^/]*[.:][^/]*|localhost)\//, "");
