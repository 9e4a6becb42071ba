import { unitsOf } from "../../../shared/diagnosis/candidates/units.ts";
import { UpstreamError } from "../../../shared/errors.ts";
import type { Changes } from "../../../shared/ports/changes.ts";
import { type Asked, type Found, lookBackMs } from "./asked.ts";
import { readFiles } from "./files.ts";
import { readPulls } from "./pulls.ts";
import { isTouching, touched } from "./touched.ts";

const limits = { commits: 100, files: 30 };

/** The changes that landed on the branch in the look-back; `most` bounds how many of them have their files read. */
export const landed = async (
  changes: Changes,
  asked: Asked,
  { most = limits.files }: { most?: number } = {},
): Promise<Found> => {
  const { target, onsetAt, until } = asked;
  const range = { to: target.branch, since: onsetAt - lookBackMs, until, limit: limits.commits };
  const [commits, pulls, own] = await Promise.all([
    changes.ancestors(target, range),
    readPulls(changes, target),
    touched(changes, target, target.branch),
  ]);
  if (commits === undefined)
    throw new UpstreamError("github", `${target.repository} has no branch ${target.branch}`, {
      retryable: false,
      status: 404,
    });
  const listed = { commits, pulls: pulls.found, branch: target.branch };
  const units = unitsOf(listed, commits[0]?.sha ?? "").filter((unit) => isTouching(unit, own));
  const files = await readFiles(changes, asked, { units, most, to: target.branch, files: [] });
  const cut =
    commits.length < limits.commits
      ? []
      : [`the newest ${limits.commits} commits of ${target.branch} were looked at`];
  return {
    ...{ commits: files.commits, history: commits.map(({ sha }) => sha) },
    notes: [...pulls.notes, ...cut, ...files.notes],
  };
};
