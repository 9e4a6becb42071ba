import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { test } from "node:test";
import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/rest";
import { client, newSandbox, refusal, repo } from "./repository.ts";

const { privateKey, publicKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
});
const app = { id: 7, slug: "countersteer", installationId: 77, publicKey };

test("an App finds its installation and works with a token for it", async (t) => {
  const { sandbox } = await newSandbox(t, { app });
  const as = (auth: object) =>
    new Octokit({
      baseUrl: sandbox.github,
      authStrategy: createAppAuth,
      auth: { appId: 7, privateKey, ...auth },
    });
  const { data: installation } = await as({}).apps.getRepoInstallation(repo);
  const octokit = as({ installationId: installation.id });
  await octokit.repos.createCommitStatus({
    ...repo,
    sha: (await octokit.repos.getBranch({ ...repo, branch: "main" })).data.commit.sha,
    state: "success",
  });
  const [issued] = sandbox.issued();
  assert.deepEqual([installation.id, issued!.installation, sandbox.issued().length], [77, 77, 1]);
  assert.equal((await refusal(client(sandbox, issued!.token).users.getAuthenticated())).status, 403);
});

test("a token asked for some repositories sees no other, and ends after an hour", async (t) => {
  let now = Date.parse("2026-11-22T12:00:00Z");
  const { sandbox } = await newSandbox(t, { app, clock: () => now });
  const jwt = signed({ iss: "7", exp: now / 1000 + 600 });
  const asked = await client(sandbox, jwt).apps.createInstallationAccessToken({
    installation_id: 77,
    repositories: ["shop"],
    permissions: { contents: "read" },
  });
  assert.deepEqual(
    [asked.data.expires_at, asked.data.permissions, asked.data.repository_selection],
    ["2026-11-22T13:00:00Z", { contents: "read" }, "selected"],
  );
  const octokit = client(sandbox, asked.data.token);
  await octokit.repos.get(repo);
  const other = client(sandbox, jwt).apps.createInstallationAccessToken({
    installation_id: 77,
    repositories: ["other"],
  });
  assert.equal((await refusal(other)).status, 422);
  now += 3_600_000;
  assert.deepEqual(await refusal(octokit.repos.get(repo)), { status: 401, message: "Bad credentials" });
});

test("a JWT that is expired, too long-lived, forged or someone else's gets no token", async (t) => {
  const { sandbox } = await newSandbox(t, { app });
  const now = Math.floor(Date.now() / 1000);
  const ask = (jwt: string) =>
    refusal(client(sandbox, jwt).apps.createInstallationAccessToken({ installation_id: 77 }));
  assert.match((await ask(signed({ iss: "7", exp: now - 1 }))).message, /'exp'\) must be a numeric value/);
  assert.match((await ask(signed({ iss: "7", exp: now + 3600 }))).message, /too far in the future/);
  assert.equal(
    (await ask(`${signed({ iss: "7", exp: now + 60 }).slice(0, -8)}AAAAAAAA`)).message,
    "A JSON web token could not be decoded",
  );
  assert.equal((await ask("a.b.c")).status, 401);
  assert.equal((await ask(signed({ iss: "8", exp: now + 60 }))).status, 404);
});

const signed = (claims: object): string => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${part({ alg: "RS256", typ: "JWT" })}.${part(claims)}`;
  return `${text}.${sign("RSA-SHA256", Buffer.from(text), privateKey).toString("base64url")}`;
};
