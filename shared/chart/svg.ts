import { type Drawing, describe, shapesOf } from "./layout.ts";
import type { Point, Shape } from "./shapes.ts";

/** The chart as SVG. Colours come from the classes of the page; `calm` has no red. `id` names the drawing within its page. */
export const chartSvg = ({ id, isCalm, ...drawing }: Drawing & { id: string; isCalm: boolean }): string => {
  const { chart, marks, width, height } = drawing;
  const parts = shapesOf(drawing).map((shape) => markupOf(shape, { id, width }));
  return `<svg class="chart${isCalm ? " calm" : ""}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-t"><title id="${id}-t">${escaped(describe(chart, marks))}</title>${parts.join("")}</svg>`;
};

const markupOf = (shape: Shape, { id, width }: { id: string; width: number }): string => {
  if (shape.is === "text") return textOf(shape);
  const named = `class="${[shape.style, shape.of].filter(Boolean).join(" ")}"`;
  if (shape.is === "circle")
    return `<circle ${named} cx="${round(shape.at[0])}" cy="${round(shape.at[1])}" r="${shape.radius}"/>`;
  if (shape.is === "lines") return `<path ${named} d="${pathOf(shape.runs)}"/>`;
  const d = shape.runs.map((run) => `${pathOf([run])}Z`).join("");
  if (shape.clip === undefined) return `<path ${named} d="${d}"/>`;
  const { from, to } = shape.clip;
  const clip = `<clipPath id="${id}-c"><rect x="0" width="${width}" y="${from}" height="${round(to - from)}"/></clipPath>`;
  return `${clip}<path ${named} clip-path="url(#${id}-c)" d="${d}"/>`;
};

const textOf = ({ text, at: [x, y], anchor, style, instant }: Extract<Shape, { is: "text" }>): string =>
  `<text${style === undefined ? "" : ` class="${style}"`} x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"${instant === undefined ? "" : ` data-at="${instant}"`}>${escaped(text)}</text>`;

const pathOf = (runs: Point[][]): string =>
  runs.map((run) => `M${run.map((point) => point.map(round).join(" ")).join("L")}`).join("");

const round = (value: number): number => Math.round(value * 10) / 10;
const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
