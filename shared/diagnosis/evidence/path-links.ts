import type { Commit } from "../../ports/history.ts";
import { isInert, isStyling } from "../file-kinds.ts";
import type { Case, Evidence } from "../model.ts";
import { changedLines } from "../ranking/changed-lines.ts";
import { words } from "../ranking/tokens.ts";

/** Labels that say which part of the code a symptom was seen in. */
const symptomLabels =
  /^(path|uri|url_path|route|handler|endpoint|operation|method|queue|topic|table|collection|job_name|task|function|view|controller|resource|page)$/i;
/** Parts of a path that any service has. */
const generic = new Set(
  "api v1 v2 v3 rest internal public index src lib app id http https www get post put delete health ready status metrics".split(
    " ",
  ),
);
const strongest = 3;
const maxLabels = 20;
const longest = 20_000;

/**
 * Commits that touch a file named like the last part of a symptom's path, or that change lines with that very path: `path="/pay"` points
 * at `src/pay.js` and at `router.get("/pay")`. The more commits do so, the less it says of each.
 */
export const pathLinks = (commits: Commit[], { alerts }: Pick<Case, "alerts">): Map<string, Evidence> => {
  const links = new Map<string, Evidence>();
  for (const [key, value] of symptomsOf(alerts)) {
    const holders = commits.flatMap((commit) => {
      const where = isInert(commit.paths) || isStyling(commit) ? undefined : whereHolds(commit, value);
      return where === undefined ? [] : [{ commit, where }];
    });
    for (const { commit, where } of holders) {
      const weight = strongest / Math.sqrt(holders.length);
      if (weight > (links.get(commit.sha)?.weight ?? 0))
        links.set(commit.sha, { weight, reason: `the alert says ${key}="${value}", and so ${where}` });
    }
  }
  return links;
};

const symptomsOf = (alerts: Case["alerts"]): [string, string][] => {
  const all = alerts.flatMap(({ labels }) =>
    Object.entries(labels).filter(([key, value]) => symptomLabels.test(key) && value.length < 200),
  );
  return [
    ...new Map(
      all.map(([key, value]): [string, [string, string]] => [`${key}=${value}`, [key, value]]),
    ).values(),
  ].slice(0, maxLabels);
};

/** The field of the commit that has the symptom, in words that follow “it”. */
const whereHolds = ({ paths, patch = "" }: Commit, value: string): string | undefined => {
  const names = partsOf(value);
  const last = names.at(-1);
  if (last === undefined) return undefined;
  const file = paths.find((path) => partsOf(stemOf(path)).includes(last));
  if (file !== undefined) return `does the name of ${file}`;
  const lines = changedLines(patch).slice(0, longest);
  if (value.length > 3 && /\W/.test(value) && lines.includes(value)) return "do its changed lines";
  return undefined;
};

/** The words of a path without those that any path has. */
const partsOf = (path: string): string[] =>
  words(path).filter((word) => word.length > 1 && !generic.has(word));
const stemOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1).replace(/\.[^.]*$/, "");
