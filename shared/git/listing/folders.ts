import { parents } from "../directories.ts";
import type { ListedChange } from "../model.ts";
import { places } from "./revert.ts";

/** The folders above these paths, the root (an empty name) first. */
export const foldersOf = (paths: string[]): string[] => [...new Set(["", ...paths.flatMap(parents)])].sort();

/** The paths of files that came, went or were moved. A file that was only modified is never part of a rename. */
export const cameOrWent = (changes: ListedChange[]): string[] =>
  changes.filter(({ status }) => status !== "modified").flatMap(places);
