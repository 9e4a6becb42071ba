import { landedChanges } from "../../../shared/diagnosis/candidates/landed-changes.ts";
import { isRulesOnly, touchesRules } from "../../../shared/diagnosis/file-kinds.ts";
import type { Changes, Comparison, ListedPull } from "../../../shared/ports/changes.ts";
import type { Commit } from "../../../shared/ports/history.ts";
import type { ChangeQuery } from "./query.ts";

/** Files of rules whose commits are asked for, and changes of them that are read: one call each. */
const limits = { files: 2, commits: 100, changes: 3 };

type Known = { pulls: ListedPull[]; ahead: Comparison | undefined };

/** The changes of nothing but alerting rules that no deploy holds: rules are not deployed with the service, and take effect when they land. */
export const ruleChanges = async (
  changes: Changes,
  { target, onsetAt }: ChangeQuery,
  { pulls, ahead }: Known,
): Promise<Commit[]> => {
  const paths = (ahead?.files ?? []).map(({ path }) => path).filter((path) => touchesRules([path]));
  if (ahead === undefined || paths.length === 0) return [];
  const of = { to: target.branch, paths: paths.slice(0, limits.files), limit: limits.commits };
  const touching = await changes.touching(target, of);
  const listed = { commits: ahead.commits, pulls, branch: target.branch };
  const landed = landedChanges(listed, ahead.commits[0]?.sha ?? "")
    .filter(({ sha, commits = [] }) => [sha, ...commits].some((one) => touching.has(one)))
    .filter(({ at }) => at <= onsetAt)
    .slice(0, limits.changes);
  const read = await Promise.all(landed.map((change) => changes.withFiles(target, change)));
  return read.filter(({ paths }) => isRulesOnly(paths));
};
