import type { Alert } from "../incident/model.ts";
import type { Opinion } from "../ports/opinions.ts";
import { clip, percent } from "../text/format.ts";
import type { Case, SecondOpinion } from "./model.ts";
import type { Judged, Verdict } from "./verdict.ts";

const none = "none";
/** The parts of a record that a model is shown, and the characters of each text and of all. */
const shown = {
  alerts: 5,
  changes: 10,
  paths: 15,
  lines: 40,
  series: 12,
  points: 12,
  text: 1500,
};
/** A shorter quote stands in any record. */
const shortestQuote = 8;

/** The incident as a model is asked about it, part by part: the likeliest changes with what was read of them. */
export const questionOf = (given: Case, { ranked, onset }: Verdict): string[] =>
  [
    `SERVICE ${given.service}, ONSET ${iso(onset.at)}`,
    ...given.alerts.slice(0, shown.alerts).map(alertPart),
    ...given.deploys.map(({ sha, at }) => `DEPLOY ${sha} live at ${iso(at)}`).slice(0, shown.changes),
    ...asked(ranked).map(changePart),
    ...(given.logs ?? []).slice(0, shown.lines).map(({ at, text }) => `LOG ${iso(at)} ${clip(text, 300)}`),
    ...(given.series ?? []).slice(0, shown.series).map(seriesPart),
  ].map((part) => clip(part, shown.text));

/** Whether the opinion names a change that was asked about, or none, and each of its quotes stands in the question letter by letter. */
export const isSound = ({ choice, quotes }: Opinion, question: string, { ranked }: Verdict): boolean =>
  (choice === none || asked(ranked).some(({ commit }) => commit.sha === choice)) &&
  quotes.length > 0 &&
  quotes.every((quote) => quote.trim().length >= shortestQuote && question.includes(quote.trim()));

/**
 * The mean of the verdict and the opinion. An opinion may lower any probability, and raises a change only to just below the bar of `auto`: the
 * rest goes to the causes that are not a change.
 */
export const heed = (verdict: Verdict, opinion: SecondOpinion | undefined): Verdict => {
  if (opinion === undefined) return verdict;
  const chosen = verdict.ranked.find(({ commit }) => commit.sha === opinion.choice);
  const others = 1 - (chosen?.p ?? verdict.noSuspect);
  const most = opinion.bar - 0.01;
  const pooled = ({ p, commit }: Judged): number => {
    const said = commit.sha === opinion.choice ? opinion.probability : share(p, others, opinion);
    return Math.min((p + said) / 2, Math.max(p, most));
  };
  const drawn = verdict.ranked.map((judged) => ({ ...judged, p: pooled(judged) }));
  const all = drawn.reduce((sum, { p }) => sum + p, 0);
  // Nor is the deploy that holds several changes raised over the bar.
  const noSuspect = Math.max(1 - all, Math.min(verdict.noSuspect, 1 - most));
  const ranked = drawn
    .map((judged) => ({ ...judged, p: all === 0 ? 0 : (judged.p * (1 - noSuspect)) / all }))
    .toSorted((one, other) => other.p - one.p);
  const grown = verdict.noSuspect === 0 ? 0 : noSuspect / verdict.noSuspect;
  return {
    ...verdict,
    ranked,
    noSuspect,
    flips: verdict.flips.map((flip) => ({ ...flip, p: flip.p * grown })),
  };
};

/** The others share the rest as they do in the verdict. */
const share = (p: number, others: number, { probability }: Opinion): number =>
  others === 0 ? 0 : (p / others) * (1 - probability);

/** The opinion as people are told it, where it names this change, or none. */
export const opinionReason = (opinion: SecondOpinion | undefined, named: { sha?: string } = {}): string[] => {
  if (opinion === undefined || opinion.choice !== (named.sha ?? none)) return [];
  const { model, probability, quotes } = opinion;
  const what = opinion.choice === none ? "no change" : "it";
  const quoted = quotes.slice(0, 2).map((quote) => `“${clip(quote.trim(), 120)}”`);
  return [
    `a second opinion, by ${model}, names ${what} with ${percent(probability)} and quotes ${quoted.join(" and ")}`,
  ];
};

const asked = (ranked: Judged[]): Judged[] =>
  ranked.filter(({ live }) => live !== undefined).slice(0, shown.changes);

const alertPart = ({ name, labels, annotations, startsAt }: Alert): string =>
  `ALERT ${name} since ${iso(startsAt)} ${pairs(labels)} ${pairs(annotations)}`;

const changePart = ({ commit: { sha, at, message, paths, patch } }: Judged): string =>
  `CHANGE ${sha} landed ${iso(at)}: ${clip(message, 400)}\nFILES ${(paths ?? []).slice(0, shown.paths).join(" ")}\n${patch ?? ""}`;

/** Few points tell a course, the latest ones most. */
const seriesPart = ({ service, metric, points }: NonNullable<Case["series"]>[number]): string =>
  `METRIC ${service} ${metric}: ${points
    .slice(-shown.points)
    .map(([at, value]) => `${iso(at)} ${value}`)
    .join(", ")}`;

const pairs = (texts: Record<string, string>): string =>
  Object.entries(texts)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");

const iso = (at: number): string => new Date(at).toISOString();
