import assert from "node:assert/strict";
import { test } from "node:test";
import { numbered } from "../../git/past.ts";
import { files } from "../../support/git.ts";
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
    [
      [shas[1]!],
      "empty",
      `nothing of it is left to change on main; changed since by ann in ${shas[2]!.slice(0, 12)} "Commit 2"`,
    ],
  ];
  for (const [argv, result, reason] of cases) {
    const { code, lines } = await json(...argv);
    assert.deepEqual([code, lines[0].result, lines[0].reason], [1, result, reason]);
  }
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

test("an archived repository, a branch that rules keep from being made, a token that may only read", async (t) => {
  const archived = await openRepository(t, past, { archived: ["acme/shop"] });
  const { code, lines } = await archived.json(archived.shas[3]!);
  assert.deepEqual(
    [code, lines[0].result, lines[0].reason, archived.branches()],
    [1, "refused", "write a tree to acme/shop: 403 Repository was archived so is read-only.", ""],
  );
  const rules = "Repository rule violations found: Cannot create ref due to creations being restricted.";
  const reads = "Resource not accessible by personal access token";
  for (const [match, status, message] of [
    [/^POST .*git\/refs$/, 422, rules],
    [/^POST .*git\/trees$/, 403, reads],
    [/^POST .*git\/commits$/, 403, reads],
  ] as const) {
    const shop = await openRepository(t, past);
    shop.sandbox.fault({ match, fail: { status, body: { message } } });
    const { code, lines } = await shop.json(shop.shas[3]!);
    assert.deepEqual([code, lines[0].result, shop.branches(), await shop.pulls()], [1, "refused", "", []]);
    assert.ok(lines[0].reason.endsWith(`: ${status} ${message}`), lines[0].reason);
  }
});

test("a blob that GitHub does not hand out is refused in its words", async (t) => {
  const bytes = (lines: Record<number, string>) =>
    Buffer.concat([Buffer.from([255]), Buffer.from(numbered(40, lines))]);
  const { shas, json, branches } = await openRepository(
    t,
    inRow([
      files({ a: bytes({}) }),
      files({ a: bytes({ 3: "bad" }) }),
      files({ a: bytes({ 3: "bad", 30: "later" }) }),
    ]),
    { blobLimit: 100 },
  );
  const { code, lines } = await json(shas[1]!);
  assert.deepEqual([code, lines[0].result, branches()], [1, "refused", ""]);
  assert.match(
    lines[0].reason,
    /^read blob \w{40} of acme\/shop: 403 This API returns blobs up to 100 MB in size\./,
  );
});

const writes = ["git/trees", "git/commits", "git/refs", "pulls"];
/** Each way to open a pull request: the files on main, and the command line. */
const ways: [string, (shop: Awaited<ReturnType<typeof openRepository>>) => string[]][] = [
  ["one change", ({ shas }) => [shas[3]!]],
  ["several together", ({ shas }) => [shas[1]!, shas[3]!, "--together"]],
  ["a range", ({ shas }) => ["--range", `${shas[2]}..${shas[3]}`]],
  [
    "a reland",
    ({ shas, git }) => {
      git("checkout", "-q", "-f", "main");
      git("revert", "--no-edit", shas[3]!);
      return [shas[3]!, "--reland"];
    },
  ],
];

test("a time-out after any write: the second run ends with one branch, one commit, one pull request", async (t) => {
  const late = inRow([
    files({ a: "1\n" }),
    files({ a: "2\n" }),
    files({ a: "2\n", c: "" }),
    files({ a: "2\n", c: "", b: "\xff" }),
  ]);
  for (const [way, prepare] of ways)
    for (const write of way === "one change" ? writes : ["git/refs", "pulls"]) {
      const shop = await openRepository(t, late);
      const { json, sandbox, git, branches, pulls } = shop;
      const argv = prepare(shop);
      sandbox.fault({ match: new RegExp(`^POST .*/${write}$`), drop: "after" });
      assert.equal((await json(...argv)).lines[0].result, "refused", `${way} ${write}`);
      const { lines } = await json(...argv);
      assert.equal(lines[0].result, write === "pulls" ? "exists" : "opened", `${way} ${write}`);
      assert.deepEqual(
        [branches(), git("rev-list", "--count", `main..${lines[0].branch}`), (await pulls()).length],
        [lines[0].branch, "1", 1],
        `${way} ${write}`,
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
