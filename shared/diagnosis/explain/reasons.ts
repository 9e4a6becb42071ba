import { clock, list, span } from "../../text/format.ts";
import { deploySizes, type Live } from "../deployed.ts";
import { perWindow } from "../features/feature.ts";
import { groups } from "../features/index.ts";
import type { Judged, Verdict } from "../judge.ts";
import type { Evidence } from "../model.ts";
import { isErrorLevel } from "../onset/log-patterns.ts";
import type { Candidate } from "../ranking/candidate.ts";
import { fitted } from "../ranking/weights.ts";
import type { Window } from "../ranking/window.ts";
import { rivalOf } from "../remedies.ts";
import { sentences } from "./sentences.ts";

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
      "says nothing that the alert says",
    );
  return [
    ...strongest(verdict, { ...judged, candidate, live }, index === 0),
    ...textReasons(...(commit.paths.length === 0 ? [] : [`touches ${list(commit.paths)}`])),
    ...textReasons(...(index === 0 ? runnerUp(verdict) : [])),
  ];
};

const textReasons = (...texts: string[]): Reason[] => texts.map((text) => ({ text, kind: "text" }));

type InFull = Judged & { candidate: Candidate; live: Live };

const strongest = (verdict: Verdict, judged: InFull, isFirst: boolean): Reason[] => {
  const quoted = verdict.onset.patterns.some(isErrorLevel);
  const when = timeOf(verdict, judged);
  const isRequired = ({ reason, always }: Evidence): boolean =>
    reason === when.reason || (always === true && isFirst);
  const distinct = [...judged.evidence, ...learned(judged, verdict.window, when), when].filter(
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
      text: quoted ? reason.replace("the alert and", "the alert with its new log lines and") : reason,
      kind: measured === true ? "measured" : "text",
    }));
};

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
      ? `${clock(at)}, ${span(before)} before the trouble began`
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

/** Why the second is less likely than the first, in what tells them apart most. */
const runnerUp = ({ ranked, window }: Verdict): string[] => {
  const [first, second] = ranked;
  if (first?.candidate === undefined || second?.candidate === undefined || second.p <= 0) return [];
  const [a, b] = [first.candidate, second.candidate];
  const [apart] = Object.entries(groups)
    .map(([group, features]) => ({ group, by: against(a, window, features) - against(b, window, features) }))
    .concat([{ group: "evidence", by: total(first.evidence) - total(second.evidence) }])
    .sort((x, y) => y.by - x.by);
  const times = first.p / second.p;
  const how = times < 1.2 ? "is about as likely" : `is ${Number(times.toPrecision(2))} times less likely`;
  const why =
    times < 1.2 ? "" : `: ${differences[apart?.group ?? "evidence"]?.(a, b) ?? "less speaks for it"}`;
  return [`the next, ${second.commit.sha.slice(0, 12)} “${second.commit.title.slice(0, 80)}”, ${how}${why}`];
};

const total = (evidence: Evidence[]): number => evidence.reduce((sum, { weight }) => sum + weight, 0);
const fewer = (a: Candidate, b: Candidate): string | undefined =>
  b.mentions.length < a.mentions.length
    ? `it says ${b.mentions.length} of the alert's words, not ${a.mentions.length}`
    : undefined;
const differences: Record<string, (first: Candidate, second: Candidate) => string> = {
  time: (a, b) => (b.age > a.age ? `it is ${span(b.age - a.age)} older` : "its moment fits less well"),
  text: (a, b) => fewer(a, b) ?? "it says rarer words of the alert less",
  names: () => "it names less of what the alert names",
  kind: () => "changes of its kind break production less often",
  history: () => "later changes to its files, or its being taken back, speak against it",
  paths: () => "it touches less of what is the service's",
  topics: () => "it is less about what the alert is about",
  vicinity: () => "the changes around it say less of what the alert says",
  together: (a, b) => fewer(a, b) ?? "its moment and its words fit the alert less",
  evidence: () => "the evidence points at it less",
};

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
