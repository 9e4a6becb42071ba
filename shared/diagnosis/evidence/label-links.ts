import type { Commit } from "../../ports/history.ts";
import { isInert, isStyling } from "../file-kinds.ts";
import { type Case, type Evidence, informativeLabels } from "../model.ts";
import { changedLines } from "../ranking/changed-lines.ts";

const longest = 20_000;
/** Weights by the field of the commit that has the value. The name of a service, a host or a team only says where the failure shows. */
const weights = { lines: 3, message: 1.5, name: 0.8 };
const nameLabels =
  /^(upstream|downstream|peer|client|server|host(name)?|destination|source|target|app|application|component|owner|deployment|statefulset|daemonset|workload|db|database|provider|vendor|tenant|customer|consumer|producer|team|squad)/i;
/** The value of such a label is the name of a party. An error that says it as well tells nothing more. */
export const partiesOf = (given: Case): string[] =>
  informativeLabels(given).flatMap(([key, value]) => (nameLabels.test(key) ? [value] : []));

const maxLabels = 20;
const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** Commits that contain the value of a label that sets the failing series apart. The fewer commits contain it, the more it weighs. */
export const labelLinks = (commits: Commit[], given: Case): Map<string, Evidence> => {
  const links = new Map<string, Evidence>();
  const labels = informativeLabels(given).slice(0, maxLabels);
  if (labels.length === 0) return links;
  const texts = commits
    .filter((commit) => !isInert(commit.paths) && !isStyling(commit))
    .map(({ sha, message, patch = "" }) => ({
      ...{ sha, message: message.slice(0, longest), lines: changedLines(patch).slice(0, longest) },
    }));
  for (const [key, value] of labels) {
    if (value.length < 3 || value.length > 60 || /^\d{1,3}$/.test(value)) continue;
    const pattern = new RegExp(`(?<![a-z0-9])${literal(value)}(?![a-z0-9])`, "i");
    const holders = texts.filter(({ message, lines }) => pattern.test(message) || pattern.test(lines));
    for (const { sha, lines } of holders) {
      const isChanged = pattern.test(lines);
      const sentencePart = isChanged ? "do its changed lines" : "does its message";
      const full = nameLabels.test(key) ? weights.name : isChanged ? weights.lines : weights.message;
      const weight = full / Math.sqrt(holders.length);
      if (weight > (links.get(sha)?.weight ?? 0))
        links.set(sha, {
          weight,
          reason: `the alert says ${key}="${value}", and so ${sentencePart}`,
        });
    }
  }
  return links;
};
