import { list, span } from "../../text/format.ts";
import { deploySizes } from "../deployed.ts";
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

/** Why a commit stands where it stands: the sentences that moved it most, the strongest first, and what it touches. */
export const reasonsOf = (verdict: Verdict, index: number): string[] => {
  const judged = verdict.ranked[index]!;
  if (judged.live === undefined) return ["was not live when the trouble began"];
  if (judged.candidate === undefined)
    return [
      `landed ${span(Math.max(0, verdict.onset.at - judged.live.at))} before the trouble began`,
      "says nothing that the alert says",
    ];
  const quoted = verdict.onset.patterns.some(isErrorLevel);
  const when = sentences.time(judged.candidate, judged.live, verdict.window);
  const isRequired = ({ reason, always }: Evidence): boolean =>
    reason === when || (always === true && index === 0);
  const evidence = [...judged.evidence, ...learned(judged, verdict.window), { weight: 0, reason: when }]
    .filter(
      (item, index, all) =>
        (Math.abs(item.weight) >= minWeight || isRequired(item)) &&
        all.findIndex(({ reason }) => reason === item.reason) === index,
    )
    .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  const chosen = new Set(
    [...evidence.filter(isRequired), ...evidence.filter((item) => !isRequired(item))].slice(0, maxReasons),
  );
  return [
    ...evidence
      .filter((item) => chosen.has(item))
      .map(({ reason }) =>
        quoted ? reason.replace("the alert", "the alert with its new log lines") : reason,
      ),
    ...(judged.commit.paths.length === 0 ? [] : [`touches ${list(judged.commit.paths)}`]),
    ...(index === 0 ? runnerUp(verdict) : []),
  ];
};

/** What each group of features added to a candidate, against the mean of its window. */
const learned = (judged: Judged, window: Window): Evidence[] => {
  const { candidate, live } = judged;
  if (candidate === undefined || live === undefined) return [];
  return Object.entries(groups).flatMap(([group, features]) => {
    const reason = sentences[group as keyof typeof groups](candidate, live, window);
    return reason === undefined ? [] : [{ weight: against(candidate, window, features), reason }];
  });
};

const against = (
  candidate: Candidate,
  window: Window,
  features: (typeof groups)[keyof typeof groups],
): number => {
  const sum = (item: Candidate): number =>
    Object.entries(features).reduce(
      (total, [name, feature]) => total + (fitted.features[name] ?? 0) * feature(item, window),
      0,
    );
  const step = Math.max(1, Math.floor(window.candidates.length / 10));
  const others = window.candidates.filter((item, index) => index % step === 0 || item === candidate);
  return sum(candidate) - others.reduce((total, item) => total + sum(item), 0) / others.length;
};

/** Why the second is less likely than the first, in what tells them apart most. */
const runnerUp = ({ ranked, window }: Verdict): string[] => {
  const [first, second] = ranked;
  if (first?.candidate === undefined || second?.candidate === undefined || second.p <= 0) return [];
  const [a, b] = [first.candidate, second.candidate];
  const apart = Object.entries(groups)
    .map(([group, features]) => ({ group, by: against(a, window, features) - against(b, window, features) }))
    .concat([{ group: "evidence", by: weigh(first.evidence) - weigh(second.evidence) }])
    .sort((x, y) => y.by - x.by)[0]!;
  const times = first.p / second.p;
  const how = times < 1.2 ? "is about as likely" : `is ${Number(times.toPrecision(2))} times less likely`;
  const why = times < 1.2 ? "" : `: ${differences[apart.group]?.(first, second) ?? "less speaks for it"}`;
  return [`the next, ${second.commit.sha.slice(0, 12)} “${second.commit.title.slice(0, 80)}”, ${how}${why}`];
};

const weigh = (evidence: Evidence[]): number => evidence.reduce((sum, { weight }) => sum + weight, 0);
const fewer = ({ candidate: a }: Judged, { candidate: b }: Judged): string | undefined =>
  b!.mentions.length < a!.mentions.length
    ? `it says ${b!.mentions.length} of the alert's words, not ${a!.mentions.length}`
    : undefined;
const differences: Record<string, (first: Judged, second: Judged) => string> = {
  time: ({ candidate: a }, { candidate: b }) =>
    b!.age > a!.age ? `it is ${span(b!.age - a!.age)} older` : "its moment fits less well",
  text: (a, b) => fewer(a, b) ?? "it says rarer words of the alert less",
  names: () => "it names less of what the alert names",
  kind: () => "changes of its kind break production less often",
  history: () => "later changes to its files, or its being taken back, speak against it",
  paths: () => "it touches less of what is the service's",
  topics: () => "it is less about what the alert is about",
  vicinity: () => "the changes around it say less of what the alert says",
  together: (a, b) => fewer(a, b) ?? "its moment and its words fit the alert less",
  evidence: () => "what the alert, logs and metrics measured points at it less",
};

/** What is to be known of the whole: what points elsewhere, and changes that no deploy tells apart. */
export const notesOf = ({ ranked, against }: Verdict): string[] => {
  const [first] = ranked;
  const live = new Map(
    ranked.flatMap(({ commit, live }) => (live === undefined ? [] : [[commit.sha, live]])),
  );
  const together = first === undefined ? 1 : (deploySizes(live).get(first.commit.sha) ?? 1);
  const rival = rivalOf(ranked);
  return [
    ...against.map(({ reason }) => reason),
    ...(rival === undefined
      ? []
      : [
          `one deploy brought ${together} of these changes, and ${rival.commit.sha.slice(0, 12)} is about as likely as the first: take the whole deploy back, or ask which`,
        ]),
  ];
};
