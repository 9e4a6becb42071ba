import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { minedCases } from "../../../infra/cli/diagnosis/find-reverts.ts";
import type { Known } from "../../../infra/train/read-cases.ts";
import { gitSync } from "../../support/git-runner.ts";
import { scratch } from "../../support/scratch.ts";

const repository = async (t: TestContext) => {
  const directory = await scratch(t);
  const git = (...args: string[]): string => gitSync(directory, args).toString().trim();
  git("init", "--quiet");
  const land = (message: string, files: Record<string, string>): string => {
    for (const [path, text] of Object.entries(files)) writeFileSync(join(directory, path), text);
    git("add", "-A");
    git("commit", "--quiet", "-m", message);
    return git("rev-parse", "HEAD");
  };
  const mined = async (paths: string[] = []): Promise<string[]> => {
    const found: Known[] = [];
    for await (const known of minedCases(directory, paths)) found.push(known);
    return found.map(({ culprit }) => culprit);
  };
  land("start", { a: "1", b: "1" });
  return { land, mined };
};

test("a revert that names a pull request took back the commit that came with it", async (t) => {
  const { land, mined } = await repository(t);
  const squashed = land("Cache rates (#41)", { a: "2" });
  const merged = land("Merge pull request #42 from acme/fees", { b: "2" });
  land("Something else", { c: "1" });
  land("Take the fees out\n\nReverts acme/shop#42", { b: "3" });
  land("No cache\n\nreverts #41: it served old rates", { a: "3" });
  assert.deepEqual(await mined(), [squashed, merged]);
});

test("a change that puts every file of an earlier one back is its revert, whatever it says", async (t) => {
  const { land, mined } = await repository(t);
  const culprit = land("Cache rates", { a: "2", b: "2" });
  land("Something else", { c: "1" });
  land("Back to how it was on Monday", { a: "1", b: "1" });
  assert.deepEqual(await mined(), [culprit]);
});

test("putting back only a part is no revert, and bringing a reverted change back is none either", async (t) => {
  const { land, mined } = await repository(t);
  land("Cache rates", { a: "2", b: "2" });
  land("Tidy", { a: "1" });
  const culprit = land("Wait longer", { c: "1" });
  land(`Revert "Wait longer"\n\nThis reverts commit ${culprit}.`, { c: "0" });
  land("Wait longer after all", { c: "1" });
  assert.deepEqual(await mined(), [culprit]);
});
