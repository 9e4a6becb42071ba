import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { awsHost, type LoopHost, localHost } from "../support/loop-hosts.ts";
import { rows } from "./rows/table.ts";

// Every ordinary incident of the table is played on both hosts. docs/diagnosis.md says how they are judged.

const local = localHost();
const hosts: { called: string; host: LoopHost; ofGit: LoopHost }[] = [
  { called: "on one machine", host: local, ofGit: local },
  { called: "on AWS", host: await awsHost(), ofGit: await awsHost({ isOfGit: true }) },
];
const all = new Set(hosts.flatMap(({ host, ofGit }) => [host, ofGit]));
after(async () => {
  for (const host of all) await host.stop();
});

const played = new Set<string>();
for (const { called, host, ofGit } of hosts)
  for (const { happened, siblings, isOfGit } of rows)
    for (const { sibling, play } of siblings)
      test(`${called}, ${happened}: ${sibling}`, async (t) => {
        const on = isOfGit ? ofGit : host;
        try {
          await play(on, t);
        } finally {
          await on.close();
        }
        played.add(`${called}, ${happened}: ${sibling}`);
      });

test("each of the 28 ordinary incidents has held with at least three siblings on both hosts", () => {
  assert.equal(new Set(rows.map(({ happened }) => happened)).size, 28);
  assert.deepEqual(new Set([...all].map(({ name }) => name)), new Set(["embedded", "aws-local"]));
  const few = hosts.flatMap(({ called }) =>
    rows
      .map(({ happened }) => `${called}, ${happened}: `)
      .filter((row) => [...played].filter((one) => one.startsWith(row)).length < 3),
  );
  assert.deepEqual(few, []);
});

test("each kind of bad input in README.md names a test that is there", () => {
  const textOf = (name: string) => readFileSync(join(import.meta.dirname, name), "utf8");
  const named = textOf("README.md").matchAll(
    /^\| (?!bad input)(.+) \| \[(.+\.test\.ts)\]\(\2\) \| (.+) \|$/gm,
  );
  const found = [...named].map(([, kind, file = "", name = ""]) => ({
    kind,
    isThere: name.split("…").every((part) => textOf(file).includes(part)),
  }));
  assert.equal(found.length, 12);
  assert.deepEqual(
    found.filter(({ isThere }) => !isThere),
    [],
  );
});
