import assert from "node:assert/strict";
import { test } from "node:test";
import { branchOf } from "../../shared/remedy/branch.ts";
import { guardOf, guards } from "../../shared/remedy/guards.ts";
import { commitMessage, revertTitle } from "../../shared/remedy/text.ts";

const sha = "0123456789abcdef0123456789abcdef01234567";
const incident = { id: "payments/production", round: 2 };

test("the branch is named after the change", () => {
  assert.equal(branchOf({ sha }), "countersteer/revert-0123456789ab");
});

test("the message is git's, with the incident as a trailer", () => {
  assert.equal(
    commitMessage({ sha, title: "Cache rates", parents: ["a"] }, incident),
    `Revert "Cache rates"\n\nThis reverts commit ${sha}.\n\nCountersteer-Incident: payments/production#2`,
  );
});

test("the message of a reverted merge names the side it goes back to, as git's does", () => {
  assert.match(
    commitMessage({ sha, title: "Merge x", parents: ["a".repeat(40), "b"] }, incident),
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

test("files that act on more than the code need a person", () => {
  const paths = [
    ".github/workflows/ci.yml",
    ".github/CODEOWNERS",
    "CODEOWNERS",
    ".gitmodules",
    "db/migrations/0007_add_fee.sql",
    "src/main/resources/db/migration/V7__add_fee.sql",
    "prisma/schema.prisma",
    "api/payments.proto",
    "k8s/crds/fee.yaml",
    "config/fee-crd.yaml",
    "k8s/sealed-secret.yaml",
    "secrets/prod.enc.yaml",
  ];
  const others = [
    "src/migrate.ts",
    "k8s/deployment.yaml",
    "docs/workflows.md",
    "src/schema.ts",
    "package-lock.json",
  ];
  assert.deepEqual(guards([...paths, ...others]), paths);
  assert.equal(guardOf(".github/workflows/ci.yml"), "it runs with the repository's secrets");
});

test("lock files need a person only when nothing else changed", () => {
  assert.deepEqual(guards(["go.sum", "web/package-lock.json"]), ["go.sum", "web/package-lock.json"]);
  assert.deepEqual(guards(["go.sum", "go.mod"]), []);
  assert.deepEqual(guards([]), []);
});
