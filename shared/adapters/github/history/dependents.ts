import { firstParents } from "../../../git/first-parents.ts";
import type { Landed, Since } from "../../../ports/history.ts";
import type { Service } from "../../../ports/service.ts";
import { ask } from "../api/call.ts";
import { type Github, repoOf } from "../api/repository.ts";

/** The most later changes that are reverted together, and the most paths whose commits are listed. */
const max = { changes: 10, paths: 10 };

/**
 * The later changes to one of the paths, newest first. They are not `own` when they are too many to be reverted
 * together, came in by a merge, or there are more paths than are listed.
 */
export const dependents = async (
  github: Github,
  service: Service,
  { paths, since }: { paths: string[]; since: Since },
): Promise<{ commits: Landed[]; own: boolean } | undefined> => {
  const { head } = since;
  if (!head) return undefined;
  const lists = await Promise.all(
    paths
      .slice(0, max.paths)
      .map((path) =>
        ask(`list commits of ${service.repository} ${path}`, () =>
          github.octokit.repos.listCommits({ ...repoOf(service), sha: head.sha, path, per_page: 100 }),
        ),
      ),
  );
  const touching = new Set(lists.flat().map(({ sha }) => sha));
  const later = since.commits.filter(({ sha }) => touching.has(sha));
  const line = firstParents(since.commits, head.sha).filter(({ sha }) => touching.has(sha));
  if (later.length === 0) return undefined;
  const isWhole = paths.length <= max.paths;
  const own = isWhole && line.length === later.length && line.length <= max.changes;
  return { commits: own ? line : later.toReversed(), own };
};
