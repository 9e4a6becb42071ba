import assert from "node:assert/strict";
import { test } from "node:test";
import { numbered } from "../../git/past.ts";
import { files } from "../../support/git.ts";
import { inRow, openRepository } from "./shop.ts";

/** A change, one beside it, one on top of it, one elsewhere. */
const past = inRow([
  files({ "src/pay.ts": numbered(20), "docs/a.md": "a\n", "lib/x.ts": "x\n" }),
  files({ "src/pay.ts": numbered(20, { 3: "bad" }), "docs/a.md": "a\n", "lib/x.ts": "x\n" }),
  files({ "src/pay.ts": numbered(20, { 3: "bad", 15: "l" }), "docs/a.md": "a\n", "lib/x.ts": "x\n" }),
  files({ "src/pay.ts": numbered(20, { 3: "bad", 15: "m" }), "docs/a.md": "a\n", "lib/x.ts": "x\n" }),
  files({ "src/pay.ts": numbered(20, { 3: "bad", 15: "m" }), "docs/a.md": "b\n", "lib/x.ts": "x\n" }),
]);

test("a change goes back as git would take it back, in a pull request of one commit", async (t) => {
  const { shas, json, judge, git, pulls, branches } = await openRepository(t, past);
  const { code, lines } = await json(shas[1]!);
  const tree = judge(shas[1]!);
  const branch = `countersteer/revert-${shas[1]!.slice(0, 12)}`;
  const { pull, requests, ...rest } = lines[0];
  assert.deepEqual([code, lines.length, rest], [0, 1, { sha: shas[1], result: "opened", branch, tree }]);
  assert.deepEqual([pull.number, branches()], [1, branch]);
  assert.equal(git("rev-parse", `${branch}^{tree}`), tree);
  assert.equal(git("rev-parse", `${branch}^`), shas[4]);
  assert.equal(
    git("log", "-1", "--format=%B", branch),
    `Revert "Commit 1"\n\nThis reverts commit ${shas[1]}.`,
  );
  assert.equal((await pulls())[0]!.title, 'Revert "Commit 1"');
});

test("a second run finds the first", async (t) => {
  const { shas, json, pulls } = await openRepository(t, past);
  const [first, second] = [await json(shas[4]!), await json(shas[4]!)];
  const { requests: _, ...opened } = first.lines[0];
  const { requests: __, ...found } = second.lines[0];
  assert.deepEqual([second.code, found], [0, { ...opened, result: "exists" }]);
  assert.equal((await pulls()).length, 1);
});

test("a dry run tells the tree to come, prints a diff that git applies, and writes nothing", async (t) => {
  const { shas, json, run, judge, branches, git, sandbox } = await openRepository(t, past);
  const tree = judge(shas[1]!);
  const { lines, code } = await json(shas[1]!, "--dry-run");
  assert.deepEqual([code, lines[0].result, lines[0].tree, lines[0].pull], [0, "opened", tree, undefined]);
  const { out } = await run(shas[1]!, "--dry-run");
  assert.match(out, /^diff --git a\/src\/pay.ts b\/src\/pay.ts\n[\s\S]*^-bad\n\+line 3$/m);
  assert.equal(branches(), "");
  assert.deepEqual(
    sandbox.requests().filter(({ method }) => method !== "GET"),
    [],
  );
  assert.equal(git("rev-parse", "main"), shas[4]);
});

test("each of several changes gets a result of its own; together they get one", async (t) => {
  const { shas, json, judge } = await openRepository(t, past);
  const apart = await json(shas[2]!, shas[3]!, "--dry-run");
  assert.deepEqual(
    apart.lines.map(({ sha, result, conflicts }) => ({ sha, result, conflicts })),
    [
      { sha: shas[2], result: "conflict", conflicts: [{ path: "src/pay.ts", kind: "content" }] },
      { sha: shas[3], result: "opened", conflicts: undefined },
    ],
  );
  assert.equal(apart.code, 1);
  const { lines, code } = await json(shas[1]!, shas[2]!, shas[3]!, "--together");
  assert.deepEqual([code, lines.length, lines[0].result, lines[0].sha], [0, 1, "opened", shas[3]]);
  assert.equal(lines[0].tree, judge(shas[3]!, shas[2]!, shas[1]!));
});

test("everything a deploy brought goes back at once, and only below the given paths", async (t) => {
  const { shas, json, judge, git } = await openRepository(t, past);
  const { lines } = await json("--range", `${shas[0]}..${shas[3]}`, "--dry-run");
  assert.deepEqual([lines[0].result, lines[0].tree], ["opened", judge(`${shas[0]}..${shas[3]}`)]);
  const docs = await json("--range", `${shas[0]}..main`, "--paths", "docs/");
  git("checkout", "-q", "--detach", "-f", "main");
  git("checkout", shas[0]!, "--", "docs");
  assert.deepEqual([docs.lines[0].result, docs.lines[0].tree], ["opened", git("write-tree")]);
  const backwards = await json("--range", `${shas[3]}..${shas[0]}`);
  assert.deepEqual(
    [backwards.code, backwards.lines[0].result, backwards.lines[0].reason],
    [1, "refused", `${shas[3]} of acme/shop is not before ${shas[0]}`],
  );
});

test("a merge commit goes back to its first parent", async (t) => {
  const [one, two] = [files({ a: "1\n", b: "1\n" }), files({ a: "1\n", b: "2\n" })];
  const { shas, json, judge, git } = await openRepository(t, [
    { files: one, parents: [] },
    { files: files({ a: "2\n", b: "1\n" }), parents: [0] },
    { files: two, parents: [0] },
    { files: files({ a: "2\n", b: "2\n" }), parents: [1, 2], message: "Merge branch 'b'" },
  ]);
  const { lines } = await json(shas[3]!);
  assert.deepEqual([lines[0].result, lines[0].tree], ["opened", judge("-m", "1", shas[3]!)]);
  assert.match(
    git("log", "-1", "--format=%B", lines[0].branch),
    new RegExp(`^This reverts commit ${shas[3]}, reversing\nchanges made to ${shas[1]}\\.$`, "m"),
  );
});

test("files that act on more than the code are listed with why", async (t) => {
  const { shas, json } = await openRepository(
    t,
    inRow([files({ a: "1\n" }), files({ a: "1\n", "db/migrations/1.sql": "create\n" })]),
  );
  const { lines } = await json(shas[1]!, "--dry-run");
  assert.deepEqual(lines[0].guards, [
    { path: "db/migrations/1.sql", reason: "data may have been migrated already" },
  ]);
});
