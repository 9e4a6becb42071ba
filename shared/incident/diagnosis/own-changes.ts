import type { Sha } from "../../brands.ts";
import type { Event } from "../events.ts";
import type { Diagnosis, Remedy, Suspect } from "../model.ts";
import { percent } from "../percent.ts";

/** A merge of a pull request of ours. `author`: the author of the change that it took back. */
export type OwnChange = { sha: Sha; pull: number; remedy: Remedy; author?: string };

/** Every merged pull request of the log. */
export const ownChanges = (log: Event[]): OwnChange[] => {
  const own: OwnChange[] = [];
  let suspects: Suspect[] = [];
  let proposed: { remedy: Remedy; pull: number } | undefined;
  for (const event of log) {
    if (event.type === "IncidentOpened") proposed = undefined;
    if ("diagnosis" in event) suspects = event.diagnosis.suspects;
    if (event.type === "RemedyProposed") proposed = { remedy: event.remedy, pull: event.pull.number };
    if (event.type !== "RemedyMerged" || proposed === undefined) continue;
    const { remedy } = proposed;
    const culprit = remedy.kind === "revert" ? suspects.find(({ sha }) => sha === remedy.sha) : undefined;
    own.push({ sha: event.sha, ...proposed, ...(culprit && { author: culprit.author }) });
  }
  return own;
};

/** The diagnosis with our own changes named as ours. A machine never takes one of them back: people bring back what it took. */
export const withOwnChanges = (diagnosis: Diagnosis, own: OwnChange[]): Diagnosis => {
  const suspects = diagnosis.suspects.map((suspect) => {
    const found = own.find(({ sha }) => sha === suspect.sha || suspect.change?.commits.includes(sha));
    return found === undefined ? suspect : asOurs(suspect, found);
  });
  const ours = suspects.filter((suspect) => suspect.own !== undefined);
  if (ours.length === 0) return diagnosis;
  const remedies = diagnosis.remedies.filter(
    (remedy) => remedy.kind !== "revert" || !ours.some((suspect) => isTakenBackBy(suspect, remedy)),
  );
  return { ...diagnosis, suspects, remedies };
};

const asOurs = (suspect: Suspect, { pull, remedy, author }: OwnChange): Suspect => ({
  ...suspect,
  reasons: [`it is Countersteer's own pull request #${pull}: ${titleOf(remedy)}`, ...suspect.reasons],
  ...(suspect.kinds && { kinds: ["measured" as const, ...suspect.kinds] }),
  own: { pull, way: wayBack(remedy, author) },
});

const titleOf = (remedy: Remedy): string =>
  remedy.kind === "revert" ? `it took ${remedy.sha.slice(0, 12)} “${remedy.title}” back` : remedy.title;

const wayBack = (remedy: Remedy, author: string | undefined): string => {
  if (remedy.kind !== "revert") return "set the value back by hand";
  const who = author === undefined ? "its author" : author;
  return `${who} may bring “${remedy.title}” back, mended`;
};

const isTakenBackBy = ({ sha, change }: Suspect, remedy: Extract<Remedy, { kind: "revert" }>): boolean =>
  remedy.sha === sha || (remedy.from !== undefined && remedy.from === change?.deploy?.from);

/** Why nothing is proposed about the first suspect, when it is ours and nothing else is as likely to help. */
export const ownProblem = (
  { suspects: [first], remedies: [best] }: Diagnosis,
  minConfidence: number,
): string | undefined => {
  if (first?.own === undefined || first.score < minConfidence) return undefined;
  if (best !== undefined && best.score >= first.score) return undefined;
  return `the likeliest change, ${first.sha.slice(0, 12)} “${first.title}” (${percent(first.score)}), is Countersteer's own pull request #${first.own.pull}: ${first.own.way}; no machine reverts it`;
};
