/** Keeps a bot from raising a version again: the new texts by path, what they do, and how the hold is lifted. */
export type UpdateHold = { files: Map<string, string>; does: string };
/** Files of the repository by path, as far as they may tell a bot what to do. */
export type Files = Map<string, string>;
/** The names that were bumped, and the repository's files. */
export type Given = { names: string[]; files: Files };
