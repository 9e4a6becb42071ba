import type { EpochMs } from "../brands.ts";
import type { Chart } from "../incident/model.ts";
import { amount } from "./damage.ts";
import { clock } from "./format.ts";

/** An instant that is marked: each kind has a shape of its own, so that colour is never the only sign. */
export type Mark = { at: EpochMs; kind: "deploy" | "onset" | "merge" | "live" | "verdict"; label: string };
type Drawing = { chart: Chart; marks: Mark[]; width: number; height: number; id: string; isCalm: boolean };

/** Room around the plot: the values on the left, the last one on the right, the times below. */
const room = { left: 46, right: 62, below: 22, row: 15, above: 8 };

/**
 * The course of an alert as SVG: the line with its gaps, the threshold, and what happened when. Pure: the same input gives the same bytes.
 * Colours come from the classes of the page.
 */
export const chartSvg = ({ chart, marks, width, height, id, isCalm }: Drawing): string => {
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
  const parts = [
    ...scale.ticks.map(
      (value) =>
        `<path class="grid" d="M${plot.left} ${y(value)}H${plot.right}"/>${label(amount(chart, value), { x: plot.left - 6, y: y(value) + 4, anchor: "end" })}`,
    ),
    ...timesOf(scale, width).map((at) =>
      label(clock(at).slice(0, scale.digits), { x: scale.x(at), y: height - 6, anchor: "middle", at }),
    ),
    lineOf(chart, scale, {
      y,
      bottom: plot.bottom,
      id,
      ty: chart.threshold === undefined ? undefined : y(chart.threshold),
      plot,
    }),
    ...thresholdOf(chart, { y, plot }),
    ...rows.map((one) => markOf(one, plot.bottom)),
    lastOf(chart, { y, x: scale.x }),
  ];
  return `<svg class="chart${isCalm ? " calm" : ""}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-t"><title id="${id}-t">${escaped(describe(chart, marks))}</title>${parts.join("")}</svg>`;
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
type Line = { y: (value: number) => number; bottom: number; id: string; ty: number | undefined; plot: Plot };

/** The line breaks where data is missing. The part on the wrong side of the threshold is filled. */
const lineOf = (chart: Chart, { x }: Scale, { y, id, ty, plot }: Line): string => {
  const runs: [number, number][][] = [[]];
  for (const [second, value] of chart.points)
    if (value === null) runs.push([]);
    else runs.at(-1)?.push([x(chart.at + second * 1000), y(value)]);
  const drawn = runs.filter(({ length }) => length > 0);
  const path = drawn.map((run) => `M${run.map((point) => point.join(" ")).join("L")}`).join("");
  const line = `<path class="series" d="${path}"/>`;
  if (ty === undefined) return line;
  const side = chart.above === false ? plot.top : plot.bottom;
  const areas = drawn.map(
    (run) =>
      `M${run[0]?.[0]} ${side}L${run.map((point) => point.join(" ")).join("L")}L${run.at(-1)?.[0]} ${side}Z`,
  );
  const clip =
    chart.above === false
      ? `y="${ty}" height="${round(plot.bottom - ty)}"`
      : `y="${plot.top}" height="${round(Math.max(0, ty - plot.top))}"`;
  return `<clipPath id="${id}-c"><rect x="${plot.left}" width="${plot.right - plot.left}" ${clip}/></clipPath><path class="over" clip-path="url(#${id}-c)" d="${areas.join("")}"/>${line}`;
};

const thresholdOf = (chart: Chart, { y, plot }: { y: (value: number) => number; plot: Plot }): string[] => {
  const { threshold, above } = chart;
  if (threshold === undefined) return [];
  const text = `alert ${above === false ? "below" : "above"} ${amount(chart, threshold)}`;
  return [
    `<path class="limit" d="M${plot.left} ${y(threshold)}H${plot.right}"/>${label(text, { x: plot.left + 4, y: y(threshold) - 5, anchor: "start", kind: "limit-text" })}`,
  ];
};

const lastOf = (
  chart: Chart,
  { y, x }: { y: (value: number) => number; x: (at: EpochMs) => number },
): string => {
  const last = known(chart).at(-1);
  if (last === undefined) return "";
  const [cx, cy] = [x(chart.at + last[0] * 1000), y(last[1])];
  return `<circle class="dot" cx="${cx}" cy="${cy}" r="3.5"/>${label(amount(chart, last[1]), { x: cx + 8, y: cy + 4, anchor: "start", kind: "now" })}`;
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

const markOf = ({ kind, label: text, x, row, anchor }: Placed, bottom: number): string => {
  const y = 12 + room.row * row;
  return `<path class="mark ${kind}" d="M${x} ${y}V${bottom}"/>${glyph[kind](x, y - 4)}${label(text, { x: x + (anchor === "end" ? -8 : 8), y, anchor, kind: "mark-text" })}`;
};

const glyph: Record<Mark["kind"], (x: number, y: number) => string> = {
  deploy: (x, y) => `<path class="sign deploy" d="M${x - 5} ${y + 4}h10l-5-9z"/>`,
  live: (x, y) => `<path class="sign live" d="M${x - 5} ${y + 4}h10l-5-9z"/>`,
  onset: (x, y) => `<path class="sign onset" d="M${x - 4} ${y - 4}l8 8m0-8l-8 8"/>`,
  merge: (x, y) => `<path class="sign merge" d="M${x} ${y - 5}l5 5l-5 5l-5-5z"/>`,
  verdict: (x, y) => `<circle class="sign verdict" cx="${x}" cy="${y}" r="4.5"/>`,
};

type Place = { x: number; y: number; anchor: string; kind?: string; at?: EpochMs };
const label = (text: string, { x, y, anchor, kind = "", at }: Place): string =>
  `<text${kind === "" ? "" : ` class="${kind}"`} x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"${at === undefined ? "" : ` data-at="${at}"`}>${escaped(text)}</text>`;

const nice = (raw: number): number => {
  const power = 10 ** Math.floor(Math.log10(raw));
  return ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10) * power;
};
const round = (value: number): number => Math.round(value * 10) / 10;
const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
