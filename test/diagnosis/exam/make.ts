/**
 * An exam of the diagnosis: seeded incidents made to mislead, written by another hand without reading the diagnosis;
 * half B holds stories, and companies, that half A has not.
 */
import { type Read, readForm } from "../../../infra/train/case-format.ts";
import { type RawCase, rawCase } from "./case.ts";
import { type Name, namesOf } from "./stories/index.ts";
import type { Half } from "./world.ts";

/** A case of the exam in the product's own types. Nobody is guilty if `culprit` is undefined. */
export type Examined = { story: Name; read: Read; culprit: string | undefined };

export const size = 200;
const seeds: Record<Half, number> = { A: 41_000, B: 977_000 };

/** Three of ten have nobody guilty. */
const storyOf = (half: Half, number: number): Name => {
  const { guilty, nobody } = namesOf(half);
  const [round, place] = [Math.floor(number / 10), number % 10];
  if (place < 7) return guilty[(round * 7 + place) % guilty.length]!;
  return nobody[(round * 3 + place - 7) % nobody.length]!;
};

/** The case of that number (from 0) in the benchmark's form. */
export const written = (half: Half, number: number): RawCase =>
  rawCase({ half, number, seed: seeds[half] + number * 7919, name: storyOf(half, number) });

export const examined = (half: Half, number: number): Examined => {
  const { culprit, ...form } = written(half, number);
  return { story: storyOf(half, number), read: readForm(form), culprit: culprit ?? undefined };
};
