import { type Canvas, type Colour, canvas, fill, type Paint } from "./canvas.ts";
import { type Drawing, shapesOf } from "./layout.ts";
import { outlinesOf } from "./letters.ts";
import { png } from "./png.ts";
import type { Point, Shape } from "./shapes.ts";
import { type Dash, disc, stroke } from "./stroke.ts";

/** Pixels for a unit of the drawing, so that the picture is sharp on a phone. */
const density = 2;

/** The chart as PNG, on white: a card that is legible in a dark mode as well. Its times say that they are UTC. `isCalm`: it has no red. */
export const chartPng = ({ isCalm, ...drawing }: Drawing & { isCalm: boolean }): Uint8Array => {
  const on = canvas(drawing.width * density, drawing.height * density);
  for (const shape of withZone(shapesOf(drawing))) draw(on, shape, isCalm);
  return png(on);
};

const withZone = (shapes: Shape[]): Shape[] => {
  const first = shapes.find((shape) => shape.is === "text" && shape.instant !== undefined);
  return shapes.map((shape) =>
    shape === first && shape.is === "text" ? { ...shape, text: `${shape.text} UTC` } : shape,
  );
};

const colours = {
  ...{ white: [255, 255, 255], text: [27, 32, 39], quiet: [86, 95, 106], line: [214, 220, 226] },
  ...{ edge: [125, 135, 146], blue: [10, 83, 168], bad: [179, 38, 30], wait: [122, 80, 0] },
  ...{ good: [23, 105, 58], series: [51, 64, 79] },
} satisfies Record<string, Colour>;

type Look = Paint & { width?: number; dash?: Dash };

const lookOf = (shape: Exclude<Shape, { is: "text" }>, isCalm: boolean): Look => {
  const alarm: Colour = isCalm ? colours.edge : colours.bad;
  switch (shape.style) {
    case "grid":
      return { colour: colours.line };
    case "over":
      return { colour: alarm, alpha: 0.22 };
    case "limit":
      return { colour: alarm, dash: [5, 4] };
    case "mark":
      return {
        colour: colours.edge,
        ...(["merge", "onset"].includes(shape.of ?? "") && { dash: [2, 3] }),
      };
    case "sign":
      return { colour: signColour(shape.of, isCalm), width: 2 };
    default:
      return { colour: colours.series, width: 2 };
  }
};

const signColour = (of: string | undefined, isCalm: boolean): Colour => {
  if (of === "onset") return isCalm ? colours.quiet : colours.bad;
  if (of === "merge") return colours.wait;
  return of === "verdict" || of === "live" ? colours.good : colours.blue;
};

const draw = (on: Canvas, shape: Shape, isCalm: boolean): void => {
  if (shape.is === "text") {
    write(on, shape, isCalm);
    return;
  }
  const { width = 1, dash, ...paint } = lookOf(shape, isCalm);
  const clip = "clip" in shape ? shape.clip : undefined;
  const cut = clip && { clip: { from: clip.from * density, to: clip.to * density } };
  for (const polygons of polygonsOf(shape, { width, dash })) fill(on, polygons, { ...paint, ...cut });
};

/** The polygons of a shape; each part is filled by itself. */
const polygonsOf = (
  shape: Exclude<Shape, { is: "text" }>,
  { width, dash }: { width: number; dash: Dash | undefined },
): Point[][][] => {
  if (shape.is === "circle") return [[disc(dense(shape.at), shape.radius * density)]];
  const runs = shape.runs.map((run) => run.map(dense));
  const dashed: Dash | undefined = dash && [dash[0] * density, dash[1] * density];
  return runs.map((run) => (shape.is === "lines" ? stroke(run, width * density, dashed) : [run]));
};

const dense = ([x, y]: Point): Point => [x * density, y * density];

/** The text with a white edge, so that lines do not run through its letters. */
const write = (
  on: Canvas,
  { text, at, anchor, style }: Extract<Shape, { is: "text" }>,
  isCalm: boolean,
): void => {
  const size = (style === "now" ? 13 : 11.5) * density;
  const weight = style === "now" ? "bold" : "regular";
  const outlines = outlinesOf({ text, at: dense(at), size, anchor, weight });
  for (const outline of outlines)
    fill(on, stroke([...outline, ...outline.slice(0, 1)], 3 * density), { colour: colours.white });
  const alarm: Colour = isCalm ? colours.quiet : colours.bad;
  const own = { "limit-text": alarm, "mark-text": colours.text, now: colours.text } as const;
  fill(on, outlines, { colour: style === undefined ? colours.quiet : own[style] });
};
