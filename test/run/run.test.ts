import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import { scratch } from "../support/scratch.ts";
import { hangMs } from "../support/until.ts";
import { planOf } from "./plan.ts";
import { sharedFile } from "./shared.ts";

/** Runs a test file in the way of `npm test`. */
const ran = async (t: TestContext, text: string, limits: Record<string, string> = {}) => {
  const file = join(await scratch(t), "a.test.mjs");
  writeFileSync(file, `import { test } from "node:test";\n${text}`);
  return ranFile(t, file, limits);
};
const ranFile = async (t: TestContext, file: string, limits: Record<string, string> = {}) => {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(process.execPath, [join(import.meta.dirname, "index.ts"), file], {
    env: { ...env, ...limits },
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
    });
  const code = await new Promise((resolve) => child.once("close", resolve));
  return { code, file, output };
};

test("a folder below test/ is named with or without it, and a name without any test is refused", () => {
  assert.deepEqual(planOf(["structure", "prose/"]), planOf(["test/structure", "test/prose"]));
  assert.deepEqual(planOf(["test/run"]).late, ["test/run/run.test.ts"]);
  assert.throws(() => planOf(["test/run", "test/no-such"]), /no test file is below test\/no-such/);
});

test("tests that pass end with 0, one that fails with 1 and its name", async (t) => {
  const [good, bad] = await Promise.all([
    ran(t, `test("adds", () => {});`),
    ran(t, `test("subtracts", () => { throw new Error("3 is not 2"); });`),
  ]);
  assert.equal(good.code, 0, good.output);
  assert.equal(bad.code, 1);
  assert.match(bad.output, /✖ subtracts .*\n[\s\S]*3 is not 2/);
});

test("a file that prepares something before its tests keeps it until they have ended, also beside quicker files", async (t) => {
  const directory = await scratch(t);
  const urls = [
    `test("is quick", () => {});`,
    `import { after } from "node:test";
     let isOpen = true;
     after(() => { isOpen = false; });
     const { setTimeout } = await import("node:timers/promises");
     await setTimeout(100);
     test("finds it open", () => { if (!isOpen) throw new Error("closed before its test"); });`,
  ].map((text, index) => {
    const file = join(directory, `${index}.mjs`);
    writeFileSync(file, `import { test } from "node:test";\n${text}`);
    return pathToFileURL(file).href;
  });
  const { code, output } = await ranFile(t, sharedFile(directory, 0, urls));
  assert.equal(code, 0, output);
  assert.match(output, /ℹ pass 2/);
});

test("temporary files that a test leaves behind go with the run, also with one that is stopped", async (t) => {
  const leaves = `import { mkdtempSync } from "node:fs";
    import { tmpdir } from "node:os";
    test("leaves a folder", () => { mkdtempSync(tmpdir() + "/left-"); });`;
  const stops = `test("stops the run", () => { process.kill(process.ppid, "SIGTERM"); return new Promise(() => {}); });`;
  for (const [text, expected] of [
    [leaves, 0],
    [`${leaves}\n${stops}`, 1],
  ] as const) {
    const TMPDIR = await scratch(t);
    const { code, output } = await ran(t, text, { TMPDIR });
    assert.equal(code, expected, output);
    assert.deepEqual(readdirSync(TMPDIR), []);
  }
});

test("a test that takes too long fails with its name, and the others run on", async (t) => {
  const { code, output } = await ran(
    t,
    `test("waits too long", () => new Promise((resolve) => setTimeout(resolve, 1500)));
     test("comes after", () => {});`,
    { TEST_TIMEOUT_MS: "1000", TEST_SILENCE_MS: "60000" },
  );
  assert.equal(code, 1);
  assert.match(output, /✖ waits too long[\s\S]*test timed out after 1000ms/);
  assert.match(output, /✔ comes after/);
});

test("a file that goes on when its tests have ended, and one that never yields, end the run with their names", async (t) => {
  const [open, busy] = await Promise.all([
    ran(t, `test("leaves a timer", () => { setInterval(() => {}, 1000); });`, { TEST_SILENCE_MS: "2000" }),
    ran(t, `test("spins", () => { for (;;); });`, { TEST_SILENCE_MS: "2000" }),
  ]);
  for (const { code, file, output } of [open, busy]) {
    assert.equal(code, 1);
    assert.ok(output.includes(`Still running:\n  ${file}\n`), output);
  }
});

test("a stage whose server does not start fails its file with the reason, and leaves nothing that keeps the run open", async (t) => {
  const stage = pathToFileURL(join(import.meta.dirname, "../support/stage.ts")).href;
  const { code, output } = await ran(
    t,
    `const { startStage } = await import(${JSON.stringify(stage)});
     test("runs on", () => {});
     await startStage({ program: "/there/is/no/program.mjs" });`,
    { TEST_SILENCE_MS: String(hangMs) },
  );
  assert.equal(code, 1);
  assert.match(output, /Cannot find module '\/there\/is\/no\/program\.mjs'/);
  assert.doesNotMatch(output, /Still running/);
});
