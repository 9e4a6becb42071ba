import type { Variable } from "../../yaml/locate.ts";
import { type Refused, refuse } from "../../yaml/refused.ts";
import { type Cluster, isAsked, type Root, rootsReaching } from "./manifests/cluster.ts";
import { within } from "./manifests/file-set.ts";
import { titleOf } from "./manifests/rendered.ts";
import type { Choice } from "./owner.ts";

type Asked = { all: Cluster; path: string | undefined };

/** Refuses a value that other objects take from the same place, or whose file other roots are made of too. */
export const sharedBy = (
  { object, location, variable, others = [] }: Choice,
  all: Cluster,
): Refused | undefined => {
  const where = whereOf(location);
  const elsewhere = variable && usesOf(variable, location.file, all);
  if (variable && elsewhere !== undefined)
    return refuse(
      `${where} is the variable ${variable.name}, which ${elsewhere} uses too: set it for this one alone first`,
    );
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

/** Another line, `file:line`, that a variable is put into from the same map. */
const usesOf = ({ name, at }: Variable, file: string, all: Cluster): string | undefined => {
  const use = new RegExp(`\\$\\{${name}(?!\\w)`);
  for (const [path, text] of all.set.files) {
    if (!text.includes(`\${${name}`) || !mayTake(path, file, all)) continue;
    const index = text.split("\n").findIndex((line, at_) => use.test(line) && `${path}:${at_ + 1}` !== at);
    if (index >= 0) return `${path}:${index + 1}`;
  }
  return undefined;
};

/** Whether a file is applied with the variables of another: those of its deployer, or a map, which deployers that were not read may use too. */
const mayTake = (path: string, from: string, { layers, roots }: Cluster): boolean => {
  const deployers = rootsReaching(layers, roots, path).flatMap(({ deployer }) => deployer ?? []);
  const isMap = ![...roots.values()].some(({ deployer }) => deployer?.file === from);
  if (isMap && deployers.length === 0) return true;
  return deployers.some(
    ({ file, variables }) =>
      file === from || variables?.settings?.some(({ data }) => data?.parsed.file === from),
  );
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
