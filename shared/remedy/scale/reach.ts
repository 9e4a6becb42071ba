import { type Refused, refuse } from "../../yaml/refused.ts";
import { type Cluster, isAsked, type Root, rootsReaching } from "./manifests/cluster.ts";
import { within } from "./manifests/file-set.ts";
import { titleOf } from "./manifests/rendered.ts";
import type { Choice } from "./owner.ts";

/** Refuses a value of `about` whose file other roots are made of too, or that stands outside of the path that was asked for. */
export const beyond = (
  choice: Choice,
  about: string,
  { all, path = "" }: { all: Cluster; path: string | undefined },
): Refused | undefined => {
  const { object, location } = choice;
  const where = `${location.file}:${location.line}: ${location.path}`;
  const root = object?.root === undefined ? undefined : all.roots.get(object.root);
  const reaching = rootsReaching(all.layers, all.roots, location.file);
  const reached = reaching.filter((one) => one !== root);
  // A layer of the deployer itself is applied by the root that applies the deployer, and a chart's values by the one that inflates it.
  const isAbove = root?.deployer !== undefined && reached.length === reaching.length;
  if (reached.length > (isAbove || root === undefined ? 1 : 0))
    return refuse(
      `${where} stands in a layer that is also part of ${names(reached)}: set it in a layer of ${named(root)} alone first`,
    );
  if (path === "" || isInside(root, location.file, path)) return undefined;
  return refuse(
    `${where} of ${object ? titleOf(object) : choice.name} decides the scale of ${about} and is outside of --path ${path}`,
  );
};

const named = (root: Root | undefined): string => (root === undefined ? "this one" : root.id || ".");
const names = (roots: Root[]): string => roots.slice(0, 3).map(named).join(", ");

/** Below the path, or a layer of a root that the path means. */
const isInside = (root: Root | undefined, file: string, path: string): boolean => {
  if (within(path, file)) return true;
  return root !== undefined && isAsked(root, path) && root.deployer?.file !== file;
};
