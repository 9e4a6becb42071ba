/** Commits by id, as far as they were listed. */
export type Graph<Commit extends { sha: string; parents: string[] }> = ReadonlyMap<string, Commit>;

/** `sha` and its ancestors as far as the graph holds them, without those that `without` holds. */
export const ancestorsOf = (
  graph: Graph<{ sha: string; parents: string[] }>,
  sha: string,
  without: ReadonlySet<string> = new Set(),
): Set<string> => {
  const found = new Set<string>();
  const left = [sha];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const commit = graph.get(next);
    if (commit === undefined || found.has(next) || without.has(next)) continue;
    found.add(next);
    left.push(...commit.parents);
  }
  return found;
};
