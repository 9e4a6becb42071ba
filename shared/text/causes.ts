import { flagText, likeliestFlag, notesBeside } from "../incident/diagnosis/flags.ts";
import type { Diagnosis, Scale, Suspect } from "../incident/model.ts";
import type { ViewLine } from "../ports/chat.ts";
import { percent, short } from "./format.ts";
import { linesOf } from "./spans.ts";
import { type Reason, reasonsOf } from "./suspects.ts";
import { whereabouts } from "./timeline.ts";

/** The thread and the page have the others. */
const mostReasons = 3;
const mostNotes = 3;

/** All that may be the cause, the likeliest first, as far as a person needs it who starts to look. */
export const causeLines = (diagnosis: Diagnosis): ViewLine[] => {
  const [suspect] = diagnosis.suspects;
  const causes = [
    ...loads(diagnosis).map((load) => ({ score: load.score, lines: [loadLine(load)] })),
    ...(diagnosis.flags ?? []).map(({ score }, index) => ({
      score,
      lines: flagLines(diagnosis).slice(index, index + 1),
    })),
    ...(suspect === undefined ? [] : [{ score: suspect.score, lines: suspectLines(suspect) }]),
  ];
  return [
    ...causes.toSorted((a, b) => b.score - a.score).flatMap(({ lines }) => lines),
    ...noteLines(diagnosis),
  ];
};

const suspectLines = (suspect: Suspect): ViewLine[] => [
  { label: `Suspect (${percent(suspect.score)})`, text: suspectName(suspect) },
  ...whyLines(reasonsOf(suspect)),
];

export const suspectName = (suspect: Suspect): string =>
  `${short(suspect.sha)} “${suspect.title}” by ${suspect.author}${whereabouts(suspect)}`;

/** The reasons, the measured ones first and apart: words can be written by anybody. */
const whyLines = (reasons: Reason[]): ViewLine[] => {
  const measured = reasons.filter(({ kind }) => kind === "measured").slice(0, mostReasons);
  const others = reasons.filter(({ kind }) => kind !== "measured").slice(0, mostReasons - measured.length);
  const isKnown = reasons.some(({ kind }) => kind !== undefined);
  return [
    { label: "Why (measured)", of: measured },
    { label: isKnown ? "Why (text)" : "Why", of: others },
  ].flatMap(({ label, of }) =>
    of.length === 0
      ? []
      : [
          linesOf(
            label,
            of.map(({ text }) => text),
          ),
        ],
  );
};

/** The most important notes of the diagnosis. */
const noteLines = (diagnosis: Diagnosis): ViewLine[] => {
  const notes = notesBeside(diagnosis).slice(0, mostNotes);
  return notes.length === 0 ? [] : [linesOf("Note", notes)];
};

/** Flags are suspects of a kind of their own: each has its share of none of these. */
export const flagLines = (diagnosis: Diagnosis): ViewLine[] =>
  (diagnosis.flags ?? []).map((flag) => ({
    label: `Flag (${percent(flag.score)})`,
    text: flagText(flag, diagnosis),
  }));

/** The probability that neither a change nor a flag nor load did it: those have their part of none of the changes, and all are 100 % together. */
export const noneBeside = (diagnosis: Diagnosis): number => {
  const told = [...(diagnosis.flags ?? []), ...loads(diagnosis)].reduce((sum, { score }) => sum + score, 0);
  return Math.max(0, diagnosis.none - told);
};

/** The probability of the likeliest flag or of load: the likelier group of causes comes first. */
export const likeliestBeside = (diagnosis: Diagnosis): number =>
  Math.max(0, ...[...(diagnosis.flags ?? []), ...loads(diagnosis)].map(({ score }) => score));

type Cause = {
  what: "change" | "flag" | "load";
  title: string;
  score: number;
  author?: string;
  url?: string;
};

/** The likeliest of all that may be the cause; undefined where nothing is suspected. */
export const likeliestCause = (diagnosis: Diagnosis): Cause | undefined => {
  const flag = likeliestFlag(diagnosis);
  if (flag !== undefined)
    return { what: "flag", title: flag.flag, score: flag.score, ...(flag.url && { url: flag.url }) };
  const [suspect] = diagnosis.suspects;
  const [load] = loads(diagnosis);
  if (load !== undefined && load.score >= (suspect?.score ?? 0))
    return { what: "load", title: "load", score: load.score };
  if (suspect === undefined) return undefined;
  const { title, score, author, change, url } = suspect;
  return { what: "change", title, score, author, url: change?.pull?.url ?? url };
};

/** The causes that are left then. */
export const othersIn = ({ flags, remedies }: Diagnosis): string => {
  const load = remedies.some(({ kind }) => kind === "scale") ? [] : ["load"];
  return [...(flags === undefined ? ["a flag"] : []), ...load, "an upstream, a node, a certificate"].join(
    ", ",
  );
};

/** A share of zero is only a rounded one. */
export const sharePercent = (share: number): string => (share < 0.005 ? "< 1 %" : percent(share));

const loads = ({ remedies }: Diagnosis): Scale[] =>
  remedies.filter((one) => one.kind === "scale").slice(0, 1);

const loadLine = ({ score, reasons }: Scale): ViewLine => linesOf(`Load (${percent(score)})`, reasons);

export const loadLines = (diagnosis: Diagnosis): ViewLine[] => loads(diagnosis).map(loadLine);
