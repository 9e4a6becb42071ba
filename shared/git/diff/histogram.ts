import type { Hunk, Lines } from "./model.ts";
import { slide } from "./slide.ts";

/** Comparisons one diff may take; past it a file is for a person, not for a machine. */
const maxWork = 8_000_000;
/** A line that occurs more often says nothing about position (xdiff/xhistogram.c). */
const maxOccurrences = 64;

/**
 * The diff that `git revert` merges by: histogram, then slid as far down as it goes (xdiff/xhistogram.c and
 * xdiffi.c, without the indent heuristic). Undefined when git itself falls back to another algorithm, or
 * when it takes too much work.
 */
export const diff = (a: Lines, b: Lines, symbols: number): Hunk[] | undefined => {
  const removed = new Uint8Array(a.length + 1);
  const added = new Uint8Array(b.length + 1);
  if (!mark(a, b, symbols, removed, added)) return undefined;
  slide(a, removed, added);
  slide(b, added, removed);
  return hunks(removed, added, a.length, b.length);
};

type Region = { a: number; aEnd: number; b: number; bEnd: number };
type Index = { first: Int32Array; count: Int32Array; next: Int32Array; work: number };

const mark = (a: Lines, b: Lines, symbols: number, removed: Uint8Array, added: Uint8Array): boolean => {
  const index = {
    first: new Int32Array(symbols),
    count: new Int32Array(symbols),
    next: new Int32Array(a.length),
    work: 0,
  };
  const regions: Region[] = [{ a: 0, aEnd: a.length, b: 0, bEnd: b.length }];
  for (let region = regions.pop(); region; region = regions.pop()) {
    const common =
      region.a < region.aEnd && region.b < region.bEnd ? longest(a, b, region, index) : undefined;
    if (common === "none found" || index.work > maxWork) return false;
    if (!common) {
      removed.fill(1, region.a, region.aEnd);
      added.fill(1, region.b, region.bEnd);
      continue;
    }
    regions.push({ a: common.aEnd, aEnd: region.aEnd, b: common.bEnd, bEnd: region.bEnd });
    regions.push({ a: region.a, aEnd: common.a, b: region.b, bEnd: common.b });
  }
  return true;
};

/** The run of equal lines that holds the rarest line; of equally rare ones the longest, of those the first. */
const longest = (a: Lines, b: Lines, region: Region, index: Index): Region | "none found" | undefined => {
  const { first, count, next } = index;
  for (let i = region.a; i < region.aEnd; i++) count[a[i] ?? 0] = 0;
  for (let i = region.b; i < region.bEnd; i++) count[b[i] ?? 0] = 0;
  for (let i = region.aEnd - 1; i >= region.a; i--) {
    const line = a[i] ?? 0;
    const seen = count[line] ?? 0;
    next[i] = seen > 0 ? (first[line] ?? -1) : -1;
    first[line] = i;
    count[line] = seen + 1;
  }
  index.work += region.aEnd - region.a + region.bEnd - region.b;

  let best: Region | undefined;
  let rarest = maxOccurrences + 1;
  let hasCommon = false;
  for (let at = region.b; at < region.bEnd; ) {
    let resume = at + 1;
    const line = b[at] ?? 0;
    const often = count[line] ?? 0;
    if (often > 0) hasCommon = true;
    for (let i = often > 0 && often <= rarest ? (first[line] ?? -1) : -1; i >= 0; ) {
      const run = { a: i, aEnd: i + 1, b: at, bEnd: at + 1 };
      let occurrences = often;
      while (run.a > region.a && run.b > region.b && a[run.a - 1] === b[run.b - 1]) {
        run.a--;
        run.b--;
        occurrences = Math.min(occurrences, count[a[run.a] ?? 0] ?? 0);
      }
      while (run.aEnd < region.aEnd && run.bEnd < region.bEnd && a[run.aEnd] === b[run.bEnd]) {
        occurrences = Math.min(occurrences, count[a[run.aEnd] ?? 0] ?? 0);
        run.aEnd++;
        run.bEnd++;
      }
      index.work += run.aEnd - run.a;
      if (index.work > maxWork) return "none found";
      resume = Math.max(resume, run.bEnd);
      const length = best ? best.aEnd - best.a : 1;
      if (run.aEnd - run.a > length || occurrences < rarest) {
        best = run;
        rarest = occurrences;
      }
      i = next[i] ?? -1;
      while (i >= 0 && i < run.aEnd) i = next[i] ?? -1;
    }
    at = resume;
  }
  return hasCommon && rarest > maxOccurrences ? "none found" : best;
};

const hunks = (removed: Uint8Array, added: Uint8Array, aLength: number, bLength: number): Hunk[] => {
  const found: Hunk[] = [];
  for (let i = 0, j = 0; i < aLength || j < bLength; i++, j++) {
    if (!removed[i] && !added[j]) continue;
    const hunk = { from: i, removed: 0, to: j, added: 0 };
    while (removed[i]) i++;
    while (added[j]) j++;
    hunk.removed = i - hunk.from;
    hunk.added = j - hunk.to;
    found.push(hunk);
  }
  return found;
};
