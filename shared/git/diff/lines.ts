import type { Lines } from "./model.ts";

/** Files as numbers of one table of lines, each with its end: equal lines have equal numbers, all below `size`. */
type Interned = {
  files: Lines[];
  size: number;
  /** A line's bytes. */
  bytes: (line: number) => Uint8Array;
};

const newline = 10;
/** Looks into the table that all lines together may take: ten a line at the most lines that are merged. */
const maxLooks = 4_000_000;

export const countLines = (file: Uint8Array): number => {
  let count = 0;
  for (let at = 0; at < file.length; count++) {
    const end = file.indexOf(newline, at);
    at = end < 0 ? file.length : end + 1;
  }
  return count;
};

/** Undefined when too many lines meet in the table, which only lines made for it do. */
export const intern = (contents: Uint8Array[]): Interned | undefined => {
  const counts = contents.map(countLines);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const all = Buffer.concat(contents);
  const mask = (1 << (32 - Math.clz32(total * 2))) - 1;
  const slots = new Int32Array(mask + 1);
  const starts = new Int32Array(total);
  const ends = new Int32Array(total);
  let size = 0;
  let looks = 0;

  const numberOf = (start: number, end: number, hash: number): number => {
    for (let slot = (hash ^ (hash >>> 15)) & mask; ; slot = (slot + 1) & mask) {
      const line = (slots[slot] ?? 0) - 1;
      if (++looks > maxLooks) return 0;
      if (line < 0) {
        slots[slot] = size + 1;
        starts[size] = start;
        ends[size] = end;
        return size++;
      }
      if (sameBytes(all, { from: starts[line] ?? 0, to: ends[line] ?? 0, start, end })) return line;
    }
  };

  let start = 0;
  let last = 0;
  const files = contents.map((content, file) => {
    const lines = new Int32Array(counts[file] ?? 0);
    last += content.length;
    for (let at = 0; at < lines.length; at++) {
      let hash = 0x811c9dc5;
      let end = start;
      // FNV-1a
      for (let byte = -1; byte !== newline && end < last; end++) {
        byte = all[end] ?? 0;
        hash = Math.imul(hash ^ byte, 0x01000193);
      }
      lines[at] = numberOf(start, end, hash);
      start = end;
    }
    return lines;
  });
  if (looks > maxLooks) return undefined;
  return { files, size, bytes: (line) => all.subarray(starts[line], ends[line]) };
};

type Two = { from: number; to: number; start: number; end: number };

const sameBytes = (all: Uint8Array, { from, to, start, end }: Two): boolean => {
  if (to - from !== end - start) return false;
  for (let i = start, j = from; i < end; i++, j++) if (all[i] !== all[j]) return false;
  return true;
};

/** These lines, one after the other. */
export const joined = ({ bytes }: Interned, lines: ArrayLike<number>): Uint8Array => {
  const parts = Array.from(lines, bytes);
  return Buffer.concat(parts);
};
