const short = (sha: string): string => sha.slice(0, 12);

/** The branch of a revert: named after the change, so that a second try finds the first. */
export const branchOf = ({ sha }: { sha: string }): string => `countersteer/revert-${short(sha)}`;

/** The branch of several changes, or of a part of one: named after all of what makes it this and no other. */
export const seriesBranch = (shas: string[], paths: string[]): string =>
  [branchOf({ sha: shas[0]! }), ...shas.slice(1).map(short), ...paths.map(slug)]
    .join("-")
    .slice(0, maxBranch);

/** The branch of what an incident takes back: one change, or everything since one within `paths`. */
export const branchFor = ({ sha, from }: { sha: string; from?: string }, paths: string[]): string =>
  from === undefined ? branchOf({ sha }) : seriesBranch([sha, from], paths);

/** The branch that brings a change back. */
export const relandBranch = ({ sha }: { sha: string }): string => `countersteer/reland-${short(sha)}`;

const maxBranch = 200;
const slug = (path: string): string => path.replace(/[^\w]+/g, "-").replace(/^-|-$/g, "") || "root";

/** The branch of a scaling edit: named after the file, what it was and what it becomes, so that the same edit finds it again. */
export const scaleBranch = (file: string, { before, after }: { before: string; after: string }): string =>
  `countersteer/scale-${slug(file)}-${short(before).slice(0, 8)}-${short(after).slice(0, 8)}`.slice(
    0,
    maxBranch,
  );
