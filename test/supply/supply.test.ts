import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { faultsOf, type Lock } from "./lockfile.ts";
import { secretsIn } from "./secrets.ts";
import { signaturesFrom } from "./signatures.ts";

const budget = { direct: 1, installed: 1, installScripts: [] };
const manifest = { dependencies: { hono: "4.13.19" }, devDependencies: { typescript: "7.0.2" } };
const entry = (name: string) => ({
  ...{ version: "1.0.0", resolved: `https://registry.npmjs.org/${name}/-/${name}-1.0.0.tgz` },
  integrity: "sha512-abc",
});
const bare = { version: "1.0.0", integrity: "sha512-abc" };
const lock = (more: Lock["packages"] = {}): Lock => ({
  packages: {
    "": manifest,
    "node_modules/hono": entry("hono"),
    "node_modules/typescript": { ...bare, dev: true },
    ...more,
  },
});

test("dependencies are within their budget, exact, locked, from the registry and without scripts", () => {
  assert.deepEqual(faultsOf(manifest, lock(), budget), []);
  const more = lock({ "node_modules/left-pad": entry("left-pad") });
  assert.deepEqual(faultsOf(manifest, more, budget), [
    "2 installed production dependencies, and the budget in .ci/dependencies.json is 1: take one out, or give the reason and raise it",
  ]);
  assert.deepEqual(faultsOf(manifest, lock(), { ...budget, installed: 2 }), [
    "1 installed production dependencies, and the budget in .ci/dependencies.json is 2: lower it",
  ]);
  const loose = { ...manifest, dependencies: { hono: "^4.13.19" } };
  assert.deepEqual(faultsOf(loose, lock(), budget), [
    "hono ^4.13.19 is not one exact version",
    "package-lock.json is not of this package.json",
  ]);
  const script = lock({ "node_modules/hono": { ...entry("hono"), hasInstallScript: true } });
  assert.deepEqual(faultsOf(manifest, script, budget), [
    "node_modules/hono runs a script when it is installed in production",
  ]);
  for (const odd of [
    { ...entry("hono"), resolved: "https://registry.npmjs.org.evil.test/hono.tgz" },
    { ...entry("hono"), resolved: "git+ssh://git@github.com/a/hono.git#1" },
    { ...entry("hono"), integrity: "sha1-abc" },
  ])
    assert.deepEqual(faultsOf(manifest, lock({ "node_modules/hono": odd }), budget), [
      `node_modules/hono is not from the registry with a digest (${odd.resolved})`,
    ]);
});

/** Each one in two parts, so that none of them stands here. */
const secrets: [string, string][] = [
  ["a private key", `-----BEGIN RSA PRIVATE ${"KEY-----"}\nMIIEpAIBAAKCAQEA7b8Gq2Zx0pQ9vKf3sT1uYw5Xr4Nh6Lm`],
  ["a token of GitHub", `ghp${"_"}16C7e42F292c6912E7710c838347Ae178B4a`],
  ["a token of Slack", `xoxb${"-"}123456789012-abcdEFGH1234ijkl`],
  ["a webhook of Slack", `https://hooks.slack.com/services/T0123ABCD/B0123ABCD/${"Zx9Yw8Vu7Ts6"}Rq5Po4Nm3Lk`],
  ["an access key of AWS", `AKIA${"5GQZ2X7LM4TN8W9R"}`],
  ["a key of Google", `AIza${"SyD3f9Kq1Lm0Zx8Yw7Vu6Ts5Rq4Po2Nn9Lk"}`],
  ["a JSON Web Token", `eyJhbGciOiJIUzI1NiIsInR5${"."}eyJzdWIiOiIxMjM0NTY3ODkw${"."}SflKxwRJSMeKKF2QT4fwpM`],
  ["a login in an address", `postgres://app:${"h7Kq2Zx9pL"}@db.internal/shop`],
  ["a secret of an assignment", `DEPLOYS_TOKEN="${"9f86d081884c7d659a2feaa0"}c55ad015a3bf4f1b"`],
];
for (const [kind, secret] of secrets)
  test(`${kind} is found in a file, with its line, and is not printed`, () => {
    assert.deepEqual(secretsIn("a.ts", `one\ntwo ${secret}\n`), [`a.ts:2: ${kind}`]);
  });

test("names, made-up secrets and digests are no secrets", () => {
  for (const text of [
    "GITHUB_TOKEN: needed",
    "https://user:pass@git.example/",
    "https://tekton:DEPLOYS_TOKEN@countersteer.example.com/webhooks/deploys",
    `ghp_${"a".repeat(36)}`,
    "AKIACANARYCANARY1234",
    `"integrity": "sha512-${"x1Y2".repeat(20)}"`,
    "sha: 11bd71901bbe5b1630ceea73d27597364c9af683",
  ])
    assert.deepEqual(secretsIn("a.ts", text), [], text);
});

test("only an answer about the packages refuses; a registry that is not reached is told as that", () => {
  const verified = "audited 300 packages in 2s\n\n300 packages have verified registry signatures\n";
  assert.equal(signaturesFrom(0, verified).is, "verified");
  const invalid = "audited 3 packages in 1s\n1 package has an invalid registry signature:\nhono@4.13.19\n";
  assert.deepEqual(signaturesFrom(1, invalid), { is: "refused", told: invalid.trim() });
  const away =
    "npm error code ENOTFOUND\nnpm error network request to https://tuf-repo-cdn.sigstore.dev failed";
  assert.equal(signaturesFrom(1, away).is, "unknown");
  for (const nothing of ["", "found no dependencies to audit that were installed from a supported registry"])
    assert.equal(signaturesFrom(nothing === "" ? null : 0, nothing).is, "unknown");
});

test("CI asks for all of it, and each of its actions is one commit", () => {
  assert.match(readFileSync(".ci/run", "utf8"), /^npm run --silent supply$/m);
  const steps = readFileSync(".github/workflows/ci.yml", "utf8").match(/uses: .*/g) ?? [];
  assert.ok(steps.length > 0);
  for (const one of steps) assert.match(one, /^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});
