import { calibrationError } from "../../../infra/train/figures.ts";
import type { Case } from "../../../shared/diagnosis/model.ts";
import { verdictOn } from "../../../shared/diagnosis/rank.ts";
import { examined, size } from "./make.ts";
import type { Half } from "./world.ts";

/** The answer to a case: its commits with their probabilities, the likeliest first, and the probability of none. */
export type Answer = { ranked: { sha: string; p: number }[]; none: number };
/** An incident and who is guilty of it; undefined: nobody. `answer` is given where the loop has told it already. */
export type Incident = {
  name: string;
  story: string;
  given: Case;
  culprit: string | undefined;
  /** The case and its twin have one pair. */
  pair?: number;
  answer?: Answer;
};
/**
 * How it is told. `right`: the guilty commit is likelier than every other and than none, or none is likeliest when
 * nobody is guilty. `place`: of the guilty commit among the commits, from 0. `convicted`: an innocent commit gets .7 or more.
 */
export type Mark = {
  name: string;
  story: string;
  guilty: boolean;
  right: boolean;
  place: number;
  convicted: boolean;
  /** Of the first commit. */
  p: number;
  none: number;
  first: string | undefined;
  pair?: number;
};

const answerTo = (given: Case): Answer => {
  const { ranked, noSuspect } = verdictOn(given).verdict;
  return { ranked: ranked.map(({ commit: { sha }, p }) => ({ sha, p })), none: noSuspect };
};

export const mark = ({ name, story, given, culprit, pair, answer = answerTo(given) }: Incident): Mark => {
  const { ranked, none } = answer;
  const [{ sha: first, p } = { sha: undefined, p: 0 }] = ranked;
  const guilty = culprit !== undefined;
  const named = guilty && first === culprit;
  const found = ranked.findIndex(({ sha }) => sha === culprit);
  return {
    ...{ name, story, guilty, p, none, first },
    right: guilty ? named && p > none : none > p,
    place: found < 0 ? given.commits.length : found,
    convicted: !named && p >= 0.7,
    ...(pair !== undefined && { pair }),
  };
};

export const marks = (half: Half): Mark[] =>
  Array.from({ length: size }, (_, number) => {
    const { story, read, culprit } = examined(half, number);
    return mark({ name: read.id, story, given: read.given, culprit });
  });

/** So many of so many. */
export type Share = [count: number, of: number];
/** The figures of an origin. Where it has no such case, `of` is 0. */
export type Figures = {
  cases: number;
  right: Share;
  first: Share;
  firstTwo: Share;
  none: Share;
  convicted: Share;
  /** Both cases of a pair are told right. */
  pairs: Share;
  error: number;
};

const share = <T>(of: T[], held: (one: T) => boolean): Share => [of.filter(held).length, of.length];
const right = (one: Mark): boolean => one.right;

export const figuresOf = (all: Mark[]): Figures => {
  const guilty = all.filter((one) => one.guilty);
  const pairs = Map.groupBy(
    all.filter((one) => one.pair !== undefined),
    ({ pair }) => pair,
  );
  return {
    cases: all.length,
    right: share(all, right),
    first: share(guilty, ({ place }) => place === 0),
    firstTwo: share(guilty, ({ place }) => place < 2),
    none: share(
      all.filter((one) => !one.guilty),
      right,
    ),
    convicted: share(all, ({ convicted }) => convicted),
    pairs: share([...pairs.values()], (pair) => pair.every(right)),
    error: calibrationError(all),
  };
};
