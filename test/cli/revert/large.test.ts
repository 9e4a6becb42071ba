import assert from "node:assert/strict";
import { test } from "node:test";
import { githubClient } from "../../../shared/adapters/github/api/client.ts";
import { connect } from "../../../shared/adapters/github/api/repository.ts";
import { changedPaths } from "../../../shared/adapters/github/git/compare.ts";
import { numbered } from "../../git/past.ts";
import { type Files, file, files } from "../../support/git.ts";
import { service } from "../../support/github-shop.ts";
import { inRow, openRepository } from "./shop.ts";

/** Repositories of which GitHub lists two entries whole. */
const large = { treeLimit: 2 };
/** Requests of a revert in a large repository. */
const maxRequests = 14;

const quiet = files({ "apps/web/a.ts": "a\n", "libs/x/y/z.ts": "z\n", "docs/a.md": "a\n" });
const path = "apps/pay/src/pay.ts";
const tree = (entries: Record<string, string>): Files => new Map([...quiet, ...files(entries)]);
const good = tree({ [path]: numbered(20) });
const bad = tree({ [path]: numbered(20, { 3: "bad" }) });
const without = (of: Files, gone: string): Files => new Map([...of].filter(([name]) => name !== gone));

/** Before the change, after it, and what came since. */
const clean: Record<string, Files[]> = {
  "untouched since": [good, bad, tree({ [path]: numbered(20, { 3: "bad" }), "docs/b.md": "b\n" })],
  "changed beside it since": [good, bad, tree({ [path]: numbered(20, { 3: "bad", 15: "later" }) })],
  "its file moved since": [good, bad, tree({ "apps/money/pay.ts": numbered(20, { 3: "bad", 15: "later" }) })],
  "its folder moved since": [
    good,
    bad,
    new Map([...bad].map(([name, entry]) => [name.replace("apps/pay/", "payments/"), entry])),
  ],
  "a file that it added": [without(good, path), good, tree({ [path]: numbered(20), "docs/b.md": "b\n" })],
  "a file that it removed": [good, without(good, path), tree({ "docs/b.md": "b\n" })],
  "a file that it moved": [
    good,
    tree({ "apps/pay/lib/pay.ts": numbered(20) }),
    tree({ "apps/pay/lib/pay.ts": numbered(20, { 15: "later" }) }),
  ],
  "a mode that it changed": [
    good,
    new Map([...quiet, [path, file(numbered(20), "100755")]]),
    new Map([...quiet, [path, file(numbered(20, { 15: "later" }), "100755")]]),
  ],
};

for (const [name, past] of Object.entries(clean))
  test(`in a repository that GitHub does not list whole, git's tree is made: ${name}`, async (t) => {
    const { shas, json, judge, git } = await openRepository(t, inRow(past), large);
    const dry = await json(shas[1]!, "--dry-run");
    const { code, lines } = await json(shas[1]!);
    const [{ result, tree, branch, requests }] = lines;
    git("symbolic-ref", "HEAD", "refs/heads/main");
    const expected = judge(shas[1]!);
    assert.deepEqual([code, result, tree, dry.lines[0].tree], [0, "opened", expected, expected]);
    assert.equal(git("rev-parse", `${branch}^{tree}`), expected);
    assert.ok(requests <= maxRequests, `${requests} requests`);
  });

test("several changes and a range of a large repository come to git's tree", async (t) => {
  const past = [
    good,
    bad,
    tree({ [path]: numbered(20, { 3: "bad" }), "libs/x/y/z.ts": "zz\n" }),
    tree({ [path]: numbered(20, { 3: "bad", 15: "later" }), "libs/x/y/z.ts": "zz\n" }),
  ];
  const { shas, json, judge } = await openRepository(t, inRow(past), large);
  const together = await json(shas[1]!, shas[2]!, "--together", "--dry-run");
  assert.equal(together.lines[0].tree, judge(shas[2]!, shas[1]!));
  const range = await json("--range", `${shas[0]}..${shas[2]}`, "--dry-run");
  assert.equal(range.lines[0].tree, judge(`${shas[0]}..${shas[2]}`));
});

test("a conflict in a large repository names the later change, with which it goes back cleanly", async (t) => {
  const past = [good, bad, tree({ [path]: numbered(20, { 3: "worse" }), "libs/n.ts": "n\n" })];
  const { shas, json } = await openRepository(t, inRow(past), large);
  const { lines } = await json(shas[1]!);
  assert.deepEqual([lines[0].result, lines[0].conflicts], ["conflict", [{ path, kind: "content" }]]);
  assert.match(
    lines[0].reason,
    /goes back cleanly together with that: revert acme\/shop \w+ \w+ --together$/,
  );
});

const many = (line: string) =>
  Object.fromEntries(Array.from({ length: 301 }, (_, at) => [`many/${at}`, `${line}\n`]));

test("after more changes than GitHub lists, a file that is there goes back, and one that is gone is for a person", async (t) => {
  const since = tree({ [path]: numbered(20, { 3: "bad", 15: "later" }), ...many("a") });
  const there = await openRepository(t, inRow([good, bad, since]), large);
  const { lines } = await there.json(there.shas[1]!);
  assert.deepEqual([lines[0].result, lines[0].tree], ["opened", there.judge(there.shas[1]!)]);

  const gone = tree({ "apps/money/pay.ts": numbered(20, { 3: "bad" }), ...many("a") });
  const moved = await openRepository(t, inRow([good, bad, gone]), large);
  const unseen = await moved.json(moved.shas[1]!);
  assert.deepEqual([unseen.code, unseen.lines[0].conflicts], [1, [{ path, kind: "gone" }]]);
  assert.match(
    unseen.lines[0].reason,
    /pay\.ts: it, or its folder, is gone since, and GitHub does not list all that changed since/,
  );
});

test("the paths between two commits of a large repository are found by the ids of its folders", async (t) => {
  const after = tree({ [path]: numbered(20, { 3: "bad" }), "new/deep/file": "n\n", ...many("b") });
  const before = tree({ [path]: numbered(20), "old/file": "o\n", ...many("a") });
  const { shas, sandbox } = await openRepository(t, inRow([before, after]), large);
  const github = connect(githubClient({ apiUrl: sandbox.github, token: sandbox.token }));
  const paths = await changedPaths(github, service, { from: shas[0]!, to: shas[1]! });
  assert.deepEqual(
    paths.toSorted(),
    [path, "new/deep/file", "old/file", ...Object.keys(many("a"))].toSorted(),
  );
});
