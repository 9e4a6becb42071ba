import assert from "node:assert/strict";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { scratch } from "../support/scratch.ts";
import { mutants } from "./list.ts";
import { nameOf } from "./mutant.ts";
import { filesOf, isStale, runFile, tryMutant } from "./trial.ts";

const root = join(import.meta.dirname, "../..");
const testFiles = globSync("test/**/*.test.ts", { cwd: root });

test("each seeded bug names tests that are there, and is listed once", () => {
  const lost = mutants.filter((mutant) => !filesOf(mutant).every((path) => testFiles.includes(path)));
  assert.deepEqual(lost, []);
  assert.equal(new Set(mutants.map(nameOf)).size, mutants.length);
});

test("the text that a seeded bug changes stands once in its file", () => {
  assert.deepEqual(mutants.filter((mutant) => isStale(root, mutant)).map(nameOf), []);
});

/** A program of one file, and tests of it that pass, fail with the bug, or hang with the bug. */
const program = async (t: TestContext): Promise<string> => {
  const dir = await scratch(t);
  mkdirSync(join(dir, "test/support"), { recursive: true });
  const files = {
    "answer.js": "export const answer = 42;\n",
    "test/support/seed.ts": "",
    "test/blind.test.ts": `import "../answer.js";`,
    "test/strict.test.ts": `import { answer } from "../answer.js"; if (answer !== 42) throw new Error("wrong");`,
    "test/endless.test.ts": `import { answer } from "../answer.js"; if (answer !== 42) setInterval(() => {}, 1000);`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return dir;
};

test("a bug is killed by the first test that fails, survives where none does, and a hanging test is a verdict of its own", async (t) => {
  const dir = await program(t);
  const seed = (...tests: string[]) =>
    tryMutant(dir, { file: "answer.js", search: "42", replace: "41", tests }, (file) =>
      file.includes("endless") ? 1_000 : 60_000,
    );
  const verdictOf = async (...tests: string[]) => {
    const { result, by } = await seed(...tests);
    return [result, by];
  };
  assert.deepEqual(await verdictOf("blind", "strict"), ["killed", "test/strict.test.ts"]);
  assert.deepEqual(await verdictOf("blind"), ["survived", undefined]);
  assert.deepEqual(await verdictOf("endless"), ["timed out", "test/endless.test.ts"]);
  assert.equal(readFileSync(join(dir, "answer.js"), "utf8"), "export const answer = 42;\n");
});

test("a test that fails without a bug is told from one that passes", async (t) => {
  const dir = await program(t);
  assert.equal((await runFile(dir, "test/strict.test.ts", 60_000)).result, "passed");
  writeFileSync(join(dir, "answer.js"), "export const answer = 41;\n");
  const { result, output } = await runFile(dir, "test/strict.test.ts", 60_000);
  assert.equal(result, "failed");
  assert.match(output, /Error: wrong/);
});
