import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { matchesGlob } from "../../shared/policy/globs.ts";
import { guardedBy, reasonFor, reasonForLines } from "../../shared/policy/guarded-paths.ts";
import { mustCost } from "../support/cost.ts";

const kinds: Record<string, string[]> = {
  "it runs with the repository's secrets": [
    ".gitlab-ci.yml",
    "ci/build.gitlab-ci.yml",
    "Jenkinsfile",
    "deploy/Jenkinsfile.prod",
    "ci/release.jenkinsfile",
    "azure-pipelines-release.yml",
    ".circleci/config.yml",
    ".buildkite/pipeline.yml",
    ".travis.yml",
    ".drone.star",
    ".woodpecker/test.yaml",
    "bitbucket-pipelines.yml",
    "buildspec.prod.yml",
    "cloudbuild.yaml",
    ".gitea/workflows/ci.yml",
    ".forgejo/workflows/ci.yml",
    ".semaphore/semaphore.yml",
    ".teamcity/settings.kts",
    "bamboo-specs/bamboo.yml",
    ".cirrus.yml",
    "codefresh.yml",
    ".tekton/pull.yaml",
    ".husky/pre-commit",
  ],
  "it decides who must review": [
    ".gitlab/CODEOWNERS",
    ".gitea/CODEOWNERS",
    ".bitbucket/CODEOWNERS",
    "pkg/OWNERS",
  ],
  "it decides how git reads and merges files": [".gitattributes", "web/.gitattributes"],
  "it decides who may do what in the cloud": [
    "infra/iam.tf",
    "infra/iam/roles.tf",
    "infra/app-iam-role.tf",
    "aws/bucket-policy.json",
    "trust_policy.json",
  ],
  "it decides who may do what in the cluster": [
    "k8s/rbac.yaml",
    "k8s/rbac/ops.yaml",
    "k8s/clusterrolebinding.yaml",
    "k8s/api-role.yml",
    "chart/templates/serviceaccount.yaml",
  ],
  "it decides what may reach what": [
    "k8s/networkpolicy.yaml",
    "k8s/api-network-policy.yml",
    "k8s/authorizationpolicy.yaml",
    "tf/security_groups.tf",
    "tf/firewall.tf",
  ],
  "it decides what the image is built from and runs as": [
    "Dockerfile",
    "api/Dockerfile.prod",
    "Containerfile",
    "build/api.dockerfile",
  ],
  "it holds the environment's settings or secrets": [
    ".env",
    ".env.production",
    "api/.env.local",
    ".envrc",
    "deploy/prod.env",
  ],
  "it is a key, a certificate or a credential": [
    "certs/tls.pem",
    "certs/tls.key",
    "id_ed25519",
    "ops/authorized_keys",
    "app.jks",
    ".netrc",
    "terraform.tfstate",
  ],
  "it decides where packages come from, or what runs when they are installed": [
    ".npmrc",
    "web/.npmrc",
    ".yarnrc.yml",
    "pip.conf",
    ".pypirc",
    "NuGet.Config",
    ".cargo/config.toml",
    "gradle/wrapper/gradle-wrapper.properties",
    ".mvn/settings.xml",
    "renovate.json",
    ".github/dependabot.yml",
  ],
};
for (const [reason, paths] of Object.entries(kinds))
  test(`a person must look, as ${reason}`, () => {
    assert.deepEqual(
      paths.map((path) => [path, reasonFor(path)]),
      paths.map((path) => [path, reason]),
    );
  });

test("ordinary code needs no person by its path", () => {
  const ordinary = [
    ...[
      "src/roles/admin.ts",
      "src/firewall.ts",
      "src/env.ts",
      ".env.example",
      "docs/Dockerfile.md.txt/readme.md",
    ],
    ...[
      "k8s/deployment.yaml",
      "k8s/service.yaml",
      "src/keys.ts",
      "src/policy.ts",
      "pkg/owners.go",
      "src/jenkins.ts",
    ],
    ...["chart/values.yaml", "README.md", "src/iamport.js", "package.json", "src/networking.ts"],
  ];
  assert.deepEqual(
    ordinary.filter((path) => reasonFor(path) !== undefined),
    [],
  );
});

test("objects that give rights are known by the lines of a diff, whatever the file is called", () => {
  const lines: [string, string | undefined][] = [
    [
      "@@ -1,4 +1,4 @@\n apiVersion: rbac/v1\n kind: ClusterRole\n-  verbs: [get]",
      "it decides who may do what in the cluster",
    ],
    ["@@ -1 +1 @@\n+- kind: RoleBinding", "it decides who may do what in the cluster"],
    ['@@ -1 +1 @@\n+"kind": "NetworkPolicy"', "it decides what may reach what"],
    [
      '@@ -9,3 +9,3 @@ resource "aws_iam_role" "api" {\n-  a\n+  b',
      "it decides who may do what in the cloud",
    ],
    ['@@ -1 +1 @@\n+resource "aws_security_group" "api" {', "it decides what may reach what"],
    ["@@ -1 +1 @@\n+kind: Deployment\n+// kind: RoleName", undefined],
    ["@@ -1 +1 @@\n+const kind = Role;", undefined],
  ];
  for (const [patch, reason] of lines) assert.equal(reasonForLines(patch), reason, patch);
});

test("globs match within folders, across them, or a name anywhere", () => {
  const cases: [string, string, boolean][] = [
    ["*.tfvars", "infra/prod/eu.tfvars", true],
    ["*.tfvars", "infra/eu.tfvars.json", false],
    ["infra/*.tf", "infra/a.tf", true],
    ["infra/*.tf", "infra/prod/a.tf", false],
    ["infra/**/*.tf", "infra/a.tf", true],
    ["infra/**/*.tf", "infra/x/y/a.tf", true],
    ["ledger/**", "ledger/a/b.go", true],
    ["/ledger/", "ledger/a/b.go", true],
    ["ledger/**", "other/ledger/a.go", false],
    ["**/secrets/**", "a/secrets/b", true],
    ["a?.js", "src/ab.js", true],
    ["a+(b).js", "a+(b).js", true],
    ["a+(b).js", "aab.js", false],
  ];
  for (const [glob, path, is] of cases) assert.equal(matchesGlob(path, glob), is, `${glob} ${path}`);
  assert.deepEqual(guardedBy(["*.sql"], [{ path: "a/b.sql" }, { path: "a/b.ts" }]), [
    { path: "a/b.sql", reason: "policy.guard has *.sql" },
  ]);
});

test("a glob of many stars is held against a long path in time", () => {
  mustCost(500, () => assert.equal(matchesGlob(`${"a/".repeat(2000)}b`, `${"**/a*/".repeat(40)}c`), false));
});

test("a glob that is a path without wildcards matches that path alone", () => {
  const part = fc.stringMatching(/^[a-z.+()[\]{}$^|-]{1,8}$/);
  const path = fc.array(part, { minLength: 2, maxLength: 4 }).map((parts) => parts.join("/"));
  fc.assert(fc.property(path, path, (one, other) => assert.equal(matchesGlob(other, one), other === one)));
});
