import { type Refused, refuse } from "../../yaml/refused.ts";
import { type Cluster, isAsked, type Root, rootsReaching } from "./manifests/cluster.ts";
import { within } from "./manifests/file-set.ts";
import { titleOf } from "./manifests/rendered.ts";
import type { Choice } from "./owner.ts";

type Asked = { all: Cluster; path: string | undefined };

/** Refuses a value that other objects take from the same place, or whose file other roots are made of too. */
export const sharedBy = ({ object, location, others = [] }: Choice, all: Cluster): Refused | undefined => {
  const where = whereOf(location);
  if (others.length > 0)
    return refuse(
      `${where} is also that of ${others.slice(0, 3).join(", ")}: set it for this one alone first`,
    );
  const root = object?.root === undefined ? undefined : all.roots.get(object.root);
  const reaching = rootsReaching(all.layers, all.roots, location.file);
  const reached = reaching.filter((one) => one !== root);
  // A layer of the deployer itself is applied by the root that applies the deployer, and a chart's values by the one that inflates it.
  const isAbove = root?.deployer !== undefined && reached.length === reaching.length;
  return reached.length > (isAbove || root === undefined ? 1 : 0)
    ? refuse(
        `${where} stands in a layer that is also part of ${names(reached)}: set it in a layer of ${named(root)} alone first`,
      )
    : undefined;
};

/** Refuses a value of `about` that stands outside of the path that was asked for. */
export const outside = (
  { object, location, name }: Choice,
  about: string,
  { all, path = "" }: Asked,
): Refused | undefined => {
  const root = object?.root === undefined ? undefined : all.roots.get(object.root);
  if (path === "" || isInside(root, location.file, path)) return undefined;
  return refuse(
    `${whereOf(location)} of ${object ? titleOf(object) : name} decides the scale of ${about} and is outside of --path ${path}`,
  );
};

/** Both. */
export const beyond = (choice: Choice, about: string, asked: Asked): Refused | undefined =>
  sharedBy(choice, asked.all) ?? outside(choice, about, asked);

const whereOf = ({ file, line, path }: Choice["location"]): string => `${file}:${line}: ${path}`;
const named = (root: Root | undefined): string => (root === undefined ? "this one" : root.id || ".");
const names = (roots: Root[]): string => roots.slice(0, 3).map(named).join(", ");

/** Below the path, or a layer of a root that the path means. */
const isInside = (root: Root | undefined, file: string, path: string): boolean => {
  if (within(path, file)) return true;
  return root !== undefined && isAsked(root, path) && root.deployer?.file !== file;
};
