import type { EpochMs } from "../brands.ts";
import type { Chart } from "../incident/model.ts";
import { amount } from "../text/damage.ts";
import { clock } from "../text/format.ts";
import type { Point, Shape } from "./shapes.ts";

/** An instant that is marked: each kind has a shape of its own, so that colour is never the only sign. */
export type Mark = { at: EpochMs; kind: "deploy" | "onset" | "merge" | "live" | "verdict"; label: string };
export type Drawing = { chart: Chart; marks: Mark[]; width: number; height: number };

/** Room around the plot: the values on the left, the last one on the right, the times below. */
const room = { left: 46, right: 62, below: 22, row: 15, above: 8 };

/** The course of an alert as shapes: the line with its gaps, the threshold, and what happened when. The same input gives the same shapes. */
export const shapesOf = ({ chart, marks, width, height }: Drawing): Shape[] => {
  const scale = scaleOf(chart, marks, width);
  const rows = placed(
    marks.filter(({ at }) => at >= scale.from && at <= scale.to),
    scale,
    width,
  );
  const top = room.above + room.row * (1 + Math.max(-1, ...rows.map(({ row }) => row)));
  const plot = { top, bottom: height - room.below, left: room.left, right: width - room.right };
  const y = (value: number): number =>
    round(plot.bottom - ((value - scale.least) / (scale.most - scale.least)) * (plot.bottom - plot.top));
  return [
    ...scale.ticks.flatMap((value): Shape[] => [
      { is: "lines", style: "grid", runs: [across(plot, y(value))] },
      { is: "text", text: amount(chart, value), at: [plot.left - 6, y(value) + 4], anchor: "end" },
    ]),
    ...timesOf(scale, width).map((at): Shape => {
      const text = clock(at).slice(0, scale.digits);
      return { is: "text", text, at: [scale.x(at), height - 6], anchor: "middle", instant: at };
    }),
    ...lineOf(chart, scale, { y, plot }),
    ...thresholdOf(chart, { y, plot }),
    // A line runs below the words of every other mark.
    ...rows.map((one) => markLine(one, plot.bottom)),
    ...rows.flatMap(markSign),
    ...lastOf(chart, { y, x: scale.x }),
  ];
};

/** The chart in a sentence, for those who do not see it. */
export const describe = (chart: Chart, marks: Mark[]): string => {
  const values = known(chart).map(([, value]) => value);
  const [first, last] = [values[0] ?? 0, values.at(-1) ?? 0];
  const limit =
    chart.threshold === undefined ? "" : `; the alert's threshold is ${amount(chart, chart.threshold)}`;
  const told = marks.map(({ label, at }) => `${label} ${clock(at).slice(0, 5)} UTC`).join(", ");
  return `${chart.alert}: from ${amount(chart, first)} to ${amount(chart, last)}${limit}${told === "" ? "" : `. ${told}`}`;
};

type Scale = {
  from: EpochMs;
  to: EpochMs;
  least: number;
  most: number;
  ticks: number[];
  digits: number;
  x: (at: EpochMs) => number;
};

const scaleOf = (chart: Chart, marks: Mark[], width: number): Scale => {
  const times = [...chart.points.map(([second]) => chart.at + second * 1000), ...marks.map(({ at }) => at)];
  const shown = chart.points.map(([second]) => chart.at + second * 1000);
  // A mark far outside would press the line together.
  const span = Math.max(1, Math.max(...shown) - Math.min(...shown));
  const near = times.filter(
    (at) => at >= Math.min(...shown) - span / 4 && at <= Math.max(...shown) + 8 * span,
  );
  const [from, to] = [Math.min(...near), Math.max(...near, Math.min(...near) + 1000)];
  const values = [
    ...known(chart).map(([, value]) => value),
    ...(chart.threshold === undefined ? [] : [chart.threshold]),
  ];
  const [low, high] = [Math.min(0, ...values), Math.max(...values, Number.MIN_VALUE)];
  const step = nice(((high - low) * 1.05) / 3 || 1);
  const least = Math.floor(low / step) * step;
  const whole = chart.isShare && high <= 1 ? Math.ceil(1 / step) * step : Number.POSITIVE_INFINITY;
  const most = Math.max(least + step, Math.min(Math.ceil((high * 1.02) / step) * step, whole));
  const ticks = Array.from({ length: Math.round((most - least) / step) + 1 }, (_, index) =>
    Number((least + index * step).toPrecision(10)),
  );
  const inner = width - room.left - room.right;
  const x = (at: EpochMs): number => round(room.left + ((at - from) / (to - from)) * inner);
  return { from, to, least, most, ticks, digits: to - from < 5 * 60_000 ? 8 : 5, x };
};

const steps = [5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600].map(
  (second) => second * 1000,
);
const timesOf = ({ from, to }: Scale, width: number): EpochMs[] => {
  const step = steps.find((one) => (to - from) / one <= width / 110) ?? to - from;
  const first = Math.ceil(from / step) * step;
  return Array.from(
    { length: Math.max(0, Math.floor((to - first) / step) + 1) },
    (_, index) => first + index * step,
  );
};

const known = ({ points }: Chart): [number, number][] =>
  points.flatMap(([second, value]): [number, number][] => (value === null ? [] : [[second, value]]));

