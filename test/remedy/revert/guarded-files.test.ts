import assert from "node:assert/strict";
import { test } from "node:test";
import { guardReasons, laterMigrations, pickedFrom } from "../../../shared/remedy/revert/guarded-files.ts";

const sha = "0123456789abcdef0123456789abcdef01234567";
const guards = (paths: string[]) => guardReasons(paths.map((path) => ({ path }))).map(({ path }) => path);

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
  assert.deepEqual(guardReasons([{ path: ".github/workflows/ci.yml" }, { path: "a" }]), [
    { path: ".github/workflows/ci.yml", reason: "it runs with the repository's secrets" },
  ]);
});

test("lock files need a person only when nothing else changed", () => {
  assert.deepEqual(guards(["go.sum", "web/package-lock.json"]), ["go.sum", "web/package-lock.json"]);
  assert.deepEqual(guards(["go.sum", "go.mod"]), []);
  assert.deepEqual(guards([]), []);
});

const guardOf = (path: string, patch: string): string | undefined =>
  guardReasons([{ path }], [{ path, status: "modified", patch }])[0]?.reason;

test("a dependency that goes back across a major version needs a person, one below 1 across a minor", () => {
  const moved: [string, string, string | undefined][] = [
    ["package.json", '-    "hono": "^3.9.1",\n+    "hono": "^4.0.0",', "hono"],
    ["package.json", '-    "hono": "^4.1.0",\n+    "hono": "^4.2.7",', undefined],
    ["web/package.json", '-    "zod": "0.4.9",\n+    "zod": "0.5.0",', "zod"],
    ["go.mod", "-\tgithub.com/a/b/v2 v2.3.0\n+\tgithub.com/a/b/v3 v3.0.1", "github.com/a/b"],
    ["go.mod", "-\tgithub.com/a/b v1.3.0 // indirect\n+\tgithub.com/a/b v1.4.0 // indirect", undefined],
    ["requirements.txt", "-django==4.2.1\n+django==5.0", "django"],
    ["Cargo.toml", '-serde = { version = "1.0.1" }\n+serde = { version = "1.0.9" }', undefined],
    ["src/a.ts", '-const hono = "3.0.0"\n+const hono = "4.0.0"', undefined],
  ];
  for (const [path, lines, name] of moved)
    assert.equal(
      guardOf(path, `@@ -1,3 +1,3 @@\n ctx\n${lines}`),
      name && `it moves ${name} across a major version`,
      path + lines,
    );
});

test("a submodule and encrypted values need a person", () => {
  assert.equal(
    guardOf("vendor/x", `@@ -1 +1 @@\n-Subproject commit ${sha}\n+Subproject commit ${"b".repeat(40)}`),
    "it is a submodule: another repository's commit",
  );
  for (const line of [
    "-    secure: v1:abc=",
    "+  - secure: AbC",
    "+password: ENC[AES256_GCM,data:x]",
    "-  encryptedData:",
  ])
    assert.match(
      guardOf("Pulumi.prod.yaml", `@@ -1 +1 @@\n${line}`) ?? "",
      /^it holds encrypted values/,
      line,
    );
  assert.equal(guardOf("a.yaml", "@@ -1 +1 @@\n-  insecure: true\n+  secured: yes"), undefined);
});

test("a manifest whose diff GitHub does not show needs a person", () => {
  assert.match(
    guardReasons([{ path: "go.mod" }, { path: "a" }], [{ path: "go.mod", status: "modified" }])[0]!.reason,
    /GitHub shows no diff/,
  );
});

test("the project's own version going back needs a person, as it may be released", () => {
  const moved: [string, string, boolean][] = [
    ["package.json", '-  "version": "1.2.3",\n+  "version": "1.3.0",', true],
    ["Cargo.toml", '-version = "1.2.3"\n+version = "1.3.0"', true],
    ["pyproject.toml", '-version = "1.2.3"\n+version = "1.3.0"', true],
    ["api/VERSION", "-1.2.3\n+v1.3.0", true],
    ["Cargo.toml", '-serde = { version = "1.0.1" }\n+serde = { version = "1.0.9" }', false],
    ["package.json", '-    "zod": "4.0.1",\n+    "zod": "4.0.2",', false],
    ["src/version.ts", '-version = "1.2.3"\n+version = "1.3.0"', false],
    ["charts/api/Chart.yaml", "-version: 1.2.3\n+version: 1.3.0", false],
  ];
  const reason = "it takes the project's own version back, which may be released";
  for (const [path, lines, isGuarded] of moved)
    assert.equal(guardOf(path, `@@ -1,3 +1,3 @@\n ctx\n${lines}`), isGuarded ? reason : undefined, path);
});

test("a database's engine does not go back by itself", () => {
  const of = (path: string, patch: string) =>
    guardReasons([{ path }], [{ path, status: "modified", patch: `@@ -1 +1 @@\n${patch}` }])[0]?.reason;
  const reason = "it moves the version of a database's engine, which may not go back";
  assert.equal(of("rds.tfvars", '-    engine_version = "8.0"\n+    engine_version = "8.4"'), reason);
  assert.equal(of("stack.yaml", "-      EngineVersion: '8.0'\n+      EngineVersion: '8.4'"), reason);
  assert.equal(of("web.tfvars", '-web_engine_tag = "8.0"\n+web_engine_tag = "8.4"'), undefined);
});

test("a migration that later ones were added to names the first of them", () => {
  const added = (path: string) => ({ path, status: "added" });
  const edits = [{ path: "db/migrations/0007_fee.sql" }, { path: "src/fee.ts" }];
  const later = added("db/migrations/0008_fee_index.sql");
  assert.deepEqual(laterMigrations(edits, [added("src/x.ts"), later, added("db/migrations/0009_x.sql")]), [
    { path: edits[0]!.path, reason: "a later migration may need it: db/migrations/0008_fee_index.sql" },
  ]);
  assert.deepEqual(laterMigrations(edits, [{ ...later, status: "modified" }]), []);
  assert.deepEqual(laterMigrations(edits, [added("other/migrations/0008.sql")]), []);
  assert.deepEqual(laterMigrations([...edits, later], [later]), []);
  assert.deepEqual(laterMigrations([{ path: "src/fee.ts" }], [later]), []);
  assert.deepEqual(laterMigrations(edits), []);
});

test("a commit that was picked from another branch says which one stays there", () => {
  assert.deepEqual(pickedFrom([`Fix fee\n\n(cherry picked from commit ${sha})`, "Other"]), [
    { reason: "it was picked from 0123456789ab, which stays where it is" },
  ]);
  assert.deepEqual(pickedFrom([`As told in (cherry picked from commit ${sha}) of the log`]), []);
});
