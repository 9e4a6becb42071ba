import type { Point } from "./shapes.ts";

/** Lengths of what is drawn and of what is left out, by turns. */
export type Dash = [on: number, off: number];

/** A line of a width as polygons that turn the same way: each piece a quadrangle, each corner a disc. */
export const stroke = (run: Point[], width: number, dash?: Dash): Point[][] =>
  (dash === undefined ? [run] : dashes(run, dash)).flatMap((part) => pieces(part, width / 2));

const pieces = (run: Point[], half: number): Point[][] =>
  run.flatMap((point, index) => {
    const next = run[index + 1];
    const corner = half > 1 || index > 0 ? [disc(point, half)] : [];
    if (next === undefined) return half > 1 ? corner : [];
    const [x, y] = point;
    const length = Math.hypot(next[0] - x, next[1] - y);
    if (length === 0) return corner;
    const [dx, dy] = [((next[0] - x) / length) * half, ((next[1] - y) / length) * half];
    const band: Point[] = [
      [x - dy, y + dx],
      [x + dy, y - dx],
      [next[0] + dy, next[1] - dx],
      [next[0] - dy, next[1] + dx],
    ];
    return [...corner, band];
  });

/** A circle as a polygon. A small one needs few corners. */
export const disc = ([x, y]: Point, radius: number): Point[] => {
  const corners = radius > 4 ? 24 : 8;
  return Array.from({ length: corners }, (_, index): Point => {
    const angle = (index / corners) * 2 * Math.PI;
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
  });
};

/** The parts of a straight or broken line that a dash pattern draws. */
const dashes = (run: Point[], [on, off]: Dash): Point[][] => {
  const parts: Point[][] = [];
  let done = 0;
  for (const [index, [x, y]] of run.slice(0, -1).entries()) {
    const [nextX, nextY] = run[index + 1] ?? [x, y];
    const length = Math.hypot(nextX - x, nextY - y);
    const at = (way: number): Point => [x + ((nextX - x) * way) / length, y + ((nextY - y) * way) / length];
    for (let from = Math.floor(done / (on + off)) * (on + off) - done; from < length; from += on + off)
      if (from + on > 0) parts.push([at(Math.max(0, from)), at(Math.min(length, from + on))]);
    done += length;
  }
  return parts;
};
