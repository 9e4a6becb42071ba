import { counted, span } from "../../text/format.ts";
import { history } from "../features/history.ts";
import { kind } from "../features/kind.ts";
import { laterFixes } from "../features/later-fixes.ts";
import { isStyling } from "../file-kinds.ts";
import type { Live } from "../in-production/live.ts";
import type { Candidate, Field } from "../ranking/candidate.ts";
import { touches } from "../ranking/service-paths.ts";
import { isUnseen, type Window } from "../ranking/window.ts";

const fieldNames: [Field, string][] = [
  ["patch", "its changed lines"],
  ["title", "its title"],
  ["paths", "its paths"],
  ["body", "its message"],
];

const time = ({ age, newer }: Candidate, { before }: Live, { candidates }: Window): string => {
  // A placeholder of the window is nobody's commit.
  const real = newer - candidates.filter((one) => isUnseen(one) && one.age < age).length;
  const behind = real === 0 ? "the newest change" : counted(real, "newer change");
  return `landed ${span(before ?? age)} before the trouble began (${behind})`;
};

export const silent = "shares no word with the alert";

const text = ({ hits, mentions }: Candidate, _: Live, { symptom, rarity }: Window): string | undefined => {
  const top = mentions.toSorted((a, b) => (rarity[b] ?? 0) - (rarity[a] ?? 0) || a - b).slice(0, 3);
  const [first] = top;
  if (first === undefined) return symptom.words.size === 0 ? undefined : silent;
  const [, fieldName] = fieldNames.find(([field]) => hits[field].includes(first)) ?? ["", "its files"];
  return `shares ${top.map((index) => `“${symptom.written[index]}”`).join(", ")} with the alert (in ${fieldName})`;
};

const names = ({ commit, full }: Candidate, _: Live, { symptom }: Window): string | undefined => {
  const file = commit.paths.find((path) => symptom.files.some((name) => path.toLowerCase().endsWith(name)));
  if (file !== undefined) return `touches ${file}, which the alert names`;
  const matching = symptom.identifiers.filter((word) => full.includes(word)).slice(0, 2);
  return matching.length === 0
    ? undefined
    : `holds ${matching.map((word) => `“${word}”`).join(", ")}, as the alert does`;
};

const kinds: [keyof typeof kind, string][] = [
  ["inert", "touches only documentation, tests or CI"],
  ["bump", "raises a version"],
  ["migration", "migrates data"],
  ["enables", "switches something"],
  ["bounds", "moves a limit"],
  ["configOnly", "changes configuration only"],
  ["dependency", "changes a dependency"],
  ["trial", "calls itself a trial"],
  ["fix", "calls itself a fix"],
  ["removes", "removes something"],
  ["adds", "adds something"],
];
const kindSentence = (candidate: Candidate, _: Live, window: Window): string | undefined =>
  isStyling(candidate.commit) ? "touches only translations and styles" : kindOf(candidate, window);

const kindOf = (candidate: Candidate, window: Window): string | undefined =>
  kinds.find(([name]) => kind[name](candidate, window) > 0)?.[1];

const historySentence = (candidate: Candidate, _: Live, window: Window): string | undefined => {
  if (history.reverted(candidate, window) > 0) return "was taken back by a later change";
  if (history.isReland(candidate, window) > 0) return "brings back what was taken back before";
  if (history.isRevert(candidate, window) > 0) return "takes an earlier change back";
  if (laterFixes.mendedSaid(candidate, window) > 0.5)
    return "a later change that mends its files says what the alert says";
  const again = Math.round(Math.expm1(history.touchedAgain(candidate, window)));
  return again === 0
    ? undefined
    : `${again} later ${again === 1 ? "change touches" : "changes touch"} the same files`;
};

const paths = (candidate: Candidate, _: Live, { servicePaths }: Window): string | undefined => {
  if (servicePaths.length === 0) return undefined;
  return touches(candidate, servicePaths)
    ? "touches the service's own files"
    : "touches none of the service's files";
};

/** One plain sentence for each group of features, with its numbers; none where there is nothing to say. */
export const sentences = {
  time,
  text,
  names,
  kind: kindSentence,
  history: historySentence,
  paths,
  together: () => undefined,
  topics: () => undefined,
  vicinity: () => undefined,
};
