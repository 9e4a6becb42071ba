import type { Candidate } from "../ranking/candidate.ts";
import { type Feature, perWindow } from "./feature.ts";

const minute = 60_000;
const hour = 60 * minute;

const logRank: Feature = ({ newer }) => Math.log1p(newer);
const newest: Feature = ({ newer }) => (newer === 0 ? 1 : 0);
const second: Feature = ({ newer }) => (newer === 1 ? 1 : 0);
const third: Feature = ({ newer }) => (newer === 2 ? 1 : 0);
const pastRank =
  (from: number): Feature =>
  ({ newer }) =>
    Math.max(0, Math.log1p(newer) - Math.log1p(from));
const logAge: Feature = ({ age }) => Math.log1p(age / minute);
/** The age beyond `ms`, as a logarithm: the odds fall faster on some stretches than on others. */
const pastAge =
  (ms: number): Feature =>
  ({ age }) =>
    Math.max(0, Math.log1p(age / minute) - Math.log1p(ms / minute));
/** The time in which the change was the newest. People notice trouble before they go on. */
const gapAfter: Feature = ({ age, nextAge }) => Math.log1p((age - nextAge) / minute);
const gapBefore: Feature = ({ age, previousAge }) => Math.log1p((previousAge - age) / minute);
/** Last of a burst: quiet after it, busy before it. */
const lastOfBurst: Feature = (candidate, window) =>
  gapAfter(candidate, window) - gapBefore(candidate, window);
const within =
  (ms: number): Feature =>
  ({ rank, age }, { candidates }) => {
    let count = 0;
    const isNear = (other: Candidate | undefined): other is Candidate =>
      other !== undefined && Math.abs(age - other.age) < ms;
    for (let index = rank - 1, other = candidates[index]; isNear(other); other = candidates[--index])
      if (!other.irrelevant) count++;
    for (let index = rank + 1, other = candidates[index]; isNear(other); other = candidates[++index])
      if (!other.irrelevant) count++;
    return Math.log1p(count);
  };
const newestAge = perWindow(({ candidates }) => candidates.find(({ irrelevant }) => !irrelevant)?.age ?? 0);
const medianAge = perWindow(({ candidates }) => {
  const relevant = candidates.filter(({ irrelevant }) => !irrelevant);
  return relevant[Math.floor(relevant.length / 2)]?.age ?? 0;
});
/** Age as the history's own pace measures it. */
const pacedAge: Feature = ({ age }, window) =>
  Math.log1p(age / minute) - Math.log1p(medianAge(window) / minute);
/** Trouble straight after the newest commit points at it more than trouble after a quiet day. */
const newestIsFresh: Feature = ({ newer }, window) =>
  newer === 0 ? -Math.log1p(newestAge(window) / minute) : 0;
const agePastNewest: Feature = ({ age }, window) => Math.log1p(Math.max(0, age - newestAge(window)) / minute);

export const time = {
  logRank,
  newest,
  second,
  third,
  pastRank5: pastRank(5),
  pastRank15: pastRank(15),
  logAge,
  past5m: pastAge(5 * minute),
  past30m: pastAge(30 * minute),
  past2h: pastAge(2 * hour),
  past8h: pastAge(8 * hour),
  past1d: pastAge(24 * hour),
  past3d: pastAge(72 * hour),
  gapAfter,
  gapBefore,
  lastOfBurst,
  within10m: within(10 * minute),
  within1h: within(hour),
  pacedAge,
  newestIsFresh,
  agePastNewest,
} satisfies Record<string, Feature>;
