import type { Commit } from "../../ports/history.ts";
import { touchesRules } from "../file-kinds.ts";
import type { Case, Evidence } from "../model.ts";

const weight = 4.5;
const longest = 40_000;
const hour = 60 * 60_000;
/** A rule that changed longer ago has fired, or not, since. */
const recentMs = 24 * hour;

/** Commits that changed the expression, or the wait, of the rule that fires, shortly before. */
export const ruleLinks = (commits: Commit[], { alerts, onsetAt }: Case): Map<string, Evidence> => {
  const names = [...new Set(alerts.map(({ name }) => name).filter((name) => name.length > 2))];
  const links = new Map<string, Evidence>();
  for (const { sha, paths, patch = "", at } of commits) {
    if (onsetAt - at > recentMs || !touchesRules(paths)) continue;
    const changed = names.flatMap((name) => changeOf(patch.slice(0, longest), name) ?? []);
    const [first] = changed;
    if (first !== undefined) links.set(sha, { weight, reason: `it changed the alert's own rule, ${first}` });
  }
  return links;
};

/** `from > 2 to > 0.2`, when the hunk that holds the rule of this name changes its expression or its wait. */
const changeOf = (patch: string, name: string): string | undefined => {
  const lines = patch.split("\n");
  const from = lines.findIndex((line) => isNamed(line, name));
  if (from < 0) return undefined;
  const next = lines.findIndex((line, index) => index > from && /^[ +-]\s*-?\s*(alert|record):/.test(line));
  const rule = lines.slice(from + 1, next < 0 ? undefined : next);
  const old = rule.find(
    (line) => /^-\s*(expr|for|keep_firing_for):/.test(line) || /^-.*[<>=]=?\s*[\d.]+\s*$/.test(line),
  );
  const now = rule.find(
    (line) => /^\+\s*(expr|for|keep_firing_for):/.test(line) || /^\+.*[<>=]=?\s*[\d.]+\s*$/.test(line),
  );
  return old === undefined || now === undefined ? undefined : `from ${limitOf(old)} to ${limitOf(now)}`;
};

const isNamed = (line: string, name: string): boolean => {
  const after = /^[ +]?\s*-?\s*alert:\s*["']?(.*?)["']?\s*$/.exec(line)?.[1];
  return after === name;
};

/** The threshold at a line's end, or the whole of it. */
const limitOf = (line: string): string =>
  /([<>]=?|==|!=)\s*[\d.]+\s*["']?$/.exec(line)?.[0].replace(/["']$/, "") ??
  line.slice(1).trim().slice(0, 60);
