import { randomInt } from "node:crypto";
import { runCommand, standardIo, wholeNumber } from "../../infra/host/command.ts";
import { UsageError } from "../../infra/host/errors.ts";
import { explain } from "./explain.ts";
import { longestMs } from "./target.ts";
import { targets } from "./targets.ts";

const help = `usage: npm run fuzz -- [options]

Tries parsers and encoders on texts of their own pieces. A crash, a broken promise, or an input that takes more than ${longestMs} ms fails.
A failure names the seed and the case; the same --seed, --runs and --only try it again.
  --runs N     inputs of each (1000000)
  --seed N     the first of the random numbers (chosen by chance)
  --only TEXT  those whose name holds this text`;

const options = {
  runs: { type: "string", default: "1000000" },
  seed: { type: "string" },
  only: { type: "string", default: "" },
} as const;

/** Tries each in turn, and returns whether all of them held. */
const tryAll = async (tried: typeof targets, numRuns: number, seed: number): Promise<boolean> => {
  let isFailed = false;
  console.log(`seed ${seed}`);
  // Parsers that list every error spend their time on stacks otherwise.
  Error.stackTraceLimit = 0;
  for (const { name, run } of tried) {
    const begun = performance.now();
    const details = await run({ numRuns, seed });
    isFailed ||= details.failed;
    const took = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(details.failed ? explain(name, details) : `${name}: ${details.numRuns} in ${took} s`);
  }
  return !isFailed;
};

process.exitCode = await runCommand(
  { name: "fuzz", help, options },
  { argv: process.argv.slice(2), io: standardIo() },
  async ({ values: { runs, seed, only } }) => {
    const tried = targets.filter((one) => one.name.includes(only));
    if (tried.length === 0)
      throw new UsageError(`--only ${only} names none of ${targets.map(({ name }) => name).join(", ")}`);
    const first = seed === undefined ? randomInt(2 ** 31) : wholeNumber("--seed", seed, 0);
    return (await tryAll(tried, wholeNumber("--runs", runs), first)) ? 0 : 1;
  },
);
