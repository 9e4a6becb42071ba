import { basename, dirname } from "node:path";
import { runCommand, standardIo, wholeNumber } from "../../infra/host/command.ts";
import { startEngine } from "./child.ts";
import { openClone } from "./clone.ts";
import { type Compared, compareOne, type Verdict } from "./compare.ts";
import { bounds, largeReverts } from "./large.ts";
import { compareRandom } from "./random.ts";

const help = `usage: npm run --silent verify:revert -- [DIR…] [--changes N] [--seeds N] [--from SEED] [--files N]

Takes the last N (300) first-parent changes of each clone back on top of its head, here and with git revert,
then N (10000) made-up histories, and tells where they differ. The engine runs in a process of its own with a heap
of 128 MiB; peakMiB is all that process ever held. At the end, changes of a made repository of --files N (300000)
files are taken back over the sandbox's GitHub, which lists 100,000 entries of it: at most ${bounds.requests} requests and
${bounds.mib} MiB each. Exit codes: 0 no difference that matters, 1 one.`;

const options = {
  changes: { type: "string", default: "300" },
  seeds: { type: "string", default: "10000" },
  from: { type: "string", default: "1" },
  files: { type: "string", default: "300000" },
} as const;

/** `peak` is told once all are compared. */
async function* changesOf(
  { dir, count }: { dir: string; count: number },
  peak: (mib: number) => void,
): AsyncGenerator<Compared> {
  const clone = await openClone(dir);
  const engine = startEngine(clone.blob);
  try {
    for (const change of clone.changes(count)) yield compareOne(clone, engine, change);
    peak(await engine.end());
  } finally {
    engine.kill();
    clone.close();
  }
}

type Comparing = (peak: (mib: number) => void) => AsyncGenerator<Compared>;

/** Reads all of them, tells each that is not as git has it, and sums up. */
async function report(name: string, compared: Comparing): Promise<boolean> {
  let peakMiB: number | undefined;
  const all = compared((mib) => {
    peakMiB = mib;
  });
  const tally: Record<Verdict, number> = {
    ...{ same: 0, "both conflict": 0, refused: 0, different: 0, "git conflicts": 0 },
  };
  const seen: Compared[] = [];
  for await (const one of all) {
    tally[one.verdict]++;
    seen.push(one);
    if (["different", "git conflicts", "refused"].includes(one.verdict))
      console.log(`  ${one.verdict}: ${one.sha} ${one.reason.slice(0, 300)}`);
  }
  const median = (numbers: number[]) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
  const clean = tally.same + tally.refused + tally.different;
  const shown = {
    ...{ name, changes: seen.length, ...tally },
    opened: `${((100 * (tally.same + tally.different)) / Math.max(1, clean)).toFixed(1)} %`,
    ratio: Number(median(seen.map(({ ours, git }) => ours / git)).toFixed(4)),
    medianMs: Number(median(seen.map(({ ours }) => ours)).toFixed(2)),
    worstMs: Number(Math.max(0, ...seen.map(({ ours }) => ours)).toFixed(0)),
    gitMedianMs: Number(median(seen.map(({ git }) => git)).toFixed(0)),
    ...(peakMiB !== undefined && { peakMiB }),
  };
  console.log(JSON.stringify(shown));
  return tally.different + tally["git conflicts"] === 0 && tally.refused <= clean / 50;
}

const cloneName = (dir: string): string =>
  basename(dir) === "repo" ? basename(dirname(dir)) : basename(dir);

/** Prints each revert in the large repository; false when one is not git's, or costs too much. */
async function reportLarge(count: number): Promise<boolean> {
  let isGood = true;
  for await (const one of largeReverts(count)) {
    console.log(JSON.stringify({ ...{ files: count }, ...one }));
    isGood &&= one.same && one.requests <= bounds.requests && one.peakMiB <= bounds.mib;
  }
  return isGood;
}

process.exitCode = await runCommand(
  { name: "verify:revert", help, options, positionals: true },
  { argv: process.argv.slice(2), io: standardIo() },
  async ({ values, positionals }) => {
    const count = wholeNumber("--changes", values.changes);
    const seeds = {
      from: wholeNumber("--from", values.from, 0),
      count: wholeNumber("--seeds", values.seeds, 0),
    };
    const files = wholeNumber("--files", values.files, 0);
    const results: boolean[] = [];
    for (const dir of positionals)
      results.push(await report(cloneName(dir), (peak) => changesOf({ dir, count }, peak)));
    if (seeds.count > 0) results.push(await report(`seeds from ${seeds.from}`, () => compareRandom(seeds)));
    if (files > 0) results.push(await reportLarge(files));
    return results.every(Boolean) ? 0 : 1;
  },
);
