import { type Outcome, refusals } from "./balance.ts";
import { latestName } from "./rankers.ts";
import { type Figures, figuresOf, type Mark, type Share } from "./score.ts";

/** An origin as it was told, and what the trivial rankers did in it. */
export type Result = { name: string; marks: Mark[]; outcomes: Outcome[] };

const three = (value: number): string => value.toFixed(3).replace(/^0/, "");
const count = ([held, of]: Share): string => (of === 0 ? "–" : `${held} / ${of}`);
const percent = ([held, of]: Share): string => `${((100 * held) / of).toFixed(1)} %`;

/** A figure of the table. `bad`: the higher, the worse; undefined where the origin has no such case. */
type Column = { head: string; cell: (of: Figures) => string; bad: (of: Figures) => number | undefined };

const counted = (
  head: string,
  of: (figures: Figures) => Share,
  { isBad, cell = count }: { isBad?: true; cell?: (share: Share) => string } = {},
): Column => ({
  head,
  cell: (figures) => cell(of(figures)),
  bad: (figures) => {
    const [held, all] = of(figures);
    if (all === 0) return undefined;
    return isBad === true ? held / all : 1 - held / all;
  },
});

const columns: Column[] = [
  counted("right", ({ right }) => right),
  counted("guilty first", ({ first }) => first),
  counted("guilty in the first two", ({ firstTwo }) => firstTwo),
  counted("none right", ({ none }) => none),
  counted("an innocent at .7 or more", ({ convicted }) => convicted, {
    isBad: true,
    cell: (share) => `${share[0]} (${percent(share)})`,
  }),
  { head: "calibration error", cell: ({ error }) => three(error), bad: ({ error }) => error },
  counted("pairs both right", ({ pairs }) => pairs),
];

const row = (cells: (string | number)[]): string => `| ${cells.join(" | ")} |`;
export const headed = (first: string): string =>
  `${row([first, "cases", ...columns.map(({ head }) => head)])}\n|---|${"---:|".repeat(columns.length + 1)}`;
export const rowOf = (name: string, marks: Mark[]): string => {
  const figures = figuresOf(marks);
  return row([name, figures.cases, ...columns.map(({ cell }) => cell(figures))]);
};

/** The rows of one origin; the guilty cases and their twins have a row each. */
const rowsOf = ({ name, marks }: Result): string[] => [
  rowOf(name, marks),
  ...(marks.some(({ pair }) => pair !== undefined)
    ? [
        rowOf(
          "– guilty",
          marks.filter(({ guilty }) => guilty),
        ),
        rowOf(
          "– twins",
          marks.filter(({ guilty }) => !guilty),
        ),
      ]
    : []),
];

/** The worst origin of each figure. */
const worst = (results: Result[]): string => {
  const all = results.map(({ name, marks }) => ({ name, figures: figuresOf(marks) }));
  const cells = columns.map(({ cell, bad }) => {
    const [first] = all
      .flatMap(({ name, figures }) => {
        const how = bad(figures);
        return how === undefined ? [] : [{ name, figures, how }];
      })
      .toSorted((a, b) => b.how - a.how);
    return first === undefined ? "–" : `${first.name}: ${cell(first.figures)}`;
  });
  return row(["**the worst**", "", ...cells]);
};

export const table = (results: Result[]): string =>
  [headed("origin"), ...results.flatMap(rowsOf), worst(results)].join("\n");

const outcomeTold = ({ ranker, hits, cases, expected }: Outcome): string =>
  `${ranker}, right in ${hits} of ${cases}, ${Math.round(expected)} expected`;

/** The base rates of each origin, and the rankers for which it is refused. */
export const baseRates = (results: Result[]): string =>
  [
    row(["origin", "a change did it", "the latest deploy before the alert brought it", "balance"]),
    "|---|---:|---:|---|",
    ...results.map(({ name, marks, outcomes }) => {
      const latest = outcomes.find(({ ranker }) => ranker === latestName);
      const refused = refusals(outcomes).map(outcomeTold).join("; ");
      return row([
        ...[name, percent([marks.filter(({ guilty }) => guilty).length, marks.length])],
        latest === undefined ? "–" : percent([latest.hits, latest.cases]),
        refused === "" ? "holds" : `refused: ${refused}`,
      ]);
    }),
  ].join("\n");

/** Every ranker on every origin: hits of cases, and the hits that ordinary life gives. */
export const balanceTable = (results: Result[]): string => {
  const rankers = [...new Set(results.flatMap(({ outcomes }) => outcomes.map(({ ranker }) => ranker)))];
  return [
    row(["ranker: right (expected)", ...results.map(({ name }) => name)]),
    `|---|${"---:|".repeat(results.length)}`,
    ...rankers.map((ranker) =>
      row([
        ranker,
        ...results.map(({ outcomes }) => {
          const found = outcomes.find((one) => one.ranker === ranker);
          return found === undefined ? "–" : `${found.hits} of ${found.cases} (${found.expected.toFixed(0)})`;
        }),
      ]),
    ),
  ].join("\n");
};

/** The cases that are told wrongly, each in a line. */
export const wrongTold = (results: Result[]): string =>
  results
    .flatMap(({ name: origin, marks }) =>
      marks
        .filter(({ right, convicted }) => !right || convicted)
        .map(
          ({ name, story, guilty, first, p, none, place }) =>
            `${origin} ${name} (${story}): ${guilty ? `the culprit is number ${place + 1}` : "nobody did it"}, first ${first?.slice(0, 8)} with ${three(p)}, none ${three(none)}`,
        ),
    )
    .join("\n");
