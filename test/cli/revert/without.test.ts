import assert from "node:assert/strict";
import { test } from "node:test";
import { whenLeftOut } from "../../../shared/remedy/revert/derived-files.ts";
import { numbered } from "../../git/past.ts";
import { type Files, files } from "../../support/git.ts";
import { inRow, openRepository } from "./shop.ts";

const code = (line: string) => numbered(20, { 3: line });

/** A change of the code and of `path`, which the next change touches again in the same line. */
const past = (path: string): Files[] => [
  files({ "src/a.ts": code("good"), [path]: "1\n", "src/b.ts": "b\n" }),
  files({ "src/a.ts": code("bad"), [path]: "2\n", "src/b.ts": "b\n" }),
  files({ "src/a.ts": code("bad"), [path]: "3\n", "src/b.ts": "c\n" }),
];

const derived: Record<string, string> = {
  "package-lock.json": "make it anew with its package manager",
  "deep/go.sum": "make it anew with its package manager",
  "CHANGELOG.md": "say there that the change is gone",
  "docs/release-notes-2.md": "say there that the change is gone",
  "dist/index.js": "generate it anew",
  "api/pay.pb.go": "generate it anew",
  "web/app.min.css": "generate it anew",
  VERSION: "its version stays",
  ".release-please-manifest.json": "its version stays",
};

for (const [path, then] of Object.entries(derived))
  test(`a conflict in ${path} alone is told with the way to take the rest back, and no innocent change is named`, async (t) => {
    const { shas, json, git, branches } = await openRepository(t, inRow(past(path)));
    const { code: exit, lines } = await json(shas[1]!);
    assert.deepEqual(
      [exit, lines[0].result, lines[0].conflicts, branches()],
      [1, "conflict", [{ path, kind: "content" }], ""],
    );
    assert.equal(
      lines[0].reason,
      `not clean (${path}: the same lines were changed again since); the rest goes back cleanly without ${path} (${then}): revert acme/shop ${shas[1]} --without ${path}`,
    );
    const rest = await json(shas[1]!, "--without", path);
    assert.deepEqual([rest.code, rest.lines[0].result], [0, "opened"]);
    const branch = rest.lines[0].branch;
    assert.equal(git("diff", "--name-only", "main", branch), "src/a.ts");
    assert.equal(`${git("show", `${branch}:src/a.ts`)}\n`, code("good"));
    assert.match(git("log", "-1", "--format=%B", branch), new RegExp(`Without ${path}\\.$`));
  });

test("a conflict in a file that people write is told as before, also beside a derived one", async (t) => {
  const again: Files[] = [
    files({ "src/a.ts": code("good"), "go.sum": "1\n" }),
    files({ "src/a.ts": code("bad"), "go.sum": "2\n" }),
    files({ "src/a.ts": code("worse"), "go.sum": "3\n" }),
  ];
  const { shas, json } = await openRepository(t, inRow(again));
  const { lines } = await json(shas[1]!);
  assert.match(lines[0].reason, /goes back cleanly together with that/);
  for (const path of ["src/version.ts", "src/dist.ts", "changes/a.ts", "src/generate.go", "lock.ts"])
    assert.equal(whenLeftOut(path), undefined, path);
});

test("a changelog is a document: code and migrations of such a name go back with the rest", () => {
  const documents = ["CHANGELOG", "Changes", "NEWS", "HISTORY.rst", "docs/changes.rst", "debian/changelog"];
  const more = ["CHANGELOG.zh-CN.md", "CHANGELOG-7.0.md", "packages/a/CHANGELOG.json", "CHANGES-v2"];
  for (const path of [...documents, ...more])
    assert.equal(whenLeftOut(path), "say there that the change is gone", path);
  const code = ["changes.ts", "history.go", "news.py", "src/changelog/parser.js", "src/changelog.tsx"];
  const named = [
    "bin/history",
    "cmd/changes",
    "src/history.stories.mdx",
    "mail/news-letter.txt",
    "changes.json",
  ];
  const migrations = ["db/changelog.xml", "db/changelog-1.2.xml", "db/changelog.yaml", "changelog.sql"];
  for (const path of [...code, ...named, ...migrations]) assert.equal(whenLeftOut(path), undefined, path);
});

test("where only derived files are left, nothing is offered without them", async (t) => {
  const only = ["1\n", "2\n", "3\n"].map((text) => files({ "go.sum": text }));
  const { shas, json } = await openRepository(t, inRow(only));
  const { lines } = await json(shas[1]!);
  assert.doesNotMatch(lines[0].reason, /--without/);
});

test("--without goes with commits that go back", async (t) => {
  const { run, shas } = await openRepository(t, inRow(past("go.sum")));
  for (const more of [
    ["--reland", shas[1]!],
    ["--range", `${shas[0]}..${shas[1]}`],
  ])
    assert.deepEqual(await run("--without", "go.sum", ...more), {
      ...{ code: 2, out: "" },
      err: "revert: --without goes with commit ids that go back (see --help)\n",
    });
});
