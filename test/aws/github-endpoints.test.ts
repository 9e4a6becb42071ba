import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { onlyUsed, used } from "../../infra/aws/bundle/github-endpoints.ts";

const root = join(import.meta.dirname, "../..");
/** Members of Octokit beside its table. */
const own = ["hook", "request", "graphql", "auth", "log"];

const sources = ["shared", "functions", "infra/aws", "infra/host"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => readFileSync(join(root, folder, path), "utf8")),
);

test("the bundles hold exactly the endpoints of GitHub's API that are called", () => {
  const called = sources.flatMap((text) =>
    [...text.matchAll(/\b(?:octokit|app)\s*\.\s*([a-z][A-Za-z]*)\s*\.\s*([a-z]\w*)\(/g)].map(
      ([, scope = "", method = ""]) => [scope, method] as const,
    ),
  );
  const found = [...new Set(called.map(([scope, method]) => `${scope}.${method}`))]
    .filter((name) => !own.includes(name.split(".")[0]!))
    .sort();
  const held = Object.entries(used).flatMap(([scope, methods]) =>
    methods.map((method) => `${scope}.${method}`),
  );
  assert.deepEqual(found, held.sort());
});

test("no part is reached in a way that the search does not see", () => {
  const whole = sources.filter((text) =>
    /=\s*(\w+\.)*octokit(\.\w+)?\s*;|\{[^}]*\}\s*=\s*(\w+\.)*octokit\b/.test(text),
  );
  assert.equal(whole.length, 0);
});

test("an endpoint that is not used leaves the table, every other line stays, and one that Octokit does not have fails the build", () => {
  const get = '    get: ["GET /x", {}, { renamed: [1] }],\n';
  const list = '    list: [\n      "GET /y",\n      {}\n    ]\n';
  const module = (git: string, users: string) =>
    `const Endpoints = {\n${git && `  git: {\n${git}  },\n`}${users && `  users: {\n${users}  }\n`}};\nexport default Endpoints;\n`;
  const all = module(get + list, get);
  assert.equal(onlyUsed(all, { git: ["list"] }), module(list, ""));
  assert.equal(onlyUsed(all, { git: ["get"], users: ["get"] }), module(get, get));
  assert.throws(() => onlyUsed(all, { git: ["getTag"] }), { message: "Octokit has no git.getTag" });
  assert.throws(() => onlyUsed(all, { pulls: ["get"] }), { message: "Octokit has no pulls.get" });
});
