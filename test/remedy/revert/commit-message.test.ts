import assert from "node:assert/strict";
import { test } from "node:test";
import { branchOf } from "../../../shared/remedy/revert/branch.ts";
import { forIncident, revertMessage, revertTitle } from "../../../shared/remedy/revert/commit-message.ts";

const sha = "0123456789abcdef0123456789abcdef01234567";
const incident = { id: "payments/production", round: 2 };

test("the branch is named after the change", () => {
  assert.equal(branchOf({ sha }), "countersteer/revert-0123456789ab");
});

test("the message is git's, with the incident as a trailer", () => {
  assert.equal(
    forIncident(revertMessage({ sha, title: "Cache rates", parents: ["a"] }), incident),
    `Revert "Cache rates"\n\nThis reverts commit ${sha}.\n\nCountersteer-Incident: payments/production#2`,
  );
});

test("the message of a reverted merge names the side it goes back to, as git's does", () => {
  assert.match(
    forIncident(revertMessage({ sha, title: "Merge x", parents: ["a".repeat(40), "b"] }), incident),
    new RegExp(`^This reverts commit ${sha}, reversing\nchanges made to a{40}\\.$`, "m"),
  );
});

test("a title skips no checks, closes no issue, mentions nobody and adds no line", () => {
  const titles: [string, string][] = [
    ["Fix it [skip ci]", "Fix it (skip ci)"],
    ["[CI SKIP] Fix", "(CI SKIP) Fix"],
    ["x [no ci] [actions skip] [skip netlify]", "x (no ci) (actions skip) (skip netlify)"],
    ["x ***NO_CI***", "x NO_CI"],
    ["skip-checks: true", "skip-checks true"],
    ["fixes #9, GH-3", "fixes #\u200B9, GH-\u200B3"],
    ["closes https://github.com/a/b/issues/1", "closes https:\u200B//github.com/a/b/issues/1"],
    ["thanks @ann and @org/team", "thanks @\u200Bann and @\u200Borg/team"],
    ["one\n\nCo-authored-by: x <x@y>", "one"],
    ["a\u0007b\u202Ec", "a b c"],
    ["x".repeat(300), `${"x".repeat(199)}…`],
  ];
  for (const [title, plain] of titles) assert.equal(revertTitle(title), `Revert "${plain}"`);
});
