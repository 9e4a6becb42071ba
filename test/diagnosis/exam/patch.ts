import type { Dice } from "./dice.ts";
import type { Patch } from "./story.ts";

/** As git writes it, cut off like the cases of the benchmark. */
export const patchText = (patch: Patch): string =>
  patch
    .map(([path, context, lines]) => [`+++ b/${path}`, `@@ ${context}`, ...lines].join("\n"))
    .join("\n")
    .slice(0, 2500);

/** Path, lines added, lines deleted; the patch may leave some out. */
export const changedFiles = (dice: Dice, patch: Patch): [string, number, number][] =>
  patch.map(([path, , lines]) => [
    path,
    count(lines, "+") + (dice.chance(0.3) ? dice.int(0, 12) : 0),
    count(lines, "-") + (dice.chance(0.3) ? dice.int(0, 8) : 0),
  ]);
const count = (lines: string[], sign: string): number => lines.filter((line) => line.startsWith(sign)).length;
