import { landedChanges } from "../../../shared/diagnosis/candidates/landed-changes.ts";
import { UpstreamError } from "../../../shared/errors.ts";
import type { Changes } from "../../../shared/ports/changes.ts";
import { readFiles } from "./files.ts";
import { readPulls } from "./pulls.ts";
import { type ChangeQuery, type Found, lookBackMs } from "./query.ts";
import { isTouching, touched } from "./touched.ts";

const limits = { commits: 100, files: 30 };

/** The changes that landed on the branch in the look-back; `most` bounds how many of them have their files read. */
export const landedOnBranch = async (
  changes: Changes,
  query: ChangeQuery,
  { most = limits.files }: { most?: number } = {},
): Promise<Found> => {
  const { target, onsetAt, until } = query;
  const range = { to: target.branch, since: onsetAt - lookBackMs, until, limit: limits.commits };
  const [commits, pulls, own] = await Promise.all([
    changes.ancestors(target, range),
    readPulls(changes, target),
    touched(changes, target, target.branch),
  ]);
  if (commits === undefined)
    throw new UpstreamError("github", `GitHub finds no ${target.repository} with a branch ${target.branch}`, {
      retryable: false,
      status: 404,
    });
  const listed = { commits, pulls: pulls.found, branch: target.branch };
  const landed = landedChanges(listed, commits[0]?.sha ?? "").filter((change) => isTouching(change, own));
  const files = await readFiles(changes, query, { landed, calls: most, to: target.branch });
  const cut =
    commits.length < limits.commits
      ? []
      : [`the newest ${limits.commits} commits of ${target.branch} were looked at`];
  return {
    ...{ commits: files.commits, history: commits.map(({ sha }) => sha) },
    notes: [...pulls.notes, ...cut, ...files.notes],
  };
};
