import { clock, list, span } from "../../text/format.ts";
import { perWindow } from "../features/feature.ts";
import { groups } from "../features/index.ts";
import { deploySizes } from "../in-production/at-onset.ts";
import type { Live } from "../in-production/live.ts";
import type { Evidence } from "../model.ts";
import { isErrorLevel } from "../onset/log-patterns.ts";
import type { Candidate } from "../ranking/candidate.ts";
import { fitted } from "../ranking/weights.ts";
import type { Window } from "../ranking/window.ts";
import { rivalOf } from "../remedies.ts";
import type { Judged, Verdict } from "../verdict.ts";
import { sentences, silent } from "./sentences.ts";

const maxReasons = 4;
/** Below this many log-odds a reason did not move anything. */
const minWeight = 0.15;

/** A sentence about a suspect, and whether it rests on something measured or on words. */
export type Reason = { text: string; kind: "measured" | "text" };

/** Why a commit stands where it stands: the sentences that moved it most, the strongest first, and what it touches. */
export const reasonsOf = (verdict: Verdict, index: number): string[] =>
  explain(verdict, index).map(({ text }) => text);

export const explain = (verdict: Verdict, index: number): Reason[] => {
  const judged = verdict.ranked[index];
  if (judged?.live === undefined) return textReasons("was not live when the trouble began");
  const { candidate, live, commit } = judged;
  if (candidate === undefined)
    return textReasons(
      `landed ${span(Math.max(0, verdict.onset.at - live.at))} before the trouble began`,
      silent,
    );
  return [
    ...strongest(verdict, { ...judged, candidate, live }, index === 0),
    ...textReasons(...(commit.paths.length === 0 ? [] : [`touches ${list(commit.paths)}`])),
  ];
};

const textReasons = (...texts: string[]): Reason[] => texts.map((text) => ({ text, kind: "text" }));

type InFull = Judged & { candidate: Candidate; live: Live };

const strongest = (verdict: Verdict, judged: InFull, isFirst: boolean): Reason[] => {
  const quoted = verdict.onset.patterns.some(isErrorLevel);
  const when = timeOf(verdict, judged);
  const isRequired = ({ reason, always }: Evidence): boolean =>
    reason === when.reason || (always === true && isFirst);
  const found = [...judged.evidence, ...withoutContradiction(learned(judged, verdict.window, when)), when];
  const distinct = found.filter(
    (item, index, all) =>
      (Math.abs(item.weight) >= minWeight || isRequired(item)) &&
      all.findIndex(({ reason }) => reason === item.reason) === index,
  );
  const ordered = distinct.toSorted((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  const chosen = new Set(
    [...ordered.filter(isRequired), ...ordered.filter((item) => !isRequired(item))].slice(0, maxReasons),
  );
  return ordered
    .filter((item) => chosen.has(item))
    .map(({ reason, measured }) => ({
      text: quoted ? reason.replace("with the alert (", "with the alert and its new log lines (") : reason,
      kind: measured === true ? "measured" : "text",
    }));
};

/** A change that holds a name of the alert does not say nothing of it. */
const withoutContradiction = (items: Evidence[]): Evidence[] =>
  items.some(
    ({ reason }) => reason.endsWith(", as the alert does") || reason.endsWith(", which the alert names"),
  )
    ? items.filter(({ reason }) => reason !== silent)
    : items;

/** The sentence about the time at which the change went live, and about the other changes of its deploy. */
const timeOf = ({ ranked, window }: Verdict, { candidate, live }: InFull): Evidence => {
  if (live.by === "landing") return { weight: 0, reason: sentences.time(candidate, live, window) };
  const others =
    ranked.filter((other) => other.live?.by === "deploy" && other.live.at === live.at).length - 1;
  const together =
    others === 0 ? "alone" : `together with ${others} other ${others === 1 ? "change" : "changes"}`;
  const { at, reportedAt, before = candidate.age } = live;
  const when =
    reportedAt === undefined
      ? `${clock(at)}, ${before < 1000 ? "in the second in which" : `${span(before)} before`} the trouble began`
      : `${clock(reportedAt)}, whose rollout went on as the trouble began`;
  const reason = `shipped in the deploy of ${when}, ${together}`;
  return { weight: 0, reason, measured: true };
};

/** The contribution of each group of features to a candidate, against the mean of its window. */
const learned = (judged: Judged, window: Window, when: Evidence): Evidence[] => {
  const { candidate, live } = judged;
  if (candidate === undefined || live === undefined) return [];
  return Object.entries(groups).flatMap(([group, features]) => {
    const weight = against(candidate, window, features);
    if (group === "time") return [{ ...when, weight }];
    const reason = sentences[group as keyof typeof groups](candidate, live, window);
    return reason === undefined ? [] : [{ weight, reason }];
  });
};

const against = (candidate: Candidate, window: Window, features: Group): number => {
  const step = Math.max(1, Math.floor(window.candidates.length / 10));
  const others = window.candidates.filter((item, index) => index % step === 0 || item === candidate);
  const sum = (item: Candidate): number => weighed(item, window, features);
  return sum(candidate) - others.reduce((all, item) => all + sum(item), 0) / others.length;
};

type Group = (typeof groups)[keyof typeof groups];

const weights = perWindow(() => new Map<Group, Map<Candidate, number>>());

/** The weight of a group of features of a candidate. Every suspect is held against the same others, so each is weighed once. */
const weighed = (item: Candidate, window: Window, features: Group): number => {
  const known = weights(window);
  const ofGroup = known.get(features) ?? new Map<Candidate, number>();
  known.set(features, ofGroup);
  const weight = ofGroup.get(item) ?? weigh(item, window, features);
  ofGroup.set(item, weight);
  return weight;
};

const weigh = (item: Candidate, window: Window, features: Group): number =>
  Object.entries(features).reduce(
    (total, [name, feature]) => total + (fitted.features[name] ?? 0) * feature(item, window),
    0,
  );

/** Notes for the diagnosis: evidence against any commit, and changes that no deploy separates. */
export const notesOf = ({ ranked, against }: Verdict): string[] => {
  const [first] = ranked;
  const live = new Map(
    ranked.flatMap(({ commit, live }) => (live === undefined ? [] : [[commit.sha, live]])),
  );
  const size = first === undefined ? 1 : (deploySizes(live).get(first.commit.sha) ?? 1);
  const rival = rivalOf(ranked);
  return [
    ...against.map(({ reason }) => reason),
    ...(rival === undefined
      ? []
      : [
          `the deploy brought ${size} of these changes, and too little tells the first from ${rival.commit.sha.slice(0, 12)} “${rival.commit.title.slice(0, 80)}”`,
        ]),
  ];
};
