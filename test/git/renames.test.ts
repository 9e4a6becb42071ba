import assert from "node:assert/strict";
import { after, test } from "node:test";
import { type Files, file, files, listing, repository } from "../support/git.ts";
import { kinds, numbered, reverted } from "./past.ts";

const repo = repository();
after(repo.remove);

const text = (change: Record<number, string> = {}) => numbered(30, change);
const cases: [string, Record<"before" | "change" | "now", Files>, string[]][] = [
  [
    "a file moved since, as it was: the change goes back where it is now",
    {
      before: files({ a: text() }),
      change: files({ a: text({ 2: "x" }) }),
      now: files({ b: text({ 2: "x" }) }),
    },
    ["b"],
  ],
  [
    "a file moved to another folder and edited since",
    {
      before: files({ "app/a.ts": text() }),
      change: files({ "app/a.ts": text({ 2: "x" }) }),
      now: files({ "lib/a.ts": text({ 2: "x", 20: "y" }) }),
    },
    ["lib/a.ts"],
  ],
  [
    "a file that the change moved, edited since: it goes back with the edit",
    {
      before: files({ a: text() }),
      change: files({ "lib/b": text({ 2: "x" }) }),
      now: files({ "lib/b": text({ 2: "x", 20: "y" }) }),
    },
    ["a", "lib/b"],
  ],
  [
    "one of two files that could be it: the more similar one is",
    {
      before: files({ a: text() }),
      change: files({ a: text({ 2: "x" }) }),
      now: files({ b: text({ 2: "x", 4: "y", 5: "y", 6: "y" }), c: text({ 2: "x", 20: "y" }) }),
    },
    ["c"],
  ],
  [
    "a file moved and made executable since: both stay",
    {
      before: files({ a: text() }),
      change: files({ a: text({ 2: "x" }) }),
      now: files({ b: file(text({ 2: "x" }), "100755") }),
    },
    ["b"],
  ],
];
for (const [sentence, past, paths] of cases)
  test(sentence, async () => {
    const { edits, git } = await reverted(repo, past);
    assert.ok(git && listing(git).length > 0);
    assert.deepEqual(
      edits.map(({ path }) => path),
      paths,
    );
  });

const refused: [string, Record<"before" | "change" | "now", Files>, string[]][] = [
  [
    "a file that the change added and someone moved since is a conflict",
    {
      before: files({ k: "k\n" }),
      change: files({ k: "k\n", a: text() }),
      now: files({ k: "k\n", b: text() }),
    },
    ["a: renamed"],
  ],
  [
    "a file moved by the change and again since is a conflict",
    { before: files({ a: text() }), change: files({ b: text() }), now: files({ c: text() }) },
    ["b: renamed"],
  ],
  [
    "a file coming back to a folder that was moved since is a conflict",
    {
      before: files({ "app/a": text(), "app/b": text({ 1: "b" }), gone: "1\n" }),
      change: files({ "app/a": text(), gone: "1\n" }),
      now: files({ "lib/a": text(), gone: "1\n" }),
    },
    ["app/b: renamed"],
  ],
  [
    "a file moved since where the lines were changed again is a conflict",
    {
      before: files({ a: text() }),
      change: files({ a: text({ 2: "x" }) }),
      now: files({ b: text({ 2: "z" }) }),
    },
    ["a: content"],
  ],
  [
    "a link in place of a file that was moved is a conflict",
    {
      before: files({ a: file("k", "120000"), k: "k\n" }),
      change: files({ a: text(), k: "k\n" }),
      now: files({ b: text(), k: "k\n" }),
    },
    ["a: type"],
  ],
];
for (const [sentence, past, told] of refused)
  test(sentence, async () => {
    const { conflicts, git } = await reverted(repo, past);
    assert.deepEqual([kinds(conflicts), git], [told, undefined]);
  });

test("a file that two new ones could be is refused: git's own pick hangs on the order it reads them in", async () => {
  const text = numbered(30);
  const { conflicts } = await reverted(repo, {
    before: files({ c: "c\n", "app/c": "k\n" }),
    change: files({ c: text, "app/c": "k\n" }),
    now: files({ "app/app": text, "main.ts": text, "app/c": "k\n" }),
  });
  assert.deepEqual(conflicts, [
    { path: "c", kind: "renamed", detail: "it seems to be app/app now" },
    { path: "c", kind: "renamed", detail: "several files alike could be where it went" },
  ]);
});
