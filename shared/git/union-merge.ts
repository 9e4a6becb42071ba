import { diff } from "./diff/histogram.ts";
import type { Lines } from "./diff/model.ts";
import type { Piece } from "./merge-piece.ts";

/** The two sides as numbers of lines; `isWhole`: the line has its end. */
type Sides = { left: Lines; right: Lines; size: number; isWhole: (line: number) => boolean };

/** git joins conflicts with no more lines than this between them (xdiff/xmerge.c, xdl_simplify_non_conflicts). */
const joinedAcross = 3;

/**
 * The merged lines with those of both sides, ours first, in the place of each conflict, as git's driver `union` has them. Undefined where
 * a conflict ends in a line without an end, or is too large to be compared.
 */
export const united = (pieces: Piece[], sides: Sides): number[] | undefined => {
  const refined = pieces.flatMap((piece) => refine(piece, sides) ?? [undefined]);
  if (refined.includes(undefined)) return undefined;
  const { left, right, isWhole } = sides;
  const merged: number[] = [];
  let at = 0;
  for (const piece of simplified(refined.filter((one) => one !== undefined))) {
    if (piece.side === "left") continue;
    const end = piece.left + piece.leftCount;
    const upTo = piece.side === "both" ? end : piece.left;
    merged.push(...left.subarray(at, upTo));
    const last = merged.at(-1);
    if (piece.side === "both" && piece.rightCount > 0 && last !== undefined && !isWhole(last))
      return undefined;
    merged.push(...right.subarray(piece.right, piece.right + piece.rightCount));
    at = end;
  }
  merged.push(...left.subarray(at));
  return merged;
};

/** A conflict without the lines that both sides have: one piece for each place where they differ. */
const refine = (piece: Piece, { left, right, size }: Sides): Piece[] | undefined => {
  if (piece.side !== "both" || piece.leftCount === 0 || piece.rightCount === 0) return [piece];
  const ours = left.subarray(piece.left, piece.left + piece.leftCount);
  const theirs = right.subarray(piece.right, piece.right + piece.rightCount);
  const hunks = diff(ours, theirs, size);
  if (hunks?.length === 0) return [{ ...piece, side: "left" }];
  return hunks?.map(({ from, removed, to, added }) => ({
    side: "both",
    ...{ left: piece.left + from, leftCount: removed },
    ...{ right: piece.right + to, rightCount: added },
  }));
};

/** Conflicts with few lines between them, as one. */
const simplified = (pieces: Piece[]): Piece[] => {
  const made: Piece[] = [];
  for (const piece of pieces) {
    const last = made.at(-1);
    const isNear =
      last?.side === "both" &&
      piece.side === "both" &&
      piece.left - (last.left + last.leftCount) <= joinedAcross;
    if (isNear) {
      last.leftCount = piece.left + piece.leftCount - last.left;
      last.rightCount = piece.right + piece.rightCount - last.right;
    } else made.push({ ...piece });
  }
  return made;
};
