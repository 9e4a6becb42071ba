import type { Changes } from "../../../shared/ports/changes.ts";
import type { Commit } from "../../../shared/ports/history.ts";
import type { Service } from "../../../shared/ports/service.ts";

const maxCommits = 100;

/** Commits up to `to` that touch the service's paths. Undefined when the whole repository is the service's. */
export const touched = async (
  changes: Changes,
  target: Service,
  to: string,
): Promise<Set<string> | undefined> => {
  const { paths } = target;
  return paths.length === 0 ? undefined : changes.touching(target, { to, paths, limit: maxCommits });
};

/** Whether one of the change's commits is among them. */
export const isTouching = ({ sha, commits = [] }: Commit, shas: Set<string> | undefined): boolean =>
  shas === undefined || [sha, ...commits].some((one) => shas.has(one));
