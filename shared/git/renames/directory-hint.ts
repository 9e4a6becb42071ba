import { nameOf } from "./exact.ts";

/** The possible places of a file that moved with the files of its directory (idx_possible_rename in diffcore-rename.c). */
export const directoryHint = (found: Map<string, string>): ((path: string) => string[]) => {
  const counts = new Map<string, Map<string, number>>();
  for (const [from, to] of found) {
    const folder = counts.get(folderOf(from)) ?? new Map<string, number>();
    counts.set(folderOf(from), folder.set(folderOf(to), (folder.get(folderOf(to)) ?? 0) + 1));
  }
  return (path) => {
    const folders = [...(counts.get(folderOf(path)) ?? [])];
    const most = Math.max(0, ...folders.map(([, count]) => count));
    return folders.filter(([, count]) => count === most).map(([folder]) => `${folder}/${nameOf(path)}`);
  };
};

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));
