/** The branch of a revert: named after the change, so that a second try finds the first. */
export const branchOf = ({ sha }: { sha: string }): string => `countersteer/revert-${sha.slice(0, 12)}`;
