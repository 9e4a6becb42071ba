import { execFile } from "node:child_process";
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Mutant, mutants } from "./list.ts";

/** `npm run mutants [-- PART]`: seeds each bug whose file or text has PART in it into a copy of the program, and runs the tests that must fail with it. */
const root = join(import.meta.dirname, "../..");
const workers = 2;
/** A test that hangs with the bug has seen it, too. */
const timeoutMs = 60_000;
const copied = [
  "functions",
  "shared",
  "infra",
  "test",
  "docs",
  "package.json",
  "tsconfig.json",
  "serverless.yml",
];

type Outcome = { mutant: Mutant; isKilled: boolean; ms: number };

const copy = (): string => {
  const dir = mkdtempSync(join(tmpdir(), "countersteer-mutants-"));
  for (const name of copied) cpSync(join(root, name), join(dir, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(dir, "node_modules"));
  return dir;
};

const testFiles = globSync("test/**/*.test.ts", { cwd: root });
const filesOf = ({ tests }: Mutant): string[] =>
  tests.flatMap((name) => testFiles.filter((file) => file.startsWith(`test/${name}`)));

/** Whether one of the tests fails. They run one file after the other, until one does. */
const isKilledBy = async (dir: string, files: string[]): Promise<boolean> => {
  for (const file of files) if (!(await passes(dir, file))) return true;
  return false;
};

const passes = (cwd: string, file: string): Promise<boolean> =>
  new Promise((resolve) => {
    const flags = ["--test", "--import", "./test/support/seed.ts", file];
    execFile(process.execPath, flags, { cwd, timeout: timeoutMs }, (error) => resolve(error === null));
  });

const seeded = async (dir: string, mutant: Mutant): Promise<Outcome> => {
  const path = join(dir, mutant.file);
  const text = readFileSync(path, "utf8");
  const begun = performance.now();
  writeFileSync(
    path,
    text.replace(mutant.search, () => mutant.replace),
  );
  const isKilled = await isKilledBy(dir, filesOf(mutant));
  writeFileSync(path, text);
  return { mutant, isKilled, ms: performance.now() - begun };
};

const nameOf = ({ file, search, replace }: Mutant): string =>
  `${file}: ${JSON.stringify(search)} → ${JSON.stringify(replace)}`;

const work = async (queue: Mutant[], done: Outcome[]): Promise<void> => {
  const dir = copy();
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const outcome = await seeded(dir, next);
    done.push(outcome);
    const seconds = (outcome.ms / 1000).toFixed(1);
    console.log(`${outcome.isKilled ? "killed" : "SURVIVED"} in ${seconds} s: ${nameOf(next)}`);
  }
  rmSync(dir, { recursive: true, force: true });
};

const part = process.argv[2] ?? "";
const wanted = mutants.filter((one) => one.equivalent === undefined && nameOf(one).includes(part));
const done: Outcome[] = [];
const queue = [...wanted];
await Promise.all(Array.from({ length: workers }, () => work(queue, done)));
const survivors = done.filter(({ isKilled }) => !isKilled);
const equivalent = mutants.filter((one) => one.equivalent !== undefined);
console.log(
  `${done.length - survivors.length} of ${done.length} killed, ${equivalent.length} are equivalent`,
);
for (const { mutant } of survivors) console.log(`survived: ${nameOf(mutant)}`);
if (survivors.length > 0) process.exitCode = 1;
