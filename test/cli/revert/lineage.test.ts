import assert from "node:assert/strict";
import { test } from "node:test";
import { revertedShas, takenBack } from "../../../shared/remedy/revert/revert-messages.ts";
import { numbered } from "../../git/past.ts";
import { files } from "../../support/git.ts";
import { inRow, openRepository } from "./shop.ts";

const trees = [
  files({ a: numbered(20) }),
  files({ a: numbered(20, { 3: "bad" }) }),
  files({ a: numbered(20, { 3: "bad", 15: "later" }) }),
];
const titles = ["Start", "Cache rates (#7)", "Later"];

test("a change that an open pull request takes back is linked, not doubled", async (t) => {
  for (const [title, body] of [
    ['Revert "Cache rates"', ""],
    ["Undo the cache", "Reverts acme/shop#7"],
    ["Undo", "This reverts commit SHA."],
  ] as const) {
    const { shas, json, git, openPull, branches } = await openRepository(t, inRow(trees, titles));
    git("branch", "by-hand", "main");
    git("checkout", "-q", "by-hand");
    git("revert", "--no-edit", shas[1]!);
    await openPull(title, body.replace("SHA", shas[1]!), "by-hand");
    const { code, lines } = await json(shas[1]!);
    assert.deepEqual(
      [code, lines[0].result, lines[0].pull.number, lines[0].reason, branches()],
      [0, "exists", 1, "#1 takes it back already", ""],
    );
  }
});

test("a change that a commit took back is told with that commit", async (t) => {
  const { shas, json, git } = await openRepository(t, inRow(trees, titles));
  git("checkout", "-q", "main");
  git("revert", "--no-edit", shas[1]!);
  const { code, lines } = await json(shas[1]!);
  const by = git("rev-parse", "main");
  assert.deepEqual([code, lines[0].result, lines[0].reason], [1, "empty", `${by} has taken it back already`]);
});

test("a draft brings a reverted change back, by its own id or by its revert's", async (t) => {
  for (const by of ["change", "revert"]) {
    const { shas, json, git, pulls } = await openRepository(t, inRow(trees, titles));
    git("checkout", "-q", "main");
    git("revert", "--no-edit", shas[1]!);
    const revert = git("rev-parse", "main");
    const { code, lines } = await json(by === "change" ? shas[1]! : revert, "--reland");
    assert.deepEqual([code, lines[0].result], [0, "opened"]);
    assert.equal(lines[0].tree, git("rev-parse", `${shas[2]}^{tree}`));
    const [pull] = await pulls();
    assert.deepEqual([pull!.draft, pull!.title], [true, `Reland "Cache rates ${"(#\u200B7)"}"`]);
  }
});

test("the revert of a revert makes the change live again", () => {
  const [change, revert, again] = ["c", "d", "e"].map((digit) => digit.repeat(40));
  const commit = (sha: string, message: string) => ({ sha, message, parents: [], author: "ann" });
  const taken = commit(revert!, `Revert "x"\n\nThis reverts commit ${change}.`);
  const landed = commit(again!, `Reapply "x"\n\nThis reverts commit ${revert}.`);
  assert.equal(takenBack(change!, [taken]), taken);
  assert.equal(takenBack(change!, [taken, landed]), undefined);
});

test("an abbreviated id of 7 digits names the commit of the window that it fits", () => {
  const [one, two] = ["1234567a".padEnd(40, "0"), "1234567b".padEnd(40, "0")];
  const message = (id: string): string => `Undo\n\nThis reverts commit ${id}.`;
  assert.deepEqual(revertedShas(message("1234567A"), [one, two]), [one]);
  assert.deepEqual(revertedShas(message(two), [one, two]), [two]);
  assert.deepEqual(revertedShas(message("1234567"), [one, two]), []);
  assert.deepEqual(revertedShas(message("123456"), [one]), []);
  assert.deepEqual(revertedShas(message("1234567c"), [one, two]), []);
});
