import { firstLook, namedFiles } from "../../../shared/diagnosis/candidates/first-look.ts";
import type { ListedChange } from "../../../shared/git/model.ts";
import type { Changes } from "../../../shared/ports/changes.ts";
import type { Commit } from "../../../shared/ports/history.ts";
import type { Asked } from "./asked.ts";

/** Files that the alert names whose commits are asked for, one call each. */
const maxNamed = 2;
const maxCommits = 100;

type Units = { units: Commit[]; most: number; to: string; files: ListedChange[] };

/** Reads the files of the changes that the first look chooses. */
export const readFiles = async (
  changes: Changes,
  { target, symptom }: Asked,
  { units, most, to, files }: Units,
): Promise<{ commits: Commit[]; notes: string[] }> => {
  const paths = units.length <= most ? [] : namedFiles(files, symptom).slice(0, maxNamed);
  const mentioned =
    paths.length === 0 ? new Set<string>() : await changes.touching(target, { to, paths, limit: maxCommits });
  const chosen = firstLook(units, { symptom, most, mentioned });
  const commits = await Promise.all(
    units.map((unit) => (chosen.has(unit.sha) ? changes.withFiles(target, unit) : unit)),
  );
  const notes =
    chosen.size === units.length
      ? []
      : [
          `of ${units.length} changes the files of ${chosen.size} were read: of those whose texts say most of what the alert says, and of the newest`,
        ];
  return { commits, notes };
};
