import type { Point } from "./shapes.ts";

export type Colour = [red: number, green: number, blue: number];
/** Pixels, three bytes each, row by row. */
export type Canvas = { width: number; height: number; rgb: Uint8Array };
/** `alpha`: 1 covers what was there. `clip`: only the rows between two heights. */
export type Paint = { colour: Colour; alpha?: number; clip?: { from: number; to: number } };

export const canvas = (width: number, height: number): Canvas => ({
  ...{ width, height },
  rgb: new Uint8Array(width * height * 3).fill(255),
});

/** Fills the closed polygons, with smooth edges. Polygons that turn the same way unite, and one that turns the other way is a hole. */
export const fill = (to: Canvas, polygons: Point[][], paint: Paint): void => {
  const points = polygons.flat();
  if (points.length === 0) return;
  const box = boxOf(points);
  const cover = new Float64Array((box.width + 2) * box.height);
  for (const polygon of polygons)
    polygon.forEach(([x, y], index) => {
      const [nextX, nextY] = polygon[(index + 1) % polygon.length] ?? [x, y];
      addEdge(cover, box.width + 2, [x - box.left, y - box.top], [nextX - box.left, nextY - box.top]);
    });
  for (let row = 0; row < box.height; row += 1) paintRow(to, { cover, box, row }, paint);
};

type Box = { left: number; top: number; width: number; height: number };

const boxOf = (points: Point[]): Box => {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, top] = [Math.floor(Math.min(...xs)), Math.floor(Math.min(...ys))];
  return { left, top, width: Math.ceil(Math.max(...xs)) - left, height: Math.ceil(Math.max(...ys)) - top };
};

const paintRow = (
  { width, height, rgb }: Canvas,
  { cover, box, row }: { cover: Float64Array; box: Box; row: number },
  { colour, alpha = 1, clip }: Paint,
): void => {
  const y = box.top + row;
  if (y < 0 || y >= height) return;
  const inside =
    clip === undefined ? 1 : Math.max(0, Math.min(y + 1, clip.to) - Math.max(y, clip.from)) * alpha;
  let sum = 0;
  for (let column = 0; column < box.width; column += 1) {
    sum += cover[row * (box.width + 2) + column] ?? 0;
    const x = box.left + column;
    const share = Math.min(1, Math.abs(sum)) * (clip === undefined ? alpha : inside);
    if (share < 0.004 || x < 0 || x >= width) continue;
    const at = (y * width + x) * 3;
    for (let part = 0; part < 3; part += 1)
      rgb[at + part] = Math.round((rgb[at + part] ?? 0) * (1 - share) + (colour[part] ?? 0) * share);
  }
};

/**
 * Adds the signed area that lies right of an edge, pixel by pixel; sums along a row then give the share of each pixel that is covered.
 * The method of font-rs: https://medium.com/@raphlinus/inside-the-fastest-font-renderer-in-the-world-75ae5270c445
 */
const addEdge = (cover: Float64Array, stride: number, one: Point, other: Point): void => {
  if (one[1] === other[1]) return;
  const [start, end, turn] = one[1] < other[1] ? [one, other, 1] : [other, one, -1];
  const slope = (end[0] - start[0]) / (end[1] - start[1]);
  let x = start[0];
  for (let row = Math.floor(start[1]); row < end[1]; row += 1) {
    const rise = Math.min(row + 1, end[1]) - Math.max(row, start[1]);
    const next = x + slope * rise;
    addSpan(cover, row * stride, { from: Math.min(x, next), to: Math.max(x, next), area: rise * turn });
    x = next;
  }
};

/** The part of an edge within one row of pixels. */
const addSpan = (
  cover: Float64Array,
  start: number,
  { from, to, area }: { from: number; to: number; area: number },
): void => {
  const add = (column: number, value: number): void => {
    cover[start + column] = (cover[start + column] ?? 0) + value;
  };
  const first = Math.floor(from);
  const last = Math.max(first + 1, Math.ceil(to));
  let left = 0;
  for (let column = first; column < last; column += 1) {
    // The share of the edge that was crossed up to the end of this column, summed over the column.
    const until = to === from ? 1 : integral(column + 1, from, to) - integral(column, from, to);
    const value = to === from ? column + 1 - from : until;
    add(column, area * (value - left));
    left = value;
  }
  add(last, area * (1 - left));
};

/** The integral up to `x` of the share of [from, to] that lies left of a place. */
const integral = (x: number, from: number, to: number): number => {
  if (x <= from) return 0;
  if (x >= to) return (to - from) / 2 + (x - to);
  return (x - from) ** 2 / (2 * (to - from));
};
