import { locationAt } from "../../../yaml/locate.ts";
import type { Target } from "../model.ts";
import { type Cluster, isPart, sameNamespace } from "./cluster.ts";
import { charts, folderOf, isYaml } from "./file-set.ts";

/** A sentence about a target that a file has and that no kustomization lists, though one governs its folder; undefined where there is none. */
export const unlisted = ({ set, layers }: Cluster, target: Target, path = ""): string | undefined => {
  const parts = charts(set.files);
  for (const file of set.files.keys()) {
    if (!isYaml(file) || !set.relevant(file) || isPart(parts, file, path)) continue;
    if (layers.named.has(file)) continue;
    const found = set
      .objects(file)
      .find(
        ({ kind, name, namespace }) =>
          kind === target.kind && name === target.name && sameNamespace(namespace, target.namespace),
      );
    const above = found && governing(layers.folders, folderOf(file));
    if (found && above !== undefined)
      return `${locationAt(found.source, 0)} has ${target.kind} ${target.name}, which ${above} does not list${
        folderOf(above) === folderOf(file) ? "" : `: say --path ${folderOf(file)} if it is applied by itself`
      }`;
  }
  return undefined;
};

/** The kustomization of the folder, or of the nearest one above. */
const governing = (folders: Cluster["layers"]["folders"], start: string): string | undefined => {
  for (let folder = start; ; folder = folderOf(folder)) {
    const file = folders.get(folder)?.file;
    if (file !== undefined || folder === "") return file;
  }
};
