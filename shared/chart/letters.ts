import glyphs from "./glyphs.json" with { type: "json" };
import type { Point } from "./shapes.ts";

/** Units of the outlines for one em. */
const em = 256;

type Weight = "regular" | "bold";
type Glyph = { advance: number; outlines: Point[][] };
type Written = { text: string; at: Point; size: number; anchor: "start" | "middle" | "end"; weight: Weight };

/** The outlines of a text, in Roboto. A character that the font lacks is drawn as a box. */
export const outlinesOf = ({ text, at: [x, y], size, anchor, weight }: Written): Point[][] => {
  const scale = size / em;
  const written = [...text.replaceAll(" ", " ")].map((character) => glyphOf(character, weight));
  const width = written.reduce((sum, { advance }) => sum + advance, 0) * scale;
  let left = x - { start: 0, middle: width / 2, end: width }[anchor];
  return written.flatMap(({ advance, outlines }) => {
    const place = left;
    left += advance * scale;
    return outlines.map((outline) =>
      outline.map(([across, down]): Point => [place + across * scale, y + down * scale]),
    );
  });
};

const fonts: Record<Weight, Record<string, (string | number)[]>> = glyphs;

const missing: (string | number)[] = [140, "M20 0L20-180L120-180L120 0"];

const glyphOf = (character: string, weight: Weight): Glyph => {
  const [advance, path] = fonts[weight][character] ?? fonts.regular[character] ?? missing;
  return { advance: Number(advance), outlines: outlines(String(path)) };
};

/** The pieces into which a curve is cut. */
const pieces = 5;

const outlines = (path: string): Point[][] =>
  path
    .split("M")
    .slice(1)
    .map((outline) => {
      const points: Point[] = [];
      for (const [, kind, given = ""] of `L${outline}`.matchAll(/([LQ])([^LQ]*)/g)) {
        const [a = 0, b = 0, c = 0, d = 0] = (given.match(/-?\d+/g) ?? []).map(Number);
        if (kind === "L") points.push([a, b]);
        else points.push(...curve(points.at(-1) ?? [a, b], [a, b], [c, d]));
      }
      return points;
    });

/** A quadratic curve as points behind its first one. */
const curve = (from: Point, over: Point, to: Point): Point[] =>
  Array.from({ length: pieces }, (_, index): Point => {
    const share = (index + 1) / pieces;
    const [start, middle, end] = [(1 - share) ** 2, 2 * share * (1 - share), share ** 2];
    return [
      start * from[0] + middle * over[0] + end * to[0],
      start * from[1] + middle * over[1] + end * to[1],
    ];
  });
