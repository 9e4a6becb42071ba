/** The commits from `head` down along their first parents, as far as the list holds them. */
export const firstParents = <Commit extends { sha: string; parents: string[] }>(
  commits: Commit[],
  head: string,
): Commit[] => {
  const bySha = new Map(commits.map((commit) => [commit.sha, commit]));
  const line: Commit[] = [];
  for (let commit = bySha.get(head); commit; commit = bySha.get(commit.parents[0] ?? "")) line.push(commit);
  return line;
};
