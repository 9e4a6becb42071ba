import assert from "node:assert/strict";

type Work<T> = () => T;

/**
 * Fails when `work` takes more than `mostMs` of this thread's CPU. Anything else on the machine only adds to a measurement, so the least of
 * three counts; on a slower core the limit is higher, by what the reference takes there.
 */
export const mustCost = (mostMs: number, work: Work<unknown>, name = "it"): void => {
  let least = cpuOf(work);
  for (let again = 0; again < 2 && least >= mostMs; again++) least = Math.min(least, cpuOf(work));
  judge(least, mostMs, name);
};

/** The same of work that ends later. */
export const mustCostLater = async (
  mostMs: number,
  work: Work<Promise<unknown>>,
  name = "it",
): Promise<void> => {
  let least = await laterCpuOf(work);
  for (let again = 0; again < 2 && least >= mostMs; again++) least = Math.min(least, await laterCpuOf(work));
  judge(least, mostMs, name);
};

const cpuOf = (work: Work<unknown>): number => {
  const before = process.threadCpuUsage();
  work();
  return msSince(before);
};
const laterCpuOf = async (work: Work<Promise<unknown>>): Promise<number> => {
  const before = process.threadCpuUsage();
  await work();
  return msSince(before);
};
const msSince = (before: NodeJS.CpuUsage): number => {
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
};

const judge = (tookMs: number, mostMs: number, name: string): void => {
  if (tookMs < mostMs) return;
  const slower = Math.max(1, cpuOf(reference) / referenceMs);
  const limit = `${mostMs} ms on a core that is ${slower.toFixed(1)} times slower`;
  assert.ok(tookMs < mostMs * slower, `${name} took ${tookMs.toFixed(0)} ms of CPU: more than ${limit}`);
};

/** A fixed calculation over texts, as the parsers do it, and its time on the machine for which the limits are written. */
const reference = (): number => {
  let found = 0;
  for (let n = 0; n < 20_000; n++)
    found += `service-${n}: a "b" [c]`
      .split(/[^\w-]+/)
      .join("/")
      .indexOf("c");
  return found;
};
const referenceMs = 10;
