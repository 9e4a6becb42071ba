import type { EpochMs } from "../brands.ts";

export type Point = [x: number, y: number];
/** The kind of a shape. The page's stylesheet and the palette of the picture give it its colour. */
export type Style = "grid" | "over" | "series" | "limit" | "dot" | "mark" | "sign";
/** `of`: the kind of mark that a line or a sign belongs to. */
type Styled = { style: Style; of?: string };

/** A part of a chart. Points are in units of the drawing, which is `width` by `height` of them. */
export type Shape =
  | ({ is: "lines"; runs: Point[][] } & Styled)
  /** Filled, and cut off above `from` and below `to` where these are given. */
  | ({ is: "area"; runs: Point[][]; clip?: { from: number; to: number } } & Styled)
  | ({ is: "circle"; at: Point; radius: number } & Styled)
  | {
      is: "text";
      text: string;
      at: Point;
      anchor: "start" | "middle" | "end";
      style?: "limit-text" | "mark-text" | "now";
      /** The instant that the text tells, for a reader who shows it in a zone of its own. */
      instant?: EpochMs;
    };
