import { type HostName, play } from "./history.ts";

/** The smallest set of happenings that it finds, by leaving out ever smaller parts of them, that still breaks the same rule. */
export const minimise = async (seed: number, on: HostName, rule: string): Promise<ReadonlySet<number>> => {
  let left = new Set<number>();
  for (let parts = 2; ; ) {
    const { happened } = await play(seed, { on, left });
    const numbers = happened.map(({ number }) => number);
    const size = Math.max(1, Math.ceil(numbers.length / parts));
    const smaller = await firstThat({ seed, on, rule }, left, chunks(numbers, size));
    if (smaller !== undefined) left = smaller;
    else if (size === 1 || numbers.length === 0) return left;
    else parts *= 2;
  }
};

const firstThat = async (
  { seed, on, rule }: { seed: number; on: HostName; rule: string },
  left: ReadonlySet<number>,
  parts: number[][],
): Promise<Set<number> | undefined> => {
  for (const part of parts) {
    const without = new Set([...left, ...part]);
    const { violations } = await play(seed, { on, left: without });
    if (violations.some((one) => one.rule === rule)) return without;
  }
  return undefined;
};

const chunks = (numbers: number[], size: number): number[][] =>
  Array.from({ length: Math.ceil(numbers.length / size) }, (_, index) =>
    numbers.slice(index * size, (index + 1) * size),
  );
