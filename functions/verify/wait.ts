import type { In } from "../../shared/incident/model.ts";
import type { Question, RuleText } from "../../shared/incident/recovery.ts";
import { holdOf, waitOf } from "../../shared/policy/recovery/verifiable.ts";
import { inlined } from "../../shared/promql/inline.ts";
import { lookbackMs } from "../../shared/promql/lookback.ts";
import { span } from "../../shared/text/format.ts";

type Questions = Question[] | undefined;
const rulesOf = (questions: Questions = []): RuleText[] => questions.flatMap(({ rules }) => rules);

/** The time over which every rule must be quiet. */
export const holdFor = (questions: Questions, holdMs: number): number => holdOf(rulesOf(questions), holdMs);

/** The time that verification needs at least, where its usual time is too short for the rules. Else 0. */
export const waitFor = (questions: Questions, holdMs: number): number => waitOf(rulesOf(questions), holdMs);

/** The rule among the questions that looks back longest. */
const longestLookback = (questions: Questions = []): { alert: string; lookbackMs: number } | undefined =>
  questions
    .flatMap(({ alert, rules }) =>
      rules.map(({ expr, recorded }) => ({ alert, lookbackMs: lookbackMs(inlined(expr, recorded) ?? expr) })),
    )
    .toSorted((a, b) => b.lookbackMs - a.lookbackMs)[0];

/** A sentence while the rules still see the time before the fix. */
export const waitingFor = ({ questions, deploy }: In<"deployed">, now: number): string | undefined => {
  const longest = longestLookback(questions);
  if (longest === undefined || longest.lookbackMs === 0) return undefined;
  const quietAt = deploy.at + longest.lookbackMs;
  if (now >= quietAt) return undefined;
  return `${longest.alert} looks back ${span(longest.lookbackMs)}: it can be quiet from ${new Date(quietAt).toISOString()} on`;
};
