import assert from "node:assert/strict";
import { test } from "node:test";
import type { ListedChange } from "../../shared/git/model.ts";
import { namesIn, withValues } from "../../shared/policy/redeploy-inputs.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";
import { replacedAt, underWay } from "../../shared/remedy/redeploy/deploys.ts";
import { inBetween } from "../../shared/remedy/redeploy/in-between.ts";
import { dispatchProblems } from "../../shared/remedy/redeploy/workflow.ts";
import { sha } from "../support/incident.ts";

const changed = (path: string, patch?: string, status = "modified"): ListedChange => ({
  ...{ path, status },
  ...(patch !== undefined && { patch }),
});

for (const [what, change, expected] of [
  ["code", changed("src/pay.js", "-const a = 1\n+const a = 2"), []],
  ["a word about a table in a document", changed("docs/a.md", "+ALTER TABLE is slow"), []],
  [
    "a migration",
    changed("db/3.sql", "+ALTER TABLE pay ADD COLUMN minor int;"),
    ["a migration lies in between (db/3.sql)"],
  ],
  [
    "a migration of Rails",
    changed("db/migrate/3.rb", "+    add_column :pay, :minor, :integer"),
    ["a migration lies in between (db/migrate/3.rb)"],
  ],
  [
    "a field of a message",
    changed("api/pay.proto", "+  optional int64 minor = 7;"),
    ["a schema changed in between (api/pay.proto)"],
  ],
  ["a comment in a message", changed("api/pay.proto", "+  // minor units"), []],
  [
    "a model of Prisma",
    changed("schema.prisma", "+  minor Int?"),
    ["a schema changed in between (schema.prisma)"],
  ],
  [
    "a type of GraphQL",
    changed("api/pay.graphql", "+  minor: Int"),
    ["a schema changed in between (api/pay.graphql)"],
  ],
  [
    "a flag",
    changed("flags/pay.yaml", "+  defaultVariant: on"),
    ["a flag changed in between (flags/pay.yaml)"],
  ],
  ["a picture", changed("logo.png"), []],
  [
    "code whose lines GitHub leaves out",
    changed("src/big.js"),
    ["the lines changed in between are not known (src/big.js)"],
  ],
  ["a renamed file", changed("src/new.js", undefined, "renamed"), []],
] as [string, ListedChange, string[]][])
  test(`${what} in between: ${expected.length === 0 ? "nothing speaks against it" : "a person chooses"}`, () => {
    assert.deepEqual(inBetween([change]), expected);
  });

test("changes that cannot be listed leave it to a person", () => {
  assert.deepEqual(inBetween(undefined), ["the changes in between could not all be read"]);
  assert.deepEqual(inBetween([]), []);
});

const problems = (text: string, inputs: Record<string, string> = { sha: "{sha}" }): string[] =>
  dispatchProblems("deploy.yml", text, inputs);

test("a workflow is held against what GitHub asks of a dispatch", () => {
  assert.deepEqual(problems("on: { workflow_dispatch: { inputs: { sha: { required: true } } } }"), []);
  assert.deepEqual(problems("on: { push: {}, workflow_dispatch: }"), ["deploy.yml declares no input sha"]);
  assert.deepEqual(problems("on: [push, workflow_dispatch]"), ["deploy.yml declares no input sha"]);
  for (const on of ["push", "[push]", "{ workflow_call: {} }"])
    assert.deepEqual(problems(`on: ${on}`), ["deploy.yml has no workflow_dispatch trigger"]);
  for (const text of ["", "on: [", "just text", "- a"])
    assert.deepEqual(problems(text), ["deploy.yml is not a workflow that can be read"]);
  const two =
    "on: { workflow_dispatch: { inputs: { sha: {}, where: { required: true }, how: { type: choice, options: [fast] } } } }";
  assert.deepEqual(problems(two, { sha: "{sha}", how: "slow" }), [
    "deploy.yml requires the input where",
    "deploy.yml does not offer slow for the input how",
  ]);
});

test("inputs hold our values in the place of their words, each once", () => {
  const values = { sha: "{id}", id: "n", environment: "production" };
  assert.deepEqual(withValues({ sha: "{sha}", all: "{environment}/{id}/{other}" }, values), {
    ...{ sha: "{id}", all: "production/n/{other}" },
  });
  assert.deepEqual(namesIn("{sha} of {x}{}"), ["sha", "x", ""]);
});

const deployOf = (
  letter: string,
  at: number,
  status: DeployRecord["status"] = "succeeded",
): DeployRecord => ({
  ...{ service: "checkout", environment: "production", sha: sha(letter), status, at },
});

for (const [what, deploys, expected] of [
  ["that began and did not end goes on", [deployOf("a", 50, "started"), deployOf("c", 40)], "a"],
  ["that has succeeded is over", [deployOf("a", 60), deployOf("a", 50, "started")], undefined],
  ["that has failed is over", [deployOf("a", 60, "failed"), deployOf("a", 50, "started")], undefined],
  ["goes on although another one failed", [deployOf("c", 60, "failed"), deployOf("a", 50, "started")], "a"],
  ["is over once another one has succeeded", [deployOf("c", 60), deployOf("a", 50, "started")], undefined],
  ["of the same commit may begin again", [deployOf("c", 50, "started"), deployOf("c", 40)], "c"],
  ["whose end nobody told within the time is over", [deployOf("a", 0, "started")], undefined],
] as [string, DeployRecord[], string | undefined][])
  test(`a deploy ${what}`, () => {
    assert.equal(underWay(deploys, { now: 100, withinMs: 100 })?.sha, expected && sha(expected));
  });

test("a former version was replaced by the first deploy after its latest one, however often that was repeated", () => {
  const succeeded = [
    deployOf("c", 9),
    deployOf("d", 8),
    deployOf("c", 7),
    deployOf("b", 5),
    deployOf("a", 4),
    deployOf("b", 1),
  ];
  assert.deepEqual(
    ["b", "a", "c", "9"].map((letter) => replacedAt(succeeded, { sha: sha(letter) })),
    [7, 5, undefined, undefined],
  );
});
