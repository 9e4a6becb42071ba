import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { explain } from "./explain.ts";
import { longestMs } from "./target.ts";
import { targets } from "./targets.ts";

const help = `usage: npm run fuzz -- [options]

Tries parsers and encoders on texts of their own pieces. A crash, a broken promise, or an input that takes more than ${longestMs} ms fails.
A failure names the seed and the case; the same --seed, --runs and --only try it again.
  --runs N     inputs of each (1000000)
  --seed N     the first of the random numbers (chosen by chance)
  --only TEXT  those whose name holds this text`;

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "1000000" },
    seed: { type: "string" },
    only: { type: "string", default: "" },
    help: { type: "boolean", short: "h", default: false },
  },
});

const main = async (): Promise<void> => {
  const seed = Number(values.seed ?? randomInt(2 ** 31));
  console.log(`seed ${seed}`);
  // Parsers that list every error spend their time on stacks otherwise.
  Error.stackTraceLimit = 0;
  for (const { name, run } of targets.filter((one) => one.name.includes(values.only))) {
    const begun = performance.now();
    const details = await run({ numRuns: Number(values.runs), seed });
    if (details.failed) process.exitCode = 1;
    const took = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(details.failed ? explain(name, details) : `${name}: ${details.numRuns} in ${took} s`);
  }
};

if (values.help) console.log(help);
else await main();
