import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { secretsOf } from "../../infra/aws/secrets.ts";

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

test("the page about AWS names each secret with exactly the functions that read it", () => {
  const rows = [...read("docs/aws.md").matchAll(/^\| (`[A-Z_*]+`[^|]*) \| ([^|]*) \|/gm)];
  const listed = rows.flatMap(([, names = "", readers = ""]) =>
    [...names.matchAll(/`([A-Z_*]+)`/g)].flatMap(([, secret]) =>
      [...readers.matchAll(/_(\w+)_/g)].map(([, reader]) => `${secret} ${reader}`),
    ),
  );
  const allowed = Object.entries(secretsOf).flatMap(([reader, secrets]) =>
    secrets.map((secret) => `${secret} ${reader}`),
  );
  assert.deepEqual(listed.sort(), allowed.sort());
});
