import assert from "node:assert/strict";
import { test } from "node:test";
import { changeSetsOf, noLongerLive, stepsOf } from "../../shared/diagnosis/candidates/change-sets.ts";
import { isOfEnvironment } from "../../shared/diagnosis/candidates/environments.ts";
import { landedChanges } from "../../shared/diagnosis/candidates/landed-changes.ts";
import type { ListedCommit, ListedPull } from "../../shared/ports/changes.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";

const listed = (sha: string, parents: string[], over: Partial<ListedCommit> = {}): ListedCommit => ({
  ...{ sha, parents, title: `change ${sha}`, message: `change ${sha}`, author: "Ann" },
  ...{ at: 1000, writtenAt: 1000, url: `http://github.test/acme/shop/commit/${sha}` },
  ...over,
});
const pull = (number: number, mergeSha: string): ListedPull => ({
  ...{
    number,
    title: `pull ${number}`,
    body: `why ${number}`,
    url: `http://github.test/acme/shop/pull/${number}`,
  },
  ...{ labels: ["urgent"], author: "Bob", mergeSha, mergedAt: 1000 },
});
/** The units as their landing commits, with the commits of those that have several. */
const shapes = (commits: ListedCommit[], head: string, pulls: ListedPull[] = []) =>
  landedChanges({ commits, pulls, branch: "main" }, head).map(({ sha, commits: parts, base, pull: landed }) =>
    [
      sha,
      ...(landed ? [`#${landed.number}`] : []),
      ...(parts ? [parts.join("")] : []),
      ...(base ? [`from ${base}`] : []),
    ].join(" "),
  );

test("a push of three commits is three changes, the newest first", () => {
  assert.deepEqual(shapes([listed("c", ["b"]), listed("b", ["a"]), listed("a", ["0"])], "c"), [
    "c",
    "b",
    "a",
  ]);
});

test("a merged pull request is one change with its commits, those that it took from the branch aside", () => {
  const commits = [
    listed("m", ["b", "y"]),
    listed("y", ["x", "b"], { title: "Merge branch 'main' into feature" }),
    listed("b", ["a"]),
    listed("x", ["a"]),
    listed("a", ["0"]),
  ];
  assert.deepEqual(shapes(commits, "m", [pull(7, "m")]), ["m #7 myx", "b", "a"]);
});

test("without the list of pull requests a merge and a squash are known by their messages", () => {
  const commits = [
    listed("m", ["b", "x"], { message: "Merge pull request #7 from acme/fees\n\nRound fees" }),
    listed("b", ["a"], { title: "Cache prices (#6)", message: "Cache prices (#6)" }),
    listed("x", ["a"]),
  ];
  assert.deepEqual(shapes(commits, "m"), ["m #7 mx", "b #6"]);
  const [first, second] = landedChanges({ commits, pulls: [], branch: "main" }, "m");
  assert.deepEqual([first?.title, second?.title], ["Round fees (#7)", "Cache prices (#6)"]);
  assert.equal(first?.pull?.url, "http://github.test/acme/shop/pull/7");
});

test("the commits of a rebased pull request are one change, and the pushes below it are not part of it", () => {
  const rebased = { at: 5000, writtenAt: 900 };
  const commits = [
    listed("d", ["c"], rebased),
    listed("c", ["b"], rebased),
    listed("b", ["a"], { at: 5000, writtenAt: 5000 }),
    listed("a", ["0"], rebased),
  ];
  assert.deepEqual(shapes(commits, "d", [pull(9, "d")]), ["d #9 dc from b", "b", "a"]);
});

test("two pull requests that were rebased in the same minute stay two", () => {
  const rebased = { at: 5000, writtenAt: 900 };
  const commits = ["d", "c", "b", "a"].map((sha, index, all) =>
    listed(sha, [all[index + 1] ?? "0"], rebased),
  );
  assert.deepEqual(shapes(commits, "d", [pull(9, "d"), pull(8, "b")]), ["d #9 dc from b", "b #8 ba from 0"]);
});

test("git pull merges the branch into itself: what others landed stays theirs", () => {
  const commits = [
    listed("m", ["b", "p"], { title: "Merge branch 'main' of github.com:acme/shop" }),
    listed("b", ["a"]),
    listed("p", ["x", "y"]),
    listed("x", ["a"]),
    listed("y", ["a"]),
    listed("a", ["0"]),
  ];
  assert.deepEqual(shapes(commits, "m", [pull(4, "p")]), ["p #4 py", "x", "b", "a"]);
});

test("the message of a change has the pull request's title, text and labels, and each commit's message once", () => {
  const commits = [
    listed("m", ["b", "x"], { message: "Merge" }),
    listed("x", ["b"], { message: "Round half up" }),
  ];
  const [unit] = landedChanges({ commits, pulls: [pull(7, "m")], branch: "main" }, "m");
  assert.equal(unit?.message, "pull 7\n\nwhy 7\n\nurgent\n\nMerge\n\nRound half up");
});

const deploy = (sha: string, at: number, status: DeployRecord["status"] = "succeeded"): DeployRecord => ({
  ...{ service: "shop", environment: "production", sha, status, at },
});
const graph = new Map(
  ["d", "c", "b", "a"].map((sha, index, all) => [sha, listed(sha, [all[index + 1] ?? "0"])]),
);

test("each deploy brings what the last successful one before it had not", () => {
  const steps = stepsOf([
    deploy("a", 1),
    deploy("b", 2, "failed"),
    deploy("c", 3),
    deploy("c", 4),
    deploy("d", 5),
  ]);
  assert.deepEqual(
    changeSetsOf(steps, graph).map(({ deploy: { sha }, from, shas }) => [sha, from, shas.join("")]),
    [
      ["a", undefined, "a"],
      ["b", "a", "b"],
      ["c", "a", "cb"],
      ["d", "c", "d"],
    ],
  );
});

test("a deploy of what had run before takes away what came between", () => {
  const steps = stepsOf([deploy("a", 1), deploy("c", 2), deploy("a", 3)]);
  assert.deepEqual(
    [...noLongerLive({ steps, sets: changeSetsOf(steps, graph), graph, onsetAt: 9 })],
    ["c", "b"],
  );
  const forward = stepsOf([deploy("a", 1), deploy("c", 2), deploy("d", 3)]);
  assert.deepEqual(
    [...noLongerLive({ steps: forward, sets: changeSetsOf(forward, graph), graph, onsetAt: 9 })],
    [],
  );
});

for (const [path, environment, is] of [
  ["overlays/staging/kustomization.yaml", "production", false],
  ["overlays/production/kustomization.yaml", "production", true],
  ["prod/values.yaml", "production", true],
  ["charts/shop/values-stage.yaml", "production", false],
  ["apps/shop/deployment.yaml", "production", true],
  ["clusters/eu-1/shop.yaml", "eu-1", true],
  ["clusters/eu-1/staging/shop.yaml", "staging", true],
  ["production/shop.yaml", "eu-1", false],
  ["environments/dev/shop.yaml", "staging", false],
] as const)
  test(`${path} is ${is ? "" : "not "}of ${environment}`, () => {
    assert.equal(isOfEnvironment(path, environment), is);
  });
