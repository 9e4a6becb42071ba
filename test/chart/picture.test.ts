import assert from "node:assert/strict";
import { test } from "node:test";
import { inflateSync } from "node:zlib";
import { canvas, fill } from "../../shared/chart/canvas.ts";
import type { Mark } from "../../shared/chart/layout.ts";
import { outlinesOf } from "../../shared/chart/letters.ts";
import { chartPng } from "../../shared/chart/picture.ts";
import { stroke } from "../../shared/chart/stroke.ts";
import type { Chart } from "../../shared/incident/model.ts";

const at = Date.UTC(2026, 10, 28, 12);
const chart: Chart = {
  ...{ alert: "PaymentErrorsHigh", at, threshold: 0.05, above: true, isShare: true },
  points: [
    [0, 0.001],
    [120, 0.001],
    [180, 0.2],
    [240, 0.22],
  ],
};
const marks: Mark[] = [{ at: at + 60_000, kind: "deploy", label: "deploy" }];
const size = { width: 380, height: 170 };

/** The pixels of a PNG as this project writes it: three bytes each, no filter. */
const pixels = (png: Uint8Array) => {
  const bytes = Buffer.from(png);
  assert.equal(bytes.subarray(1, 4).toString(), "PNG");
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const data = bytes.indexOf("IDAT");
  const rows = inflateSync(bytes.subarray(data + 4, data + 4 + bytes.readUInt32BE(data - 4)));
  assert.equal(rows.length, height * (width * 3 + 1));
  const colour = (x: number, y: number) => [
    ...rows.subarray(y * (width * 3 + 1) + 1 + x * 3, y * (width * 3 + 1) + 4 + x * 3),
  ];
  const count = (is: (red: number, green: number, blue: number) => boolean): number => {
    let found = 0;
    for (let y = 0; y < height; y += 1)
      for (let x = 0; x < width; x += 1) {
        const [red = 0, green = 0, blue = 0] = colour(x, y);
        if (is(red, green, blue)) found += 1;
      }
    return found;
  };
  return { width, height, colour, count };
};

test("the picture is twice its size, on white, and the same chart gives the same bytes", () => {
  const png = chartPng({ chart, marks, ...size, isCalm: false });
  const { width, height, colour } = pixels(png);
  assert.deepEqual([width, height, colour(0, 0)], [760, 340, [255, 255, 255]]);
  assert.deepEqual(chartPng({ chart, marks, ...size, isCalm: false }), png);
  assert.ok(png.length < 40_000, `${png.length} bytes`);
});

test("an open trouble is red on the alert's side of the threshold, and one that is over has no red", () => {
  const red = (isCalm: boolean) =>
    pixels(chartPng({ chart, marks, ...size, isCalm })).count(
      (r, g, b) => r > 150 && g < r - 20 && b < r - 20,
    );
  assert.ok(red(false) > 2_000, `${red(false)} red pixels`);
  assert.equal(red(true), 0);
});

test("a filled shape covers pixels by their share, holes included, and never more than the canvas has", () => {
  const square = (from: number, to: number): [number, number][] => [
    [from, from],
    [to, from],
    [to, to],
    [from, to],
  ];
  const on = canvas(8, 8);
  fill(on, [square(1, 7), square(3, 5).toReversed()], { colour: [0, 0, 0] });
  const red = (x: number, y: number) => on.rgb[(y * 8 + x) * 3];
  assert.deepEqual(
    [red(0, 0), red(1, 1), red(2, 4), red(4, 4), red(6, 6), red(7, 7)],
    [255, 0, 0, 255, 0, 255],
  );
  const half = canvas(4, 4);
  fill(half, [square(0.5, 3)], { colour: [0, 0, 0] });
  assert.deepEqual([half.rgb[0], half.rgb[3]], [191, 128]);
  fill(on, [square(-20, 40)], { colour: [9, 9, 9], clip: { from: 2, to: 4 } });
  assert.deepEqual([red(0, 1), red(0, 2), red(7, 3), red(0, 4)], [255, 9, 9, 255]);
});

test("a dashed line has the gaps of its pattern, also past a corner", () => {
  const parts = stroke(
    [
      [0, 0],
      [10, 0],
      [10, 4],
    ],
    1,
    [4, 2],
  );
  const bands = parts.filter(({ length }) => length === 4);
  const middle = (band: [number, number][], axis: 0 | 1) =>
    band.reduce((sum, point) => sum + point[axis], 0) / band.length;
  assert.deepEqual(
    bands.map((band) => [middle(band, 0), middle(band, 1)]),
    [
      [2, 0],
      [8, 0],
      [10, 3],
    ],
  );
});

test("text ends where its anchor says, and a character that the font lacks is a box", () => {
  const outlines = (text: string, anchor: "start" | "end") =>
    outlinesOf({ text, at: [100, 20], size: 23, anchor, weight: "regular" });
  const xs = (points: [number, number][][]) => points.flat().map(([x]) => x);
  assert.ok(Math.min(...xs(outlines("22 %", "start"))) >= 100);
  assert.ok(Math.max(...xs(outlines("22 %", "end"))) <= 100);
  assert.equal(outlines("語", "start").length, 1);
  assert.equal(outlines("", "start").length, 0);
});
