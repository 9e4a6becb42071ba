import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Tree } from "../../shared/git/model.ts";
import { revertTree } from "../../shared/git/revert-tree.ts";
import { apply, blobId, file, files, judge, listing, repository, treeOf, write } from "../support/git.ts";
import { kinds, numbered, reverted } from "./past.ts";

const repo = repository();
after(repo.remove);

test("a file moved and edited since is refused by its name", async () => {
  const { conflicts } = await reverted(repo, {
    before: files({ "app/a.ts": "1\n" }),
    change: files({ "app/a.ts": "2\n" }),
    now: files({ "lib/a.ts": "3\n" }),
  });
  assert.deepEqual(conflicts, [{ path: "app/a.ts", kind: "renamed", detail: "it may be lib/a.ts now" }]);
});

test("a file added and moved since is not taken for one that is gone already", async () => {
  const text = numbered(30);
  const { conflicts, git } = await reverted(repo, {
    before: files({ keep: "k\n" }),
    change: files({ keep: "k\n", added: text }),
    now: files({ keep: "k\n", moved: `${text}more\n` }),
  });
  assert.deepEqual(kinds(conflicts), ["added: renamed"]);
  assert.equal(git, undefined);
});

test("a file gone since is refused", async () => {
  const { conflicts, git } = await reverted(repo, {
    before: files({ a: "1\n", b: "b\n" }),
    change: files({ a: "2\n", b: "b\n" }),
    now: files({ b: "b\n" }),
  });
  assert.deepEqual(kinds(conflicts), ["a: gone"]);
  assert.equal(git, undefined);
});

test("a file added and changed since is a conflict", async () => {
  const { conflicts, git } = await reverted(repo, {
    before: files({ b: "b\n" }),
    change: files({ a: "1\n", b: "b\n" }),
    now: files({ a: "2\n", b: "b\n" }),
  });
  assert.deepEqual(kinds(conflicts), ["a: changed"]);
  assert.equal(git, undefined);
});

test("a file removed and added anew otherwise is a conflict", async () => {
  const { conflicts, git } = await reverted(repo, {
    before: files({ a: "1\n", b: "b\n" }),
    change: files({ b: "b\n" }),
    now: files({ a: "2\n", b: "b\n" }),
  });
  assert.deepEqual(kinds(conflicts), ["a: added"]);
  assert.equal(git, undefined);
});

test("a symbolic link goes back when untouched, and is a conflict when changed on both sides", async () => {
  const link = (to: string) => file(to, "120000");
  const past = { before: files({ l: link("one") }), change: files({ l: link("two") }) };
  assert.deepEqual((await reverted(repo, { ...past, now: files({ l: link("two"), x: "x\n" }) })).edits, [
    { path: "l", mode: "120000", sha: blobId(Buffer.from("one")) },
  ]);
  assert.deepEqual(kinds((await reverted(repo, { ...past, now: files({ l: link("three") }) })).conflicts), [
    "l: symlink",
  ]);
});

test("a file that became a symbolic link goes back when untouched, and is a conflict when changed", async () => {
  const past = { before: files({ a: "1\n" }), change: files({ a: file("b", "120000") }) };
  const { edits } = await reverted(repo, { ...past, now: files({ a: file("b", "120000"), b: "b\n" }) });
  assert.deepEqual(edits, [{ path: "a", mode: "100644", sha: blobId(Buffer.from("1\n")) }]);
  const { conflicts } = await reverted(repo, { ...past, now: files({ a: file("c", "120000") }) });
  assert.deepEqual(kinds(conflicts), ["a: type"]);
});

test("a submodule goes back as in git, and is a conflict when it moved again since", async () => {
  const module = (digit: string) => ({ sub: file(digit.repeat(40), "160000") });
  const [none, one, two, three] = [{}, module("1"), module("2"), module("3")];
  const past = (before: object, change: object, now: object) => ({
    before: files({ ...before, a: "1\n" }),
    change: files({ ...change, a: "1\n", b: "1\n" }),
    now: files({ ...now, a: "1\n", b: "1\n", c: "1\n" }),
  });
  const back = { path: "sub", mode: "160000", sha: "1".repeat(40) };
  const gone = { path: "sub", deleted: true };
  const cases: [object, object, object, object[]][] = [
    [one, two, two, [back]],
    [one, two, one, []],
    [none, two, two, [gone]],
    [one, none, none, [back]],
  ];
  for (const [before, change, now, edits] of cases)
    assert.deepEqual(
      (await reverted(repo, past(before, change, now))).edits.filter(({ path }) => path === "sub"),
      edits,
    );
  const refused: [object, object, object][] = [
    [one, two, three],
    [one, two, none],
    [none, two, three],
    [{ sub: "file\n" }, two, two],
  ];
  for (const [before, change, now] of refused)
    assert.deepEqual(kinds((await reverted(repo, past(before, change, now))).conflicts), ["sub: submodule"]);
});

