import { firstLook, namedFiles } from "../../../shared/diagnosis/candidates/first-look.ts";
import type { ListedChange } from "../../../shared/git/model.ts";
import type { Changes } from "../../../shared/ports/changes.ts";
import type { Commit } from "../../../shared/ports/history.ts";
import type { ChangeQuery } from "./query.ts";

/** Files that the alert names whose commits are asked for, one call each. */
const maxNamed = 2;
const maxCommits = 100;

type Landed = { landed: Commit[]; most: number; to: string; files: ListedChange[] };

/** Reads the files of the changes that the first look chooses. */
export const readFiles = async (
  changes: Changes,
  { target, symptom }: ChangeQuery,
  { landed, most, to, files }: Landed,
): Promise<{ commits: Commit[]; notes: string[] }> => {
  const paths = landed.length <= most ? [] : namedFiles(files, symptom).slice(0, maxNamed);
  const mentioned =
    paths.length === 0 ? new Set<string>() : await changes.touching(target, { to, paths, limit: maxCommits });
  const chosen = firstLook(landed, { symptom, most, mentioned });
  const commits = await Promise.all(
    landed.map((change) => (chosen.has(change.sha) ? changes.withFiles(target, change) : change)),
  );
  const notes =
    chosen.size === landed.length
      ? []
      : [
          `of ${landed.length} changes the files of ${chosen.size} were read: of those whose texts say most of what the alert says, and of the newest`,
        ];
  return { commits, notes };
};
