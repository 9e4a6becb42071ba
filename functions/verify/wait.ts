import type { In, Question } from "../../shared/incident/model.ts";
import { lookbackMs } from "../../shared/promql/lookback.ts";

/** The rule among the questions that looks back longest. */
const longestLookback = (questions: Question[] = []): { alert: string; lookbackMs: number } | undefined =>
  questions
    .flatMap(({ alert, rules }) => rules.map(({ expr }) => ({ alert, lookbackMs: lookbackMs(expr) })))
    .toSorted((a, b) => b.lookbackMs - a.lookbackMs)[0];

/** How long verification needs at least: until the rules no longer see the time before the fix, and twice the hold time. 0 for rules that look at the present. */
export const waitFor = (questions: Question[] | undefined, holdMs: number): number => {
  const { lookbackMs = 0 } = longestLookback(questions) ?? {};
  return lookbackMs === 0 ? 0 : lookbackMs + 2 * holdMs;
};

/** A sentence while the rules still see the time before the fix. */
export const waitingFor = ({ questions, deploy }: In<"deployed">, now: number): string | undefined => {
  const longest = longestLookback(questions);
  if (longest === undefined || longest.lookbackMs === 0) return undefined;
  const quietAt = deploy.at + longest.lookbackMs;
  if (now >= quietAt) return undefined;
  return `${longest.alert} looks back ${spoken(longest.lookbackMs)}: it can be quiet from ${new Date(quietAt).toISOString()} on`;
};

const spoken = (ms: number): string => {
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
};
