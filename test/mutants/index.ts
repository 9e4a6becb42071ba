import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand, standardIo, wholeNumber } from "../../infra/host/command.ts";
import { UsageError } from "../../infra/host/errors.ts";
import { mutants } from "./list.ts";
import { type Mutant, nameOf } from "./mutant.ts";
import { filesOf, runFile, tryMutant, type Verdict } from "./trial.ts";

const help = `usage: npm run mutants -- [TEXT] [options]

Seeds bugs one at a time into a copy of the program, and runs the tests that must fail with each. First it runs these tests without a bug: a test that
fails then would prove nothing. TEXT takes only the bugs whose file or text holds it.
  --from N     the first bug of the list (1)
  --count N    how many (all)
  --workers N  how many copies (2)

A bug is killed when a test fails, timed out when a test was not done in 20 s, or in five times what it takes without the bug, else it survived. A bug is
stale when the text that it changes is not in the program any more.
Exit codes: 0 each was killed, 1 one survived, timed out or is stale, or a test fails without a bug, 2 wrong usage.`;

const options = {
  from: { type: "string", default: "1" },
  count: { type: "string" },
  workers: { type: "string", default: "2" },
} as const;

const root = join(import.meta.dirname, "../..");
const copied = ["functions", "shared", "infra", "test", "docs", "package.json", "tsconfig.json"];
const alsoCopied = ["serverless.yml", "README.md", "CHANGELOG.md", "countersteer.schema.json"];
const leastLimitMs = 20_000;
const baseLimitMs = 120_000;

const copy = (): string => {
  const dir = mkdtempSync(join(tmpdir(), "countersteer-mutants-"));
  for (const name of [...copied, ...alsoCopied])
    cpSync(join(root, name), join(dir, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(dir, "node_modules"));
  return dir;
};

/** Does `each` with all of `items`, in as many copies of the program as there are workers. */
const shared = async <T>(
  items: T[],
  workers: number,
  each: (dir: string, item: T) => Promise<void>,
): Promise<void> => {
  const queue = [...items];
  const work = async (): Promise<void> => {
    const dir = copy();
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) await each(dir, next);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, items.length) }, work));
};

/** How long each file takes without a bug. Undefined when one fails. */
const baseOf = async (files: string[], workers: number): Promise<Map<string, number> | undefined> => {
  const took = new Map<string, number>();
  let isGreen = true;
  await shared(files, workers, async (dir, file) => {
    const { result, ms, output } = await runFile(dir, file, baseLimitMs);
    took.set(file, ms);
    if (result === "passed") return;
    isGreen = false;
    console.log(`${output}\n${file} ${result} without a bug`);
  });
  return isGreen ? took : undefined;
};

type Tried = Verdict & { mutant: Mutant };

const seconds = (ms: number): string => (ms / 1000).toFixed(1);
const lineOf = ({ mutant, result, by, ms }: Tried): string =>
  `${result}${by === undefined ? "" : ` by ${by}`} in ${seconds(ms)} s: ${nameOf(mutant)}`;

const summary = (tried: Tried[], equivalent: number): string => {
  const of = (result: Verdict["result"]) => tried.filter((one) => one.result === result);
  const slowest = tried.toSorted((a, b) => b.ms - a.ms).slice(0, 3);
  return [
    `${of("killed").length} of ${tried.length} killed, ${of("survived").length} survived, ${of("timed out").length} timed out, ${of("stale").length} are stale; ${equivalent} more are equivalent`,
    ...[...of("survived"), ...of("timed out"), ...of("stale")].map(lineOf),
    ...slowest.map((one) => `slowest: ${lineOf(one)}`),
  ].join("\n");
};

const tryAll = async (wanted: Mutant[], workers: number): Promise<number> => {
  const files = [...new Set(wanted.flatMap(filesOf))];
  const base = await baseOf(files, workers);
  if (base === undefined) return 1;
  console.log(`${files.length} test files pass without a bug`);
  const limitOf = (file: string) => Math.max(leastLimitMs, 5 * (base.get(file) ?? 0));
  const tried: Tried[] = [];
  await shared(wanted, workers, async (dir, mutant) => {
    const one = { mutant, ...(await tryMutant(dir, mutant, limitOf)) };
    tried.push(one);
    console.log(`${mutants.indexOf(mutant) + 1} ${lineOf(one)}`);
  });
  console.log(summary(tried, mutants.filter((one) => one.equivalent !== undefined).length));
  return tried.every(({ result }) => result === "killed") ? 0 : 1;
};

process.exitCode = await runCommand(
  { name: "mutants", help, options, positionals: true },
  { argv: process.argv.slice(2), io: standardIo() },
  ({ values: { from, count, workers }, positionals: [part = "", ...more] }) => {
    if (more.length > 0) throw new UsageError(`one TEXT at most, not also ${JSON.stringify(more[0])}`);
    const first = wholeNumber("--from", from) - 1;
    const last = count === undefined ? mutants.length : first + wholeNumber("--count", count);
    const wanted = mutants
      .slice(first, last)
      .filter((one) => one.equivalent === undefined && nameOf(one).includes(part));
    if (wanted.length === 0) throw new UsageError("no seeded bug is meant by this");
    return tryAll(wanted, wholeNumber("--workers", workers));
  },
);
