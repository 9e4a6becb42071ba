import assert from "node:assert/strict";
import { test } from "node:test";
import { numbered } from "../../git/past.ts";
import { files } from "../../support/git.ts";
import { inRow, openRepository } from "./shop.ts";

const trees = [
  files({ a: numbered(20), b: "b\n" }),
  files({ a: numbered(20, { 3: "bad" }), b: "b\n" }),
  files({ a: numbered(20, { 3: "worse" }), b: "b\n" }),
  files({ a: numbered(20, { 3: "worse" }), b: "c\n" }),
];
const titles = ["Start", "Cache rates", "Cache them longer", "Later"];

test("a change that others built on names them, their authors and the command that takes all of them back", async (t) => {
  const { shas, json, judge } = await openRepository(t, inRow(trees, titles));
  const { code, lines } = await json(shas[1]!);
  const command = `revert acme/shop ${shas[2]} ${shas[1]} --together`;
  assert.deepEqual(
    [code, lines[0].result, lines[0].conflicts, lines[0].reason],
    [
      1,
      "conflict",
      [{ path: "a", kind: "content" }],
      `not clean (a: the same lines were changed again since); changed since by ann in ${shas[2]!.slice(0, 12)} "Cache them longer"; it goes back cleanly together with that: ${command}`,
    ],
  );
  const [, , ...argv] = command.split(" ");
  const together = await json(...argv, "--dry-run");
  assert.deepEqual([together.lines[0].result, together.lines[0].tree], ["opened", judge(shas[2]!, shas[1]!)]);
});

test("one that came in by a merge is handed over with git's command line", async (t) => {
  const { shas, json } = await openRepository(t, [
    { files: trees[0]!, parents: [] },
    { files: trees[1]!, parents: [0] },
    { files: trees[2]!, parents: [1] },
    { files: trees[2]!, parents: [1, 2], message: "Merge branch 'longer'" },
  ]);
  const { lines } = await json(shas[1]!);
  assert.match(lines[0].reason, new RegExp(`; by hand: git revert ${shas[1]}$`));
});
