import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { mutants } from "./list.ts";

const root = join(import.meta.dirname, "../..");
const testFiles = globSync("test/**/*.test.ts", { cwd: root });

test("each seeded bug changes one place that is there, and names tests that are there", () => {
  const stale = mutants.filter(({ file, search, replace, tests }) => {
    const found = readFileSync(join(root, file), "utf8").split(search).length - 1;
    const hasTests = tests.every((name) => testFiles.some((path) => path.startsWith(`test/${name}`)));
    return found !== 1 || search === replace || !hasTests;
  });
  assert.deepEqual(stale, []);
});
