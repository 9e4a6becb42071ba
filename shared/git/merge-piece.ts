/** A stretch of the result: taken from one side, or touched by both. */
export type Piece = {
  side: "left" | "right" | "both";
  left: number;
  leftCount: number;
  right: number;
  rightCount: number;
};
