import type { LogLine } from "./case.ts";
import { fill, type Words } from "./change.ts";
import type { Dice } from "./dice.ts";
import { noise } from "./noise.ts";
import type { Line } from "./story.ts";

export type Span = { start: number; deploy: number; onset: number; at: number };

const minute = 60_000;

const marks: Record<string, (roll: Dice) => string> = {
  id: (roll) => roll.hex(8),
  trace: (roll) => roll.hex(16),
  ms: (roll) => String(Math.round(8 + roll.next() ** 3 * 240)),
  ord: (roll) => `O-${roll.int(4_100_000, 4_999_999)}`,
  eur: (roll) => `${roll.int(4, 380)}.${roll.int(10, 99)}`,
  ip: (roll) => `10.${roll.int(8, 44)}.${roll.int(0, 255)}.${roll.int(2, 254)}`,
  n: (roll) => String(roll.int(2, 60)),
  big: (roll) => String(roll.int(1200, 98_000)),
  sku: (roll) => `SKU-${roll.int(10_000, 99_999)}`,
  pod: (roll) => Array.from({ length: 5 }, () => roll.pick([..."bcdfghjklmnpqrstvwxz2456789"])).join(""),
  off: (roll) => String(roll.int(880_000, 990_000)),
  p: (roll) => String(roll.int(0, 11)),
};

/** Replaces each `#mark` by a fresh throw. */
const throwMarks = (text: string, roll: Dice): string =>
  text.replace(
    /#(trace|sku|off|ord|eur|big|pod|id|ip|ms|n|p)/g,
    (all, name: string) => marks[name]?.(roll) ?? all,
  );

const instantOf = (when: Line["when"], span: Span, roll: Dice): number => {
  const early = Math.max(span.start, span.onset - 90 * minute);
  if (when === "onset") return span.onset + roll.between(-0.5, 0.5) * minute;
  if (when === "lead") return span.onset - roll.between(0.4, 4) * minute;
  if (when === "deploy") return span.deploy + roll.between(0.2, 1.2) * minute;
  if (when === "before") return roll.between(early, span.onset);
  if (when === "all") return roll.between(early, span.at);
  return roll.between(span.onset + 2000, span.at);
};

const written = (line: Line, span: Span, words: Words, roll: Dice): LogLine => ({
  at: Math.min(span.at - 1, Math.round(instantOf(line.when, span, roll))),
  service: line.service,
  level: line.level,
  text: throwMarks(fill(line.text, words), roll),
  ...(line.trace ? { trace: fill(line.trace, words) } : {}),
});

/** Log lines of the story among routine lines of the services, in order of time. */
export const logsOf = (
  lines: readonly Line[],
  services: readonly string[],
  { span, words, roll }: { span: Span; words: Words; roll: Dice },
): LogLine[] => {
  const told = lines.flatMap((line) => {
    const factor = line.count < 3 ? 1 : roll.between(0.7, 1.3);
    return Array.from({ length: Math.max(1, Math.round(line.count * factor)) }, () =>
      written(line, span, words, roll),
    );
  });
  const routine = Array.from({ length: roll.int(18, 130) }, () => {
    const service = roll.pick(services);
    const [level, text] = roll.pick(noise(service));
    return written({ service, level, text, count: 1, when: "all" }, span, words, roll);
  });
  return [...told, ...routine].toSorted((one, other) => one.at - other.at);
};
