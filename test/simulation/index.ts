import { runCommand, standardIo, wholeNumber } from "../../infra/host/command.ts";
import { UsageError } from "../../infra/host/errors.ts";
import { type HostName, hostNames, play } from "./history.ts";
import { minimise } from "./minimise.ts";
import { often } from "./sometimes.ts";

const help = `usage: npm run simulate -- [options]

Plays whole histories with faults, crashes and people, and judges them by rules that must always hold.
  --seeds N   how many histories (200)
  --from S    the first seed (1)
  --seed S    one history; when it breaks a rule it is made as small as it can be
  --trace     with --seed: every line of it
  --on HOST   ${hostNames.join(" or ")} (memory)

From ${often.histories} histories on, situations that must have occurred are asked for as well.

Exit codes: 0 no rule broken, 1 a rule broken or too little seen, 2 wrong usage.`;

const options = {
  seeds: { type: "string", default: "200" },
  from: { type: "string", default: "1" },
  seed: { type: "string" },
  trace: { type: "boolean", default: false },
  on: { type: "string", default: "memory" },
} as const;

const one = async (seed: number, on: HostName, isTraced: boolean): Promise<number> => {
  const { violations, happened } = await play(seed, { on });
  const [first] = violations;
  if (first === undefined) {
    const { lines } = await play(seed, { on, isTraced });
    console.log([...lines, `seed ${seed}: ${happened.length} happenings, no rule broken`].join("\n"));
    return 0;
  }
  const smallest = await play(seed, { on, left: await minimise(seed, on, first.rule), isTraced });
  console.log(
    [...smallest.lines, ...smallest.violations.map(({ rule, detail }) => `${rule}: ${detail}`)].join("\n"),
  );
  console.log(`happened: ${smallest.happened.map(({ number, kind }) => `${number} ${kind}`).join(", ")}`);
  return 1;
};

const many = async (from: number, count: number, on: HostName): Promise<number> => {
  const broken = new Map<string, number[]>();
  const seen = new Map<string, number>();
  const begun = performance.now();
  for (let seed = from; seed < from + count; seed++) {
    const played = await play(seed, { on });
    for (const situation of played.seen) seen.set(situation, (seen.get(situation) ?? 0) + 1);
    for (const { rule, detail } of played.violations) {
      console.log(`seed ${seed}: ${rule}: ${detail}`);
      broken.set(rule, [...(broken.get(rule) ?? []), seed]);
    }
  }
  const seconds = (performance.now() - begun) / 1000;
  console.log(
    [...seen]
      .sort((a, b) => a[1] - b[1])
      .map(([name, times]) => `${times} ${name}`)
      .join("\n"),
  );
  const { user, system } = process.cpuUsage();
  const each = Math.round((user + system) / 1000 / count);
  console.log(`${count} histories in ${Math.round(seconds)} s, ${each} ms of CPU each`);
  for (const [rule, seeds] of broken)
    console.log(`${new Set(seeds).size} broke "${rule}": ${[...new Set(seeds)].slice(0, 10).join(", ")}`);
  const unseen = count < often.histories ? [] : often.situations.filter((name) => !seen.has(name));
  if (unseen.length > 0) console.log(`never seen, so the histories prove too little: ${unseen.join(", ")}`);
  return broken.size > 0 || unseen.length > 0 ? 1 : 0;
};

process.exitCode = await runCommand(
  { name: "simulate", help, options },
  { argv: process.argv.slice(2), io: standardIo() },
  ({ values: { seeds, from, seed, trace, on: named } }) => {
    const on = hostNames.find((host) => host === named);
    if (on === undefined)
      throw new UsageError(`--on is ${hostNames.join(" or ")}, not ${JSON.stringify(named)}`);
    return seed === undefined
      ? many(wholeNumber("--from", from, 0), wholeNumber("--seeds", seeds), on)
      : one(wholeNumber("--seed", seed, 0), on, trace);
  },
);
