import assert from "node:assert/strict";
import { after, test } from "node:test";
import { blobId, file, files, repository } from "../support/git.ts";
import { kinds, numbered, reverted } from "./past.ts";

const repo = repository();
after(repo.remove);

test("a file untouched since goes back to the blob it had, without reading it", async () => {
  const { edits, read } = await reverted(repo, {
    before: files({ a: "one\n", b: "b\n" }),
    change: files({ a: "two\n", b: "b\n" }),
    now: files({ a: "two\n", b: "other\n" }),
  });
  assert.deepEqual(edits, [{ path: "a", mode: "100644", sha: blobId(Buffer.from("one\n")) }]);
  assert.equal(read, 0);
});

test("a file added goes, a file removed comes back", async () => {
  const { edits } = await reverted(repo, {
    before: files({ "app/old": "old\n", "app/x": "x\n" }),
    change: files({ "app/new": "new\n", "app/x": "x\n" }),
    now: files({ "app/new": "new\n", "app/x": "y\n" }),
  });
  assert.deepEqual(edits, [
    { path: "app/new", deleted: true },
    { path: "app/old", mode: "100644", sha: blobId(Buffer.from("old\n")) },
  ]);
});

test("a file changed elsewhere since is merged line by line", async () => {
  const { edits } = await reverted(repo, {
    before: files({ a: numbered(20) }),
    change: files({ a: numbered(20, { 3: "bad" }) }),
    now: files({ a: numbered(20, { 3: "bad", 15: "later" }) }),
  });
  assert.deepEqual(edits, [
    { path: "a", mode: "100644", content: Buffer.from(numbered(20, { 15: "later" })) },
  ]);
});

test("the same lines changed again since are a conflict, and every conflict is told", async () => {
  const { conflicts, git } = await reverted(repo, {
    before: files({ a: "1\n", b: "1\n", c: "1\n" }),
    change: files({ a: "2\n", b: "2\n", c: "2\n" }),
    now: files({ a: "3\n", b: "2\n", c: "3\n" }),
  });
  assert.deepEqual(conflicts, [
    { path: "a", kind: "content", detail: "the same lines were changed again since" },
    { path: "c", kind: "content", detail: "the same lines were changed again since" },
  ]);
  assert.equal(git, undefined);
});

test("a change taken back already leaves nothing to revert", async () => {
  const before = files({ a: numbered(9), gone: "x\n" });
  const change = files({ a: numbered(9, { 4: "bad" }), gone: "x\n" });
  assert.deepEqual((await reverted(repo, { before, change, now: before })).edits, []);
  const now = files({ a: numbered(9, { 8: "later" }), gone: "x\n" });
  assert.deepEqual((await reverted(repo, { before, change, now })).edits, []);
});

test("modes are merged like contents", async () => {
  const script = (text: string) => file(text, "100755");
  const { edits } = await reverted(repo, {
    before: files({ a: numbered(9), b: "b\n" }),
    change: files({ a: script(numbered(9)), b: "b\n" }),
    now: files({ a: script(numbered(9, { 1: "later" })), b: "c\n" }),
  });
  assert.deepEqual(edits, [
    { path: "a", mode: "100644", sha: blobId(Buffer.from(numbered(9, { 1: "later" }))) },
  ]);
  const kept = await reverted(repo, {
    before: files({ a: numbered(9) }),
    change: files({ a: numbered(9, { 4: "bad" }) }),
    now: files({ a: script(numbered(9, { 4: "bad", 8: "later" })) }),
  });
  assert.deepEqual(kept.edits, [
    { path: "a", mode: "100755", content: Buffer.from(numbered(9, { 8: "later" })) },
  ]);
});

test("a binary file goes back when untouched, and is a conflict when changed on both sides", async () => {
  const past = { before: files({ i: Buffer.from([0, 1]) }), change: files({ i: Buffer.from([0, 2]) }) };
  assert.equal(
    (await reverted(repo, { ...past, now: files({ i: Buffer.from([0, 2]), x: "x\n" }) })).edits.length,
    1,
  );
  const { conflicts, git } = await reverted(repo, { ...past, now: files({ i: Buffer.from([0, 3]) }) });
  assert.deepEqual(kinds(conflicts), ["i: binary"]);
  assert.equal(git, undefined);
});

