import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { onlyUsed, scopes } from "../../infra/aws/bundle/github-endpoints.ts";

const root = join(import.meta.dirname, "../..");
/** Members of Octokit beside its table. */
const own = ["hook", "request", "graphql", "auth", "log"];

const sources = ["shared", "functions", "infra/aws", "infra/host"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => readFileSync(join(root, folder, path), "utf8")),
);

test("the bundles hold exactly the parts of GitHub's API that are called", () => {
  const called = sources.flatMap((text) =>
    [...text.matchAll(/\b(?:octokit|app)\s*\.\s*([a-z][A-Za-z]*)\s*\.\s*[a-z]\w*\(/g)].map(
      ([, scope = ""]) => scope,
    ),
  );
  assert.deepEqual([...new Set(called)].filter((scope) => !own.includes(scope)).sort(), scopes);
});

test("no part is reached in a way that the search does not see", () => {
  const whole = sources.filter((text) =>
    /=\s*(\w+\.)*octokit(\.\w+)?\s*;|\{[^}]*\}\s*=\s*(\w+\.)*octokit\b/.test(text),
  );
  assert.equal(whole.length, 0);
});

test("a part that is not used leaves the table, and every other line stays", () => {
  const part = (name: string) =>
    `  ${name}: {\n    get: ["GET /x", {}, { renamed: [1] }],\n    list: [\n      "GET /y"\n    ]\n  },\n`;
  const module = (...names: string[]) =>
    `const Endpoints = {\n${names.map(part).join("")}};\nexport default Endpoints;\n`;
  assert.equal(onlyUsed(module("activity", "git", "oidc", "users", "zoo")), module("git", "users"));
});
