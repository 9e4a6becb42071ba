import type { EpochMs, IncidentId, Sha } from "../../brands.ts";
import type { Event } from "../events.ts";
import type { Outcome, Reason, Remedy } from "../model.ts";
import { roundsNotEnded } from "./earlier.ts";

/** The end of a proposed remedy. `verified`, `ineffective`, `ruled_out` and `rejected` judge it; the others say nothing about it. */
export type AttemptEnd = "verified" | "ineffective" | "ruled_out" | "rejected" | "unjudged";

/** One pull request that people, or the policy, could decide about. Instants are epoch ms. */
export type Attempt = {
  kind: Remedy["kind"];
  title: string;
  /** The commit that a revert takes back. */
  sha?: Sha;
  score: number;
  proposedAt: EpochMs;
  approvedAt?: EpochMs;
  mergedAt?: EpochMs;
  liveAt?: EpochMs;
  end: AttemptEnd;
  /** The reason that a person gave for a rejection. */
  why?: string;
};

/** One round of an incident, from its first alert to its end. */
export type Round = {
  incident: IncidentId;
  round: number;
  openedAt: EpochMs;
  onsetAt: EpochMs;
  /** Absent while it is open. `ended` is the outcome, or the reason why a person was needed. */
  endedAt?: EpochMs;
  ended?: Outcome | Reason;
  /** A person was needed at some time, whatever the end. */
  isEscalated: boolean;
  isPaged: boolean;
  /** Those who were asked, and those who approved, by name, once for each time. */
  asked: string[];
  approvedBy: string[];
  attempts: Attempt[];
};

/** The rounds of one incident by its facts, the oldest first. Facts before the first opening are left out. */
export const roundsIn = (incident: IncidentId, facts: Event[]): Round[] => {
  const rounds: Round[] = [];
  for (const fact of facts) {
    if (fact.type === "IncidentOpened")
      rounds.push({
        ...{ incident, round: fact.round, openedAt: fact.at, onsetAt: fact.onsetAt },
        ...{ isEscalated: false, isPaged: false, asked: [], approvedBy: [], attempts: [] },
      });
    const round = rounds.at(-1);
    if (round !== undefined) rounds[rounds.length - 1] = { ...after(round, fact) };
  }
  const without = roundsNotEnded(facts);
  return rounds.map((round) => (without.has(round.round) ? unjudged(round) : round));
};

/** A verdict about a trouble that the fix did not end says nothing about the fix. */
const unjudged = (round: Round): Round => ({
  ...round,
  attempts: round.attempts.map((one) =>
    one.end === "verified" ? { ...one, end: "unjudged" as const } : one,
  ),
});

const after = (round: Round, fact: Event): Round => {
  switch (fact.type) {
    case "RemedyProposed":
      return { ...round, attempts: [...round.attempts, attemptOf(fact)] };
    case "ApprovalRequested":
      return { ...round, asked: [...round.asked, ...(fact.asked ?? [])] };
    case "RemedyApproved":
      return {
        ...withLast(round, { approvedAt: fact.at }),
        approvedBy: [...round.approvedBy, ...(fact.votes ?? [fact]).map(({ by }) => by)],
      };
    case "RemedyMerged":
      return withLast(round, { mergedAt: fact.at });
    case "RemedyDeployed":
      if (fact.behind) return round;
      return withLast(round, { liveAt: fact.at });
    case "RemedyIneffective":
      return withLast(round, { end: "ineffective" });
    case "RemedyRuledOut":
      return withLast(round, { end: "ruled_out" });
    case "PageRequested":
      return { ...round, isPaged: true };
    case "IncidentResumed": {
      const { endedAt: _, ended: __, ...open } = round;
      return open;
    }
    case "IncidentEscalated":
      return { ...escalated(round, fact), endedAt: fact.at, ended: fact.reason, isEscalated: true };
    case "IncidentClosed":
      return { ...closed(round, fact), endedAt: fact.at, ended: fact.outcome };
    default:
      return round;
  }
};

const attemptOf = ({ remedy, at }: Extract<Event, { type: "RemedyProposed" }>): Attempt => ({
  ...{ kind: remedy.kind, title: remedy.title, score: remedy.score },
  ...(remedy.kind === "revert" && { sha: remedy.sha }),
  ...{ proposedAt: at, end: "unjudged" },
});

/** Where the trouble went on past the time for the verification, the remedy did not help. Where nothing could be measured, nobody knows. */
const escalated = (
  round: Round,
  { reason, verdict = "still_firing" }: Extract<Event, { type: "IncidentEscalated" }>,
): Round =>
  reason === "not_recovered" && verdict === "still_firing" ? withLast(round, { end: "ineffective" }) : round;

const closed = (round: Round, { outcome, detail }: Extract<Event, { type: "IncidentClosed" }>): Round => {
  // A recovery after the time for it may be somebody else's doing.
  if (round.attempts.at(-1)?.end === "ineffective") return round;
  if (outcome === "verified") return withLast(round, { end: "verified" });
  return outcome === "rejected"
    ? withLast(round, { end: "rejected", ...(detail !== undefined && { why: detail }) })
    : round;
};

const withLast = (round: Round, more: Partial<Attempt>): Round => {
  const last = round.attempts.at(-1);
  return last === undefined
    ? round
    : { ...round, attempts: [...round.attempts.slice(0, -1), { ...last, ...more }] };
};

/** Durations are medians in ms, absent where nothing was measured. */
export type Times = {
  /** From the first alert to the pull request. */
  propose?: number;
  /** From the pull request to the approval. */
  decide?: number;
  /** From the approval to live. */
  live?: number;
  /** From the begin of the trouble to its end, however it ended. */
  restore?: number;
  /** The same where a merged remedy ended it, and where people put it right themselves. */
  restoreVerified?: number;
  restoreByPeople?: number;
};

