import { directories, parents } from "../directories.ts";
import { canonical } from "../merge-entry.ts";
import { type Edit, isSubmodule, type ListedChange, type Tree } from "../model.ts";

/**
 * The revert of a change none of whose files was touched since: each goes back to what it was. Undefined when one
 * was touched, or files came and went where git would ask whether folders were renamed.
 */
export const untouched = (
  { paths, removed = paths }: { paths: string[]; removed?: string[] },
  since: ListedChange[],
  theirs: Tree,
): Edit[] | undefined => {
  const later = new Set(since.flatMap(places));
  if (paths.some((path) => later.has(path) || path.includes("\uFFFD"))) return undefined;
  const back = paths.filter((path) => theirs.has(path));
  const away = paths.filter((path) => !theirs.has(path));
  if (back.some((path) => isSubmodule(theirs.get(path) ?? { mode: "" }))) return undefined;
  const moved = since.filter(({ status }) => status !== "modified");
  if (moved.length > 0 && near(moved, { away, removed, theirs })) return undefined;
  return [
    ...back.flatMap((path) => {
      const entry = theirs.get(path);
      return entry ? [{ path, mode: canonical(entry.mode), sha: entry.sha }] : [];
    }),
    ...away.map((path) => ({ path, deleted: true as const })),
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
};

/** The paths that a listed change is about: where the file is, and where it was. */
export const places = ({ path, previous }: ListedChange): string[] => (previous ? [path, previous] : [path]);

/** Whether a file comes back to, or leaves, a folder where files came or went since; a folder that stays is safe. */
const near = (moved: ListedChange[], sides: { away: string[]; removed: string[]; theirs: Tree }): boolean => {
  const taken = new Set(moved.flatMap(places).flatMap((path) => [path, ...parents(path)]));
  const staying = directories(sides.theirs.keys());
  const leaving = sides.away.flatMap((path) => [
    path,
    ...parents(path).filter((folder) => !staying.has(folder)),
  ]);
  const coming = sides.removed.flatMap((path) => [path, ...parents(path)]);
  return [...leaving, ...coming].some((part) => taken.has(part));
};
