import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** The first column of a page's tables, as far as it holds one name in code. */
const rowsOf = (page: string): string[] =>
  [...read(page).matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name = ""]) => name);

test("the page about operations explains every reason of an escalation", () => {
  const [, union = ""] = /export type Reason =([^;]+);/.exec(read("shared/incident/model.ts")) ?? [];
  const reasons = [...union.matchAll(/"(\w+)"/g)].map(([, reason = ""]) => reason);
  assert.ok(reasons.length > 10);
  const explained = rowsOf("docs/operations.md");
  assert.deepEqual(
    reasons.filter((reason) => !explained.includes(reason)),
    [],
  );
});

test("the page about the command line lists every command", () => {
  const commands = [...read("infra/cli/cli.ts").matchAll(/^ {2}"?([\w-]+)"?: \{\n {4}summary:/gm)].map(
    ([, name = ""]) => name,
  );
  assert.ok(commands.length > 10);
  const listed = rowsOf("docs/command-line.md");
  assert.deepEqual(
    commands.filter((command) => !listed.includes(command)),
    [],
  );
});