test("a missing end of line, CRLF and bytes that are not UTF-8 stay as they are", async () => {
  const text = (at: number, line: string, end: string) =>
    Buffer.from(
      ["\xe9\r\n", ..."abcdefgh".split("").map((word, i) => `${i === at ? line : word}\r\n`), end].join(""),
      "latin1",
    );
  const { edits } = await reverted(repo, {
    before: files({ a: text(1, "b", "\xff") }),
    change: files({ a: text(1, "bad", "\xff") }),
    now: files({ a: text(1, "bad", "\xff\xfe") }),
  });
  assert.deepEqual(edits, [{ path: "a", mode: "100644", content: text(1, "b", "\xff\xfe") }]);
});

test("a file with a merge rule of its own is left to a person", async () => {
  const past = (attributes: string, path: string) => ({
    before: files({ ".gitattributes": attributes, [path]: numbered(9) }),
    change: files({ ".gitattributes": attributes, [path]: numbered(9, { 1: "bad" }) }),
    now: files({ ".gitattributes": attributes, [path]: numbered(9, { 1: "bad", 7: "later" }) }),
  });
  const { conflicts, git } = await reverted(repo, past("*.lock -merge\n", "deep/a.lock"));
  assert.deepEqual(kinds(conflicts), ["deep/a.lock: attributes"]);
  assert.equal(git, undefined);
  assert.deepEqual(
    kinds((await reverted(repo, past("[attr]generated -merge\n/deep/** generated\n", "deep/a"))).conflicts),
    ["deep/a: attributes"],
  );
  // Whether this means the path is in doubt.
  assert.deepEqual(kinds((await reverted(repo, past("**/[a]* merge=union\n", "deep/a"))).conflicts), [
    "deep/a: attributes",
  ]);
  const log = (lines: string) =>
    files({ ".gitattributes": "CHANGELOG.md merge=union\n", "docs/CHANGELOG.md": `# Changes\n${lines}` });
  const union = { before: log("a\n"), change: log("bad\na\n"), now: log("later\nbad\na\n") };
  assert.deepEqual((await reverted(repo, union)).edits, []);
  assert.equal(
    (await reverted(repo, past("*.png binary\n# a merge\n*.md text eol=lf\n", "deep/a.lock"))).edits.length,
    1,
  );
});

test("a file too large or too much changed to merge is left to a person", async () => {
  const big = (line: string) => `${line}\n${"x".repeat(8_000_000)}\n`;
  const { conflicts } = await reverted(repo, {
    before: files({ a: big("1") }),
    change: files({ a: big("2") }),
    now: files({ a: `${big("2")}end\n` }),
  });
  assert.deepEqual(kinds(conflicts), ["a: too large"]);
  const same = (count: number) => "same\n".repeat(count);
  const repeated = await reverted(repo, {
    before: files({ a: same(100) }),
    change: files({ a: `${same(200)}bad\n${same(100)}` }),
    now: files({ a: `${same(200)}bad\n${same(101)}` }),
  });
  assert.deepEqual(kinds(repeated.conflicts), ["a: too complex"]);
});

test("the edits, written by git, give the tree of git's own revert commit", async () => {
  const { edits, head, git } = await reverted(repo, {
    before: files({ "app/a": numbered(20), "app/b": "b\n", run: file("#!\n", "100755") }),
    change: files({ "app/a": numbered(20, { 3: "bad" }), run: "#!\n", "app/c": "c\n" }),
    now: files({ "app/a": numbered(20, { 3: "bad", 15: "later" }), run: "#!\n", "app/c": "c\n", z: "z\n" }),
  });
  assert.ok(git);
  const expected = repo.git(["write-tree"]);
  repo.git(["reset", "-q", "--hard", head]);
  const none = "0".repeat(40);
  const lines = edits.map((edit) => {
    if ("deleted" in edit) return `0 ${none}\t${edit.path}\n`;
    const sha =
      "sha" in edit ? edit.sha : repo.git(["hash-object", "-w", "--stdin"], Buffer.from(edit.content)).trim();
    return `${edit.mode} ${sha}\t${edit.path}\n`;
  });
  repo.git(["update-index", "--index-info"], lines.join(""));
  assert.equal(repo.git(["write-tree"]), expected);
});
