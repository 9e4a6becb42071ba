/** The result of one case: the culprit's rank, and the probability of the first suspect with the culprit in the window and without. */
export type Result = { group: string; chosen: number; place: number; p: number; free?: number };
type Reached = { bar: number; coverage: number };
export type Figures = {
  cases: number;
  top1: number;
  top3: number;
  top5: number;
  mrr: number;
  hardTop1: number;
  hardTop5: number;
  /** Share of right answers among the given share of cases told with most confidence. */
  precision: { coverage: number; precision: number; bar: number }[];
  /** Mean distance of confidence from precision over ten bins. */
  calibration: number;
  /** The lowest bar above which at least 95 % were right, and the share of all that is above it; absent when even the surest were not. */
  trusted?: Reached;
  /** The same for 70 %, which is worth a question to people. */
  asked?: Reached;
  /** Acted on of the real windows, at the bar where at most 2 % of the windows without culprit are. */
  acted?: { bar: number; real: number; free: number };
};

const share = (count: number, of: number): number => (of === 0 ? 0 : count / of);
/** A culprit that is not among so many newest is a hard one. */
const easy = 3;
const tolerated = 0.02;

export const figuresOf = (results: Result[]): Figures => {
  const within = (some: Result[], k: number): number =>
    share(some.filter(({ place }) => place < k).length, some.length);
  const hard = results.filter(({ chosen }) => chosen >= easy);
  const sure = results.toSorted((a, b) => b.p - a.p);
  return {
    cases: results.length,
    top1: within(results, 1),
    top3: within(results, 3),
    top5: within(results, 5),
    mrr: share(
      results.reduce((sum, { place }) => sum + 1 / (1 + place), 0),
      results.length,
    ),
    hardTop1: within(hard, 1),
    hardTop5: within(hard, 5),
    precision: [0.1, 0.25, 0.5, 0.75, 1].map((coverage) => {
      const told = sure.slice(0, Math.round(coverage * sure.length));
      return { coverage, precision: within(told, 1), bar: told.at(-1)?.p ?? 1 };
    }),
    calibration: calibrationError(results),
    ...named("trusted", reachedBy(sure, precisions.trusted)),
    ...named("asked", reachedBy(sure, precisions.asked)),
    ...acted(results),
  };
};

/** Mean distance of the first suspect's probability from the share in which it was right, over ten bins. */
export const calibrationError = (results: Pick<Result, "p" | "place">[]): number => {
  const bins = Map.groupBy(results, ({ p }) => Math.min(9, Math.floor(p * 10)));
  return share(
    [...bins.values()].reduce(
      (sum, bin) => sum + Math.abs(bin.reduce((apart, { p, place }) => apart + p - (place === 0 ? 1 : 0), 0)),
      0,
    ),
    results.length,
  );
};

/** Precision that acting without asking needs, and that a question to people is worth. */
const precisions = { trusted: 0.95, asked: 0.7 };
/** Results that must bear a precision out. */
export const leastShown = 20;

const named = <K extends "trusted" | "asked">(name: K, reached: Reached | undefined): Pick<Figures, K> =>
  (reached === undefined ? {} : { [name]: reached }) as Pick<Figures, K>;

/** The lowest bar above which so many were right, if enough results are above it. */
const reachedBy = (sure: Result[], needed: number): Reached | undefined => {
  let right = 0;
  let count = 0;
  for (const [at, { place }] of sure.entries()) {
    if (place === 0) right++;
    if (right >= needed * (at + 1)) count = at + 1;
  }
  const last = sure[count - 1];
  if (count < leastShown || last === undefined) return undefined;
  return { bar: last.p, coverage: count / sure.length };
};

const acted = (results: Result[]): Pick<Figures, "acted"> => {
  const free = results.flatMap((result) => result.free ?? []).toSorted((a, b) => b - a);
  const bar = free[Math.floor(tolerated * free.length)];
  if (bar === undefined) return {};
  const over = (values: number[]): number =>
    share(values.filter((value) => value > bar).length, values.length);
  return { acted: { bar, real: over(results.map(({ p }) => p)), free: over(free) } };
};

const two = (value: number): string => value.toFixed(3).replace(/^0/, "");
/** The figures as lines to read. */
export const printFigures = (name: string, figures: Figures): string =>
  [
    `${name}: ${figures.cases} cases, top-1 ${two(figures.top1)}, top-3 ${two(figures.top3)}, top-5 ${two(figures.top5)}, MRR ${two(figures.mrr)}`,
    `  culprit not among the ${easy} newest: top-1 ${two(figures.hardTop1)}, top-5 ${two(figures.hardTop5)}; calibration error ${two(figures.calibration)}`,
    `  precision at coverage: ${figures.precision.map(({ coverage, precision, bar }) => `${coverage * 100} % ${two(precision)} (bar ${two(bar)})`).join(", ")}`,
    ...(figures.trusted === undefined
      ? []
      : [
          `  at least 95 % are right from the bar ${two(figures.trusted.bar)} on, which ${two(figures.trusted.coverage)} reach: no lower policy.autoConfidence is measured`,
        ]),
    ...(figures.acted === undefined
      ? []
      : [
          `  acted on, at the bar ${two(figures.acted.bar)}: ${two(figures.acted.real)} of the real windows, ${two(figures.acted.free)} of those without their culprit`,
        ]),
  ].join("\n");
