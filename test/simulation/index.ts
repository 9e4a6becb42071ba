import { parseArgs } from "node:util";
import { hostNamed, play } from "./history.ts";
import { minimise } from "./minimise.ts";

/** `npm run simulate -- --seeds N [--from S]`, or `--seed S [--trace]` for one history, made as small as it can be when it breaks a rule. `--on`: memory or aws. */
const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "200" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
    trace: { type: "boolean", default: false },
    on: { type: "string", default: "memory" },
  },
});

const on = hostNamed(values.on);

const one = async (seed: number, isTraced: boolean): Promise<void> => {
  const { violations, happened } = await play(seed, { on });
  const [first] = violations;
  if (first === undefined) {
    const { lines } = await play(seed, { on, isTraced });
    console.log([...lines, `seed ${seed}: ${happened.length} happenings, no rule broken`].join("\n"));
    return;
  }
  const smallest = await play(seed, { on, left: await minimise(seed, on, first.rule), isTraced });
  console.log(
    [...smallest.lines, ...smallest.violations.map(({ rule, detail }) => `${rule}: ${detail}`)].join("\n"),
  );
  console.log(`happened: ${smallest.happened.map(({ number, kind }) => `${number} ${kind}`).join(", ")}`);
  process.exitCode = 1;
};

const many = async (from: number, count: number): Promise<void> => {
  const broken = new Map<string, number[]>();
  const seen = new Map<string, number>();
  const begun = performance.now();
  for (let seed = from; seed < from + count; seed++) {
    const played = await play(seed, { on });
    for (const situation of played.seen) seen.set(situation, (seen.get(situation) ?? 0) + 1);
    for (const rule of new Set(played.violations.map((violation) => violation.rule)))
      broken.set(rule, [...(broken.get(rule) ?? []), seed]);
  }
  const seconds = (performance.now() - begun) / 1000;
  console.log(
    [...seen]
      .sort((a, b) => a[1] - b[1])
      .map(([name, times]) => `${times} ${name}`)
      .join("\n"),
  );
  console.log(`${count} histories in ${Math.round(seconds)} s, ${(count / seconds).toFixed(1)} a second`);
  for (const [rule, seeds] of broken)
    console.log(`${seeds.length} broke "${rule}": ${seeds.slice(0, 10).join(", ")}`);
  if (broken.size > 0) process.exitCode = 1;
};

await (values.seed === undefined
  ? many(Number(values.from), Number(values.seeds))
  : one(Number(values.seed), values.trace));
