import assert from "node:assert/strict";
import { test } from "node:test";
import { files } from "../remedy/git.ts";
import { inRow, openRepository } from "./shop.ts";

const past = inRow([
  files({ a: "1\n" }),
  files({ a: "2\n" }),
  files({ a: "1\n" }),
  files({ a: "1\n", b: "" }),
]);
const unknown = "e".repeat(40);

test("what cannot be taken back is a sentence and exit code 1, and leaves nothing", async (t) => {
  const { shas, json, git, branches } = await openRepository(t, past);
  git("branch", "other", shas[1]!);
  git("checkout", "-q", "--detach", shas[0]!);
  git("commit", "-q", "--allow-empty", "-m", "elsewhere");
  const elsewhere = git("rev-parse", "HEAD");
  const cases: [string[], string, string][] = [
    [[unknown], "refused", `acme/shop has no commit ${unknown}, or the token may not see it`],
    [
      [shas[0]!],
      "refused",
      `revert ${shas[0]} of acme/shop: it is the first commit, there is nothing to go back to`,
    ],
    [[elsewhere], "refused", `${elsewhere} is not on main of acme/shop`],
    [[shas[3]!, "--onto", "other"], "refused", `${shas[3]} is not on other of acme/shop`],
    [[shas[1]!, "--onto", "nowhere"], "refused", "acme/shop has no branch nowhere"],
    [[shas[1]!], "empty", "nothing of it is left to change on main"],
  ];
  for (const [argv, result, reason] of cases) {
    const { code, lines } = await json(...argv);
    assert.deepEqual([code, lines[0].result, lines[0].reason], [1, result, reason]);
  }
  assert.equal(branches(), "");
});

test("a tree that GitHub does not list whole is refused", async (t) => {
  const { shas, json, branches } = await openRepository(t, past, { treeLimit: 1 });
  const { code, lines } = await json(shas[3]!, "--dry-run");
  assert.deepEqual([code, lines[0].result], [1, "refused"]);
  assert.match(lines[0].reason, /is too large for GitHub to list whole$/);
  assert.equal(branches(), "");
});

test("what GitHub refuses for good leaves no branch", async (t) => {
  for (const match of [/^POST .*\/git\/trees$/, /^POST .*\/git\/refs$/, /^POST .*\/pulls$/]) {
    const { shas, json, sandbox, branches } = await openRepository(t, past);
    sandbox.fault({ match, fail: { status: 403, body: { message: "Resource not accessible" } } });
    const { code, lines } = await json(shas[3]!);
    assert.deepEqual([code, lines[0].result, branches()], [1, "refused", ""]);
    assert.match(lines[0].reason, /: 403 Resource not accessible$/);
  }
});

test("a time-out after any write: the second run ends with one branch, one commit, one pull request", async (t) => {
  for (const write of ["git/trees", "git/commits", "git/refs", "pulls"]) {
    const { shas, json, sandbox, git, branches, pulls } = await openRepository(t, past);
    sandbox.fault({ match: new RegExp(`^POST .*/${write}$`), drop: "after" });
    assert.equal((await json(shas[3]!)).lines[0].result, "refused", write);
    const { lines } = await json(shas[3]!);
    assert.equal(lines[0].result, write === "pulls" ? "exists" : "opened", write);
    assert.deepEqual(
      [branches(), git("rev-list", "--count", `main..${lines[0].branch}`), (await pulls()).length],
      [lines[0].branch, "1", 1],
    );
  }
});

test("wrong usage is one sentence and exit code 2", async (t) => {
  const { run } = await openRepository(t, past);
  const cases: [string[], string][] = [
    [[], "give at least one commit id, or --range A..B"],
    [["xyz"], '"xyz" is not a commit id of 7 to 40 hexadecimal digits'],
    [["--range", "main"], '--range takes A..B, not "main"'],
    [["--frobnicate"], "Unknown option '--frobnicate'"],
  ];
  for (const [argv, sentence] of cases)
    assert.deepEqual(await run(...argv), { code: 2, out: "", err: `revert: ${sentence} (see --help)\n` });
});
