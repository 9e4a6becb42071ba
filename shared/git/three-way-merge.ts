import { diff } from "./diff/histogram.ts";
import { countLines, intern, joined } from "./diff/lines.ts";
import type { Hunk, Lines } from "./diff/model.ts";
import type { Piece } from "./merge-piece.ts";
import { united } from "./union-merge.ts";

export type Merged =
  | { content: Uint8Array }
  | { conflict: "content" | "binary" | "too large" | "too complex" };

export const maxBytes = 8_000_000;
const maxLines = 400_000;
/** git looks for a NUL in this many bytes to call a file binary (xdiff-interface.c). */
const binaryProbe = 8000;

/**
 * Merges what turned `base` into `ours` with what turned `base` into `theirs`, line by line and byte for byte
 * as `git revert` does (xdiff/xmerge.c at its level "zealous"). `union` keeps the lines of both sides in the place of a conflict.
 */
export const merge = (
  base: Uint8Array,
  ours: Uint8Array,
  theirs: Uint8Array,
  { union = false } = {},
): Merged => {
  const files = [base, ours, theirs];
  if (files.some((file) => file.length > maxBytes)) return { conflict: "too large" };
  if (files.some(isBinary)) return { conflict: "binary" };
  if (files.reduce((sum, file) => sum + countLines(file), 0) > maxLines) return { conflict: "too large" };
  const interned = intern(files);
  if (!interned) return { conflict: "too complex" };
  const [from, left, right] = interned.files;
  if (!from || !left || !right) return { conflict: "too complex" };
  const toLeft = diff(from, left, interned.size);
  const toRight = diff(from, right, interned.size);
  if (!toLeft || !toRight) return { conflict: "too complex" };
  if (toLeft.length === 0) return { content: theirs };
  if (toRight.length === 0) return { content: ours };
  const pieces = combine({ from, left, right }, toLeft, toRight);
  const merged = union
    ? united(pieces, { left, right, size: interned.size, isWhole: (line) => ended(interned.bytes(line)) })
    : weave(pieces, left, right);
  return merged ? { content: joined(interned, merged) } : { conflict: "content" };
};

export const isBinary = (file: Uint8Array): boolean => file.subarray(0, binaryProbe).includes(0);

const ended = (line: Uint8Array): boolean => line.at(-1) === 10;

/** Pairs the two scripts up; `left` and `right` of a piece are lines of the two sides. */
const combine = (
  files: { from: Lines; left: Lines; right: Lines },
  lefts: Hunk[],
  rights: Hunk[],
): Piece[] => {
  const pieces: Piece[] = [];
  let l = 0;
  let r = 0;
  while (l < lefts.length || r < rights.length) {
    const left = lefts[l];
    const right = rights[r];
    if (left && (!right || left.from + left.removed < right.from)) {
      const shift = right ? right.to - right.from : files.right.length - files.from.length;
      append(pieces, { ...span(left, left.from + shift, left.removed), side: "left" });
      l++;
      continue;
    }
    if (right && (!left || right.from + right.removed < left.from)) {
      const shift = left ? left.to - left.from : files.left.length - files.from.length;
      const { left: at, leftCount, right: to, rightCount } = span(right, right.from + shift, right.removed);
      append(pieces, { left: to, leftCount: rightCount, right: at, rightCount: leftCount, side: "right" });
      r++;
      continue;
    }
    if (!left || !right) break;
    if (!sameChange(left, right, files)) append(pieces, overlap(left, right));
    const leftEnd = left.from + left.removed;
    const rightEnd = right.from + right.removed;
    if (leftEnd >= rightEnd) r++;
    if (rightEnd >= leftEnd) l++;
  }
  return pieces;
};

const span = (hunk: Hunk, otherAt: number, otherCount: number) => ({
  left: hunk.to,
  leftCount: hunk.added,
  right: otherAt,
  rightCount: otherCount,
});

const sameChange = (left: Hunk, right: Hunk, files: { left: Lines; right: Lines }): boolean => {
  if (left.from !== right.from || left.removed !== right.removed || left.added !== right.added) return false;
  return sameLines(files.left, left.to, files.right, right.to, left.added);
};

const sameLines = (a: Lines, aFrom: number, b: Lines, bFrom: number, count: number): boolean => {
  for (let i = 0; i < count; i++) if (a[aFrom + i] !== b[bFrom + i]) return false;
  return true;
};

/** Both hunks, each widened by the lines that only the other one covers. */
const overlap = (left: Hunk, right: Hunk): Piece => {
  const start = left.from - right.from;
  const end = start + left.removed - right.removed;
  const leftAt = left.to - Math.max(start, 0);
  const rightAt = right.to + Math.min(start, 0);
  return {
    side: "both",
    left: leftAt,
    leftCount: left.to + left.added - leftAt + Math.max(-end, 0),
    right: rightAt,
    rightCount: right.to + right.added - rightAt + Math.max(end, 0),
  };
};

/** Adds a piece, or widens the last one when they touch. */
const append = (pieces: Piece[], piece: Piece): void => {
  const last = pieces.at(-1);
  const apart =
    !last || (piece.left > last.left + last.leftCount && piece.right > last.right + last.rightCount);
  if (apart) {
    pieces.push(piece);
    return;
  }
  if (piece.side !== last.side) last.side = "both";
  last.leftCount = piece.left + piece.leftCount - last.left;
  last.rightCount = piece.right + piece.rightCount - last.right;
};

/** The merged lines, or undefined when a stretch touched by both sides reads differently on them. */
const weave = (pieces: Piece[], left: Lines, right: Lines): number[] | undefined => {
  const merged: number[] = [];
  let at = 0;
  const copy = (lines: Lines, from: number, to: number) => {
    for (let i = from; i < to; i++) merged.push(lines[i] ?? 0);
  };
  for (const piece of pieces) {
    if (piece.side === "left") continue;
    if (piece.side === "both") {
      const agreed =
        piece.leftCount > 0 &&
        piece.leftCount === piece.rightCount &&
        sameLines(left, piece.left, right, piece.right, piece.leftCount);
      if (!agreed) return undefined;
      continue;
    }
    copy(left, at, piece.left);
    copy(right, piece.right, piece.right + piece.rightCount);
    at = piece.left + piece.leftCount;
  }
  copy(left, at, left.length);
  return merged;
};
