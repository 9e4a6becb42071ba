import assert from "node:assert/strict";
import { test } from "node:test";
import { numbered } from "../../git/past.ts";
import { file, files } from "../../support/git.ts";
import { inRow, openRepository } from "./shop.ts";

type Method = "merge" | "squash" | "rebase";
const start = [files({ a: numbered(20), b: "b\n" })];
const own = [
  files({ a: numbered(20, { 3: "one" }), b: "b\n" }),
  files({ a: numbered(20, { 3: "two" }), b: "b\n" }),
  files({ a: numbered(20, { 3: "two" }), b: "b\n", c: file("c\n", "100755") }),
];
const after = ["Start", "One", "Two", "Three"];

/** A pull request of three commits, merged by GitHub, and a commit after it. */
async function merged(t: { after: (work: () => unknown) => void }, method: Method) {
  const shop = await openRepository(t, inRow([...start, ...own], after));
  const { git, shas, sandbox } = shop;
  git("branch", "feature", shas[3]!);
  git("update-ref", "refs/heads/main", shas[0]!);
  const before = git("commit-tree", `${shas[0]}^{tree}`, "-p", shas[0]!, "-m", "Elsewhere");
  git("update-ref", "refs/heads/main", before);
  await shop.openPull("Feature", "", "feature");
  const headers = { authorization: `token ${sandbox.token}` };
  const response = await fetch(`${sandbox.github}/repos/acme/shop/pulls/1/merge`, {
    ...{ method: "PUT", headers, body: JSON.stringify({ merge_method: method }) },
  });
  assert.equal(response.status, 200);
  git("checkout", "-q", "-f", "main");
  git("commit", "-q", "--allow-empty", "-m", "Later");
  return {
    ...shop,
    before,
    landed: git("rev-list", "--reverse", "--first-parent", `${before}..main~1`).split("\n"),
  };
}

test("every commit of a pull request merged by rebase goes back, whichever of them is named", async (t) => {
  const { json, git, before, landed, branches, pulls } = await merged(t, "rebase");
  assert.equal(landed.length, 3);
  const [one, two, three] = landed as [string, string, string];
  const { code, lines } = await json(two, one, three);
  assert.equal(code, 0);
  assert.deepEqual(
    lines.map(({ result, sha }) => ({ result, sha })),
    [
      { result: "opened", sha: three },
      { result: "exists", sha: three },
      { result: "exists", sha: three },
    ],
  );
  assert.equal(git("rev-parse", `${lines[0].branch}^{tree}`), git("rev-parse", `${before}^{tree}`));
  assert.equal(branches(), lines[0].branch);
  const short = (sha: string) => sha.slice(0, 12);
  assert.equal(
    lines[0].reason,
    `3 commits landed together as #1, merged by rebase, and go back together: ${short(three)} "Three", ${short(two)} "Two", ${short(one)} "One"`,
  );
  assert.equal(
    git("log", "-1", "--format=%B", lines[0].branch),
    `Revert "Three" and 2 more\n\n${[three, two, one].map((sha) => `This reverts commit ${sha}.`).join("\n\n")}`,
  );
  const [, opened] = (await pulls()).toReversed();
  for (const sha of landed) assert.match(opened!.body, new RegExp(sha));
});

test("one of them goes back alone when exactly it is asked for", async (t) => {
  const { json, landed, judge } = await merged(t, "rebase");
  const { lines } = await json(landed[2]!, "--together", "--dry-run");
  assert.deepEqual([lines[0].result, lines[0].tree], ["opened", judge(landed[2]!)]);
});

test("a squash and a merge go back as the one commit that they are", async (t) => {
  for (const method of ["squash", "merge"] as const) {
    const { json, git, before, landed } = await merged(t, method);
    assert.equal(landed.length, 1);
    const { lines } = await json(landed[0]!);
    assert.deepEqual([lines[0].result, lines[0].reason], ["opened", undefined]);
    assert.equal(git("rev-parse", `${lines[0].branch}^{tree}`), git("rev-parse", `${before}^{tree}`));
  }
});

test("the draft of a pull request merged by rebase brings all of it back", async (t) => {
  const { json, git, landed } = await merged(t, "rebase");
  const { lines } = await json(landed[1]!);
  git("checkout", "-q", "-f", "main");
  git("merge", "-q", "--ff-only", lines[0].branch);
  const again = await json(landed[0]!, "--reland");
  assert.deepEqual([again.code, again.lines[0].result], [0, "opened"]);
  assert.equal(git("rev-parse", `${again.lines[0].branch}^{tree}`), git("rev-parse", "main~1^{tree}"));
});
