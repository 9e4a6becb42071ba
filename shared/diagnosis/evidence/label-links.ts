import type { Commit } from "../../ports/history.ts";
import { type Case, type Evidence, informativeLabels } from "../model.ts";
import { changedLines } from "../ranking/changed-lines.ts";

const longest = 20_000;
const strongest = 3;
const maxLabels = 20;
const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** Commits that say the value of a label: what sets the failing apart from the rest, the more the fewer say it. */
export const labelLinks = (commits: Commit[], given: Case): Map<string, Evidence> => {
  const links = new Map<string, Evidence>();
  const labels = informativeLabels(given).slice(0, maxLabels);
  if (labels.length === 0) return links;
  const texts = commits.map(({ sha, message, patch = "" }) => ({
    ...{ sha, message: message.slice(0, longest), lines: changedLines(patch).slice(0, longest) },
  }));
  for (const [key, value] of labels) {
    if (value.length < 3 || value.length > 60 || /^\d{1,3}$/.test(value)) continue;
    const pattern = new RegExp(`(?<![a-z0-9])${literal(value)}(?![a-z0-9])`, "i");
    const holders = texts.filter(({ message, lines }) => pattern.test(message) || pattern.test(lines));
    for (const { sha, lines } of holders) {
      const sentencePart = pattern.test(lines) ? "do its changed lines" : "does its message";
      const weight = strongest / Math.sqrt(holders.length);
      if (weight > (links.get(sha)?.weight ?? 0))
        links.set(sha, {
          weight,
          reason: `the alert says ${key}="${value}", and so ${sentencePart}`,
        });
    }
  }
  return links;
};
