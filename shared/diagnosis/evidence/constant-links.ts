import type { Commit } from "../../ports/history.ts";
import { amounts, clock } from "../../text/format.ts";
import type { Evidence } from "../model.ts";
import type { Shift } from "../onset/change-point.ts";
import { words } from "../ranking/tokens.ts";
import { longest } from "./shared-terms.ts";

/** Weights where the line and the metric share a word, and where only the numbers agree. */
const weights = { named: 5, numbers: 3 };
/** A gauge shows its constant, up to what a mean over some points blurs. */
const tolerance = 0.01;
/** Numbers that many lines change, such as 1 and 2, need a word beside them. */
const leastDigits = 3;
/** A setting in milliseconds is measured in seconds, and a share in percent. */
const units = [1, 1000, 100];
const most = { pairs: 40, shifts: 20 };

type Pair = { was: number; is: number; line: string; digits: number };

/** Changes that replace a constant by another, while a gauge stepped from the one to the other: `poolSize: 20` by `poolSize: 3`, and 20 → 3. */
export const constantLinks = (commits: Commit[], shifts: Shift[]): Map<string, Evidence> => {
  const gauges = shifts.filter(({ load, isBend }) => !load && isBend !== true).slice(0, most.shifts);
  if (gauges.length === 0) return new Map();
  return new Map(
    commits.flatMap((commit): [string, Evidence][] => {
      const found = pairsOf(commit).flatMap((pair) => gauges.flatMap((shift) => linkOf(pair, shift) ?? []));
      const [best] = found.toSorted((a, b) => b.weight - a.weight);
      return best === undefined ? [] : [[commit.sha, best]];
    }),
  );
};

const linkOf = ({ was, is, line, digits }: Pair, shift: Shift): Evidence | undefined => {
  if (!units.some((unit) => isNear(was, shift.before * unit) && isNear(is, shift.after * unit)))
    return undefined;
  const said = new Set(words(line));
  const isNamed = words(shift.metric).some((word) => word.length > 2 && said.has(word));
  if (!isNamed && digits < leastDigits) return undefined;
  const [before, after] = amounts([shift.before, shift.after], shift.metric);
  return {
    weight: isNamed ? weights.named : weights.numbers,
    reason: `${shift.metric} ${before} → ${after} at ${clock(shift.at)}, and it changes “${line.trim().slice(0, 60)}” from ${was}`,
    measured: true,
  };
};

const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= tolerance * Math.abs(a);

const number = /(?<![\w.])\d+(?:[._]\d+)*(?![\w.]*\d)/g;

/** Removed and added lines that differ in one number alone. */
const pairsOf = ({ patch = "" }: Commit): Pair[] => {
  const lines = patch.slice(0, longest).split("\n");
  const of = (sign: string): string[] =>
    lines.filter((line) => line.startsWith(sign) && !line.startsWith(sign.repeat(3)));
  const removed = Map.groupBy(of("-").slice(0, most.pairs), without);
  return of("+")
    .slice(0, most.pairs)
    .flatMap((line) => (removed.get(without(line)) ?? []).flatMap((old) => pairOf(old, line) ?? []));
};

const without = (line: string): string => line.slice(1).replace(number, "#").trim();

const pairOf = (old: string, line: string): Pair | undefined => {
  const [before, after] = [old, line].map((text) => text.slice(1).match(number) ?? []);
  const differing = (after ?? []).flatMap((text, index) => {
    const was = before?.[index];
    return was === undefined || was === text ? [] : [[was, text] as const];
  });
  const [only, ...others] = differing;
  if (only === undefined || others.length > 0) return undefined;
  const [was, is] = only.map((text) => Number(text.replaceAll("_", "")));
  if (was === undefined || is === undefined || !Number.isFinite(was) || !Number.isFinite(is))
    return undefined;
  return { was, is, line: line.slice(1), digits: only.join("").replace(/\D/g, "").length };
};
