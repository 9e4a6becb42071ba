import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";

/** Imports point one way: incident ← ports ← process ← functions ← infra. */
const root = join(import.meta.dirname, "..");
const files = globSync(["functions/**/*.ts", "shared/**/*.ts", "infra/**/*.ts"], { cwd: root });
const importsOf = (file: string): string[] =>
  [...readFileSync(join(root, file), "utf8").matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(
    ([, name]) => (name!.startsWith(".") ? relative(root, join(root, dirname(file), name!)) : name!),
  );
const pure = /^shared\/(incident|diagnosis|remedy|policy|git|yaml|text)\//;

const broken = (applies: RegExp, allowed: (imported: string) => boolean): string[] =>
  files
    .filter((file) => applies.test(file))
    .flatMap((file) =>
      importsOf(file)
        .filter((name) => !allowed(name))
        .map((name) => `${file} imports ${name}`),
    );

test("incident, diagnosis, remedy and policy import no adapter, no process, no Node I/O", () => {
  const computing = ["@prometheus-io/lezer-promql", "yaml", "node:path", "node:buffer", "node:crypto"];
  assert.deepEqual(
    broken(
      pure,
      (name) =>
        pure.test(name) ||
        name === "shared/ports.ts" ||
        name === "shared/errors.ts" ||
        computing.includes(name),
    ),
    [],
  );
});

test("adapters see the pure core, ports, errors, telemetry and one another only", () => {
  const seen = (name: string) =>
    pure.test(name) ||
    /^shared\/(adapters\/|ports|errors|telemetry)/.test(name) ||
    !/^(shared|functions|infra|test)\//.test(name);
  assert.deepEqual(broken(/^shared\/adapters\//, seen), []);
});

test("functions import nothing of infra and no client library", () => {
  const libraries = /^(@octokit|@slack|@aws-sdk|node:)/;
  assert.deepEqual(
    broken(/^functions\//, (name) => !name.startsWith("infra/") && !libraries.test(name)),
    [],
  );
});

test("nothing outside infra imports infra, and shared imports no function", () => {
  assert.deepEqual(
    broken(/^shared\//, (name) => !/^(infra|functions)\//.test(name)),
    [],
  );
});

test("the clock, chance and the environment are read only by hosts and adapters", () => {
  const reads = /Date\.now\(|new Date\(\)|Math\.random|process\.env|crypto\.randomUUID|performance\.now/;
  const readers = files.filter(
    (file) => /^(functions|shared)\//.test(file) && !file.startsWith("shared/adapters/"),
  );
  assert.deepEqual(
    readers.filter((file) =>
      reads.test(readFileSync(join(root, file), "utf8").replace(/^\s*(\*|\/\/|\/\*).*$/gm, "")),
    ),
    [],
  );
});