export type Counts = {
  rounds: number;
  open: number;
  escalated: number;
  paged: number;
  /** Ended rounds by their outcome, or by the reason why a person was needed. */
  ends: Partial<Record<Outcome | Reason, number>>;
  proposed: number;
  approved: number;
  merged: number;
  /** The proposals by their end. Pull requests that withdraw our own remedy do not count. */
  judged: Record<AttemptEnd, number>;
  times: Times;
};

/** Of the proposals with at least this probability, how many were judged and how many of these were right. */
export type Bar = { atLeast: number; judged: number; right: number };

export type Report = {
  since: EpochMs;
  until: EpochMs;
  all: Counts;
  services: Record<string, Counts>;
  bars: Bar[];
  /** Succeeded deploys on record, and the share of them that a verified revert took back; absent where deploys are not known. */
  deploys?: { count: number; failed: number };
  rejections: { incident: IncidentId; title: string; why: string }[];
  /** How often each was asked, and how often each approved, the most first. */
  asked: Tally;
  approvedBy: Tally;
};
export type Tally = { name: string; count: number }[];

const bars = [0.5, 0.6, 0.7, 0.8, 0.9];

/** The report about the rounds that were opened at `since` or later and before `until`. */
export const reportOn = (
  rounds: Round[],
  { since, until, deploys }: { since: EpochMs; until: EpochMs; deploys?: number },
): Report => {
  const counted = rounds.filter(({ openedAt }) => openedAt >= since && openedAt < until);
  const names = [...new Set(counted.map(serviceIn))].sort();
  const attempts = attemptsIn(counted);
  const failed = attempts.filter(({ kind, end }) => kind === "revert" && end === "verified").length;
  return {
    ...{ since, until, all: countsOf(counted) },
    services: Object.fromEntries(
      names.map((name) => [name, countsOf(counted.filter((round) => serviceIn(round) === name))]),
    ),
    bars: bars.map((atLeast) => barOf(attempts, atLeast)),
    ...(deploys !== undefined && { deploys: { count: deploys, failed } }),
    asked: tallied(counted.flatMap(({ asked }) => asked)),
    approvedBy: tallied(counted.flatMap(({ approvedBy }) => approvedBy)),
    rejections: counted.flatMap(({ incident, attempts: own }) =>
      own.flatMap(({ title, why }) => (why === undefined ? [] : [{ incident, title, why }])),
    ),
  };
};

const serviceIn = ({ incident }: Round): string => incident.split("/")[0] ?? "";

const attemptsIn = (rounds: Round[]): Attempt[] =>
  rounds.flatMap(({ attempts }) => attempts).filter(({ kind }) => kind !== "withdraw");

const barOf = (attempts: Attempt[], atLeast: number): Bar => {
  const judged = attempts.filter(({ score, end }) => score >= atLeast && end !== "unjudged");
  return { atLeast, judged: judged.length, right: judged.filter(({ end }) => end === "verified").length };
};

const countsOf = (rounds: Round[]): Counts => {
  const attempts = attemptsIn(rounds);
  return {
    rounds: rounds.length,
    open: rounds.filter(({ ended }) => ended === undefined).length,
    escalated: rounds.filter(({ isEscalated }) => isEscalated).length,
    paged: rounds.filter(({ isPaged }) => isPaged).length,
    ends: tally(rounds.flatMap(({ ended }) => ended ?? [])),
    proposed: attempts.length,
    approved: attempts.filter(({ approvedAt }) => approvedAt !== undefined).length,
    merged: attempts.filter(({ mergedAt }) => mergedAt !== undefined).length,
    judged: {
      ...{ verified: 0, ineffective: 0, ruled_out: 0, rejected: 0, unjudged: 0 },
      ...tally(attempts.map(({ end }) => end)),
    },
    times: timesOf(rounds, attempts),
  };
};

const tally = <K extends string>(all: K[]): Partial<Record<K, number>> => {
  const counts: Partial<Record<K, number>> = {};
  for (const one of all) counts[one] = (counts[one] ?? 0) + 1;
  return counts;
};

const tallied = (names: string[]): Tally =>
  [...Map.groupBy(names, (name) => name)]
    .map(([name, all]) => ({ name, count: all.length }))
    .toSorted((a, b) => b.count - a.count || a.name.localeCompare(b.name));

const recoveries: (Outcome | Reason)[] = ["verified", "recovered", "recovered_by_people"];

const timesOf = (rounds: Round[], attempts: Attempt[]): Times => {
  const propose = rounds.map(({ openedAt, attempts: [first] }) => first && first.proposedAt - openedAt);
  const decide = attempts.map(({ proposedAt, approvedAt }) => approvedAt && approvedAt - proposedAt);
  const live = attempts.map(({ approvedAt, liveAt }) => approvedAt && liveAt && liveAt - approvedAt);
  const endedBy = (outcomes: (Outcome | Reason)[]) =>
    rounds.map(({ ended, endedAt, onsetAt }) =>
      ended !== undefined && outcomes.includes(ended) ? endedAt && endedAt - onsetAt : undefined,
    );
  const medians = {
    ...{ propose, decide, live, restore: endedBy(recoveries) },
    ...{ restoreVerified: endedBy(["verified"]), restoreByPeople: endedBy(["recovered_by_people"]) },
  };
  return Object.fromEntries(
    Object.entries(medians).flatMap(([name, all]) => {
      const median = medianOf(all.filter((one) => one !== undefined));
      return median === undefined ? [] : [[name, median]];
    }),
  );
};

const medianOf = (all: number[]): number | undefined =>
  all.toSorted((a, b) => a - b)[Math.floor((all.length - 1) / 2)];
