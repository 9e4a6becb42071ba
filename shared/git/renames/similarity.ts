import { isBinary } from "../three-way-merge.ts";

/** Bytes of a file by the hash of the line, or stretch of 64 bytes, that they are in. */
export type Spans = Map<number, number>;

export const maxScore = 60_000;
const hashBase = 107_927;
const maxSpan = 64;
const [newline, carriageReturn] = [10, 13];

/** Counts spans as git does (hash_chars in diffcore-delta.c before git 2.44, which leaves out a last line without an end). */
export const spansOf = (file: Uint8Array): Spans => {
  const spans: Spans = new Map();
  const text = !isBinary(file);
  let [a, b, length] = [0, 0, 0];
  for (let at = 0; at < file.length; at++) {
    const byte = file[at] ?? 0;
    if (text && byte === carriageReturn && file[at + 1] === newline) continue;
    const before = a;
    a = (((a << 7) ^ (b >>> 25)) + byte) >>> 0;
    b = ((b << 7) ^ (before >>> 25)) >>> 0;
    length++;
    if (length < maxSpan && byte !== newline) continue;
    const hash = ((a + Math.imul(b, 0x61)) >>> 0) % hashBase;
    spans.set(hash, (spans.get(hash) ?? 0) + length);
    [a, b, length] = [0, 0, 0];
  }
  return spans;
};

/** Whether two files of these sizes can be as similar as `least` asks at all. */
export const comparable = (size: number, other: number, least: number): boolean =>
  Math.max(size, other) * (maxScore - least) >= Math.abs(size - other) * maxScore;

type Measured = { size: number; spans: Spans };

/** The share of the larger file that is also in the smaller one, out of `maxScore` (estimate_similarity in diffcore-rename.c). */
export const similarity = (from: Measured, to: Measured): number => {
  let shared = 0;
  for (const [hash, count] of from.spans) shared += Math.min(count, to.spans.get(hash) ?? 0);
  return Math.floor((shared * maxScore) / Math.max(from.size, to.size));
};