type Plot = { top: number; bottom: number; left: number; right: number };
type Inside = { y: (value: number) => number; plot: Plot };

const across = ({ left, right }: Plot, y: number): Point[] => [
  [left, y],
  [right, y],
];

/** The line breaks where data is missing. The part on the wrong side of the threshold is filled. */
const lineOf = (chart: Chart, { x }: Scale, { y, plot }: Inside): Shape[] => {
  const runs: Point[][] = [[]];
  for (const [second, value] of chart.points)
    if (value === null) runs.push([]);
    else runs.at(-1)?.push([x(chart.at + second * 1000), y(value)]);
  const drawn = runs.filter(({ length }) => length > 0);
  const line: Shape = { is: "lines", style: "series", runs: drawn };
  if (chart.threshold === undefined) return [line];
  const isBelow = chart.above === false;
  const side = isBelow ? plot.top : plot.bottom;
  const areas = drawn.map((run): Point[] => [[run[0]?.[0] ?? 0, side], ...run, [run.at(-1)?.[0] ?? 0, side]]);
  const limit = y(chart.threshold);
  const clip = isBelow ? { from: limit, to: plot.bottom } : { from: plot.top, to: Math.max(limit, plot.top) };
  return [{ is: "area", style: "over", runs: areas, clip }, line];
};

const thresholdOf = (chart: Chart, { y, plot }: Inside): Shape[] => {
  const { threshold, above } = chart;
  if (threshold === undefined) return [];
  const text = `alert ${above === false ? "below" : "above"} ${amount(chart, threshold)}`;
  return [
    { is: "lines", style: "limit", runs: [across(plot, y(threshold))] },
    { is: "text", text, at: [plot.left + 4, y(threshold) - 5], anchor: "start", style: "limit-text" },
  ];
};

const lastOf = (
  chart: Chart,
  { y, x }: { y: (value: number) => number; x: (at: EpochMs) => number },
): Shape[] => {
  const last = known(chart).at(-1);
  if (last === undefined) return [];
  const at: Point = [x(chart.at + last[0] * 1000), y(last[1])];
  return [
    { is: "circle", style: "dot", at, radius: 3.5 },
    { is: "text", text: amount(chart, last[1]), at: [at[0] + 8, at[1] + 4], anchor: "start", style: "now" },
  ];
};

type Placed = Mark & { x: number; row: number; anchor: "start" | "end" };

/** A label stands right or left of its line, in the first row with room for it. */
const placed = (marks: Mark[], { x }: Scale, width: number): Placed[] => {
  const taken: { row: number; from: number; to: number }[] = [];
  return marks
    .toSorted((a, b) => a.at - b.at)
    .map((mark) => {
      const at = x(mark.at);
      const length = mark.label.length * 6.4 + 14;
      const anchor = at + length > width ? "end" : "start";
      const [from, to] = anchor === "end" ? [at - length, at + 6] : [at - 6, at + length];
      let row = 0;
      while (taken.some((one) => one.row === row && from < one.to && to > one.from)) row += 1;
      taken.push({ row, from, to });
      return { ...mark, x: at, row, anchor };
    });
};

const markHeight = (row: number): number => 12 + room.row * row;

const markLine = ({ kind, x, row }: Placed, bottom: number): Shape => {
  const line: Point[] = [
    [x, markHeight(row)],
    [x, bottom],
  ];
  return { is: "lines", style: "mark", of: kind, runs: [line] };
};

const markSign = ({ kind, label, x, row, anchor }: Placed): Shape[] => {
  const y = markHeight(row);
  return [
    signs[kind](x, y - 4),
    { is: "text", text: label, at: [x + (anchor === "end" ? -8 : 8), y], anchor, style: "mark-text" },
  ];
};

/** A point beside the sign's own place. */
type Turn = (across: number, down: number) => Point;
const around =
  (x: number, y: number): Turn =>
  (across, down) => [x + across, y + down];

const triangle =
  (of: "deploy" | "live") =>
  (x: number, y: number): Shape => {
    const to = around(x, y);
    return { is: "area", style: "sign", of, runs: [[to(-5, 4), to(5, 4), to(0, -5)]] };
  };

const cross = (x: number, y: number): Shape => {
  const to = around(x, y);
  const runs = [
    [to(-4, -4), to(4, 4)],
    [to(4, -4), to(-4, 4)],
  ];
  return { is: "lines", style: "sign", of: "onset", runs };
};

const diamond = (x: number, y: number): Shape => {
  const to = around(x, y);
  return { is: "area", style: "sign", of: "merge", runs: [[to(0, -5), to(5, 0), to(0, 5), to(-5, 0)]] };
};

const signs: Record<Mark["kind"], (x: number, y: number) => Shape> = {
  deploy: triangle("deploy"),
  live: triangle("live"),
  onset: cross,
  merge: diamond,
  verdict: (x, y) => ({ is: "circle", style: "sign", of: "verdict", at: [x, y], radius: 4.5 }),
};

const nice = (raw: number): number => {
  const power = 10 ** Math.floor(Math.log10(raw));
  return ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10) * power;
};
const round = (value: number): number => Math.round(value * 10) / 10;