test("a folder that became a file comes back, unless the file was changed", async () => {
  const past = { before: files({ "d/x": "x\n", "d/y": "y\n" }), change: files({ d: "file\n" }) };
  assert.equal((await reverted(repo, { ...past, now: files({ d: "file\n", z: "z\n" }) })).edits.length, 3);
  const { conflicts, git } = await reverted(repo, { ...past, now: files({ d: "changed\n" }) });
  assert.deepEqual(kinds(conflicts), ["d: changed", "d/x: folder", "d/y: folder"]);
  assert.equal(git, undefined);
});

test("a file that would land where a folder is now is a conflict", async () => {
  const { conflicts, git } = await reverted(repo, {
    before: files({ d: "file\n", a: "a\n" }),
    change: files({ a: "a\n" }),
    now: files({ a: "a\n", "d/x": "x\n" }),
  });
  assert.deepEqual(kinds(conflicts), ["d: folder"]);
  assert.equal(git, undefined);
});

test("a file that would come back to a folder moved since is a conflict", async () => {
  const { conflicts, git } = await reverted(repo, {
    before: files({ "d/x": "x\n", "d/y": numbered(9), "d/z": numbered(8) }),
    change: files({ "d/y": numbered(9), "d/z": numbered(8) }),
    now: files({ "e/y": numbered(9), "e/z": numbered(8) }),
  });
  assert.deepEqual(kinds(conflicts), ["d/x: renamed"]);
  assert.equal(git, undefined);
});

test("a file added since to a folder that the revert moves away is a conflict", async () => {
  const { conflicts, git } = await reverted(repo, {
    before: files({ "e/y": numbered(9), "e/z": numbered(8) }),
    change: files({ "d/y": numbered(9), "d/z": numbered(8) }),
    now: files({ "d/y": numbered(9), "d/z": numbered(8), "d/new": "new\n" }),
  });
  assert.deepEqual(kinds(conflicts), ["d/new: renamed"]);
  assert.equal(git, undefined);
});

test("a rename goes back", async () => {
  const { edits } = await reverted(repo, {
    before: files({ a: numbered(9), k: "k\n" }),
    change: files({ b: numbered(9), k: "k\n" }),
    now: files({ b: numbered(9), k: "l\n" }),
  });
  assert.deepEqual(
    edits.map(({ path }) => path),
    ["a", "b"],
  );
});

test("a name that is not UTF-8 is left to a person", async () => {
  const tree = (sha: string): Tree => new Map([["a\uFFFD", { mode: "100644", sha: sha.repeat(40) }]]);
  const trees = { theirs: tree("1"), base: tree("2"), ours: tree("2") };
  const result = await revertTree(trees, () => Promise.reject(new Error("not read")));
  assert.deepEqual("conflicts" in result && kinds(result.conflicts), ["a\uFFFD: name"]);
});

test("a merge commit goes back to its first parent, and a squash merge to its only one", async () => {
  const main = files({ a: "1\n", b: "b\n" });
  const side = files({ a: "1\n", b: "b\n", side: "new\n" });
  const merged = files({ a: "2\n", b: "b\n", side: "new\n" });
  const now = files({ a: "2\n", b: "c\n", side: "new\n" });
  const ids = write(repo, [
    { files: main, parents: [] },
    { files: side, parents: [0] },
    { files: files({ a: "2\n", b: "b\n" }), parents: [0] },
    { files: merged, parents: [2, 1] },
    { files: now, parents: [3] },
    { files: merged, parents: [2] },
    { files: now, parents: [5] },
  ]);
  const trees = { theirs: treeOf(files({ a: "2\n", b: "b\n" })), base: treeOf(merged), ours: treeOf(now) };
  const result = await revertTree(trees, () => Promise.reject(new Error("not read")));
  assert.deepEqual(result, { edits: [{ path: "side", deleted: true }] });
  const expected = listing(apply(trees.ours, [{ path: "side", deleted: true }]));
  assert.deepEqual(listing(judge(repo, ids[3]!, ids[4]!, 1)!), expected);
  assert.deepEqual(listing(judge(repo, ids[5]!, ids[6]!)!), expected);
});
