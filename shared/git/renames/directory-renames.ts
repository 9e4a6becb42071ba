import type { Conflict } from "../conflict.ts";
import { parents } from "../directories.ts";
import type { ReadBlob } from "../merge-entry.ts";
import type { Tree } from "../model.ts";
import { type Renames, renames, type Sides, type Unclear } from "./renames.ts";

/** The renames on each side, from the old path to the new one. */
export type Moves = {
  ours: Map<string, string>;
  theirs: Map<string, string>;
  /** Paths that only a move explains; they are settled where they come from. */
  arrived: Set<string>;
  conflicts: Conflict[];
};

/** The renames of both sides, and where git would ask whether a folder was renamed (merge-ort, `merge.directoryRenames=conflict`). */
export const findMoves = async (
  { base, ours, theirs }: { base: Tree; ours: Tree; theirs: Tree },
  readBlob: ReadBlob,
): Promise<Moves> => {
  const sides: [Sides, Sides] = [
    { base, side: ours, other: theirs },
    { base, side: theirs, other: ours },
  ];
  const [ofOurs, ofTheirs] = await Promise.all([renames(sides[0], readBlob), renames(sides[1], readBlob)]);
  const conflicts = [...folderConflicts(sides[0], ofOurs), ...folderConflicts(sides[1], ofTheirs)];
  const [here, there] = [movedTo(ofOurs), movedTo(ofTheirs)];
  // A file moved on one side that the other did not touch is a path that went and one that came.
  const touched =
    (other: typeof ours) =>
    ([from]: [string, string]) => {
      const [was, is] = [base.get(from), other.get(from)];
      return was?.sha !== is?.sha || was?.mode !== is?.mode;
    };
  const arrived = [...there].filter(touched(ours)).map(([, to]) => to);
  return { ours: here, theirs: there, arrived: new Set(arrived), conflicts };
};

const movedTo = (found: Renames | Unclear): Map<string, string> =>
  "to" in found ? found.to : new Map<string, string>();

const folderConflicts = ({ base, side, other }: Sides, found: Renames | Unclear): Conflict[] => {
  if ("unclear" in found) {
    const [path = ""] = [...base.keys()].filter((path) => !side.has(path));
    return [{ path, kind: "renamed", detail: found.unclear }];
  }
  const left = [...found.emptied].filter((folder) =>
    [...found.to.keys()].some((path) => parents(path).includes(folder)),
  );
  if (left.length === 0) return [];
  return [...other.keys()].flatMap((path) => {
    const folder = base.has(path) ? undefined : parents(path).find((parent) => left.includes(parent));
    return folder === undefined
      ? []
      : [{ path, kind: "renamed" as const, detail: `the files of its folder ${folder} were moved` }];
  });
};
