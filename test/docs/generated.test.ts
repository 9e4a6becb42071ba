import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ofSenders, secretsOf } from "../../infra/aws/secrets.ts";
import { generatedFiles } from "../../infra/docs/pages.ts";
import { environmentTables } from "../../infra/host/settings/environment.ts";
import { variablesOf } from "../../infra/host/settings/variables.ts";

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

for (const [path, text] of Object.entries(generatedFiles()))
  test(`${path} is what npm run docs writes`, () => {
    assert.equal(read(path), text);
  });

test("the example configuration names the schema, so that editors complete its keys", () => {
  assert.match(
    read("infra/host/countersteer.example.yaml"),
    /^# yaml-language-server: \$schema=\.\.\/\.\.\/countersteer\.schema\.json\n/,
  );
});

const described = environmentTables.flatMap(({ variables }) => variablesOf(variables));
const names = new Set(described.map(({ name }) => name));

test("every key and every variable has a description that is a sentence", () => {
  const wanting: string[] = described
    .filter(({ description }) => !/^[A-Z`].*\.$/s.test(description))
    .map(({ name }) => name);
  const visit = (path: string, node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      if (key === "properties")
        for (const [name, property] of Object.entries<{ description?: string }>(value))
          if (!/^[A-Z`].*\.$/s.test(property.description ?? "")) wanting.push(`${path}.${name}`);
      visit(`${path}.${key}`, value);
    }
  };
  visit("", JSON.parse(read("countersteer.schema.json")));
  assert.deepEqual(wanting, []);
});

test("every variable that a host reads is described", () => {
  // Lambda and the standard chain of AWS credentials set the first; PATH is the system's and NODE_COMPILE_CACHE is Node's; the last are prefixes of names.
  const others =
    /^(AWS_REGION|AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|AWS_LAMBDA_\w+|_X_AMZN_TRACE_ID|PATH|NODE_COMPILE_CACHE|GITHUB(_READ|_TELL)?)$/;
  const reading = /(?:\benv\.|\b(?:env\[|secret\(|needed\(|accessOf\(|sourceOf\()[^"\n]*")([A-Z_]{4,})/g;
  const used = globSync("infra/{host,local,aws,aws-local,cli}/**/*.ts", { cwd: root }).flatMap((file) =>
    [...read(file).matchAll(reading)].map(([, name = ""]) => name),
  );
  assert.ok(used.includes("GITHUB_TOKEN") && used.includes("TABLE_NAME"));
  assert.deepEqual(
    [...new Set(used)].filter((name) => !names.has(name) && !others.test(name)),
    [],
  );
});

test("every secret of a function on AWS is described", () => {
  assert.deepEqual(
    Object.values(secretsOf)
      .flat()
      .filter((name) => !names.has(name) && name !== ofSenders),
    [],
  );
});
