import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { readLogins } from "../../infra/host/adapters/registries.ts";
import { locate, registry } from "../../shared/adapters/registry/registry.ts";
import { UpstreamError } from "../../shared/errors.ts";
import { listen } from "../support/scratch.ts";
import { digestOf, push, startRegistry } from "./registry-fake.ts";

const revision = "3f9c2d1ab03f9c2d1ab03f9c2d1ab03f9c2d1ab0";
const labels = {
  "org.opencontainers.image.revision": revision,
  "org.opencontainers.image.source": "https://github.com/acme/gateway",
};

/** A registry with one image, and how it is asked. */
const stocked = async (t: TestContext) => {
  const fake = await startRegistry(t);
  const digest = push(fake.held, "acme/gateway", { tag: "v1", labels });
  const { host, url, tokens: realm, login } = fake;
  const ask = (version: { tag?: string; digest?: string }, access = {}) =>
    registry({ registries: [{ host, url, realm, login, ...access }] }).origin({
      name: `${host}/acme/gateway`,
      ...version,
    });
  return { ...fake, digest, ask };
};
const refused = (message: RegExp) => (error: unknown) =>
  error instanceof UpstreamError &&
  error.system === "registry" &&
  !error.retryable &&
  message.test(error.message);

test("an image says which commit it was built from: index, manifest, config, with a token for it alone", async (t) => {
  const { ask, seen } = await stocked(t);
  assert.deepEqual(await ask({ tag: "v1" }), { revision, source: "https://github.com/acme/gateway" });
  assert.equal(seen.tokens[0]!.path, "/token?service=registry&scope=repository%3Aacme%2Fgateway%3Apull");
  assert.deepEqual(
    seen.storage.map(({ authorization }) => authorization),
    [undefined],
  );
});

test("a digest is asked for in the place of the tag beside it", async (t) => {
  const { ask, digest, seen } = await stocked(t);
  assert.equal((await ask({ tag: "gone", digest }))?.revision, revision);
  assert.ok(seen.registry.every(({ path }) => !path.endsWith("/gone")));
});

test("annotations of the index come first, and no labels say nothing", async (t) => {
  const { held, ask } = await stocked(t);
  push(held, "acme/gateway", {
    tag: "v2",
    labels,
    annotations: { "org.opencontainers.image.revision": "a1" },
  });
  push(held, "acme/gateway", { tag: "v3" });
  assert.deepEqual(await ask({ tag: "v2" }), { revision: "a1" });
  assert.equal(await ask({ tag: "v3" }), undefined);
  assert.equal(await ask({ tag: "v4" }), undefined);
});

test("a registry that is not configured is never asked", async (t) => {
  const { url, seen } = await stocked(t);
  const other = registry({ registries: [{ host: "ghcr.io", url }] });
  assert.equal(await other.origin({ name: "evil.example/acme/gateway", tag: "v1" }), undefined);
  assert.equal(await other.origin({ name: "ghcr.io/../../acme", tag: "v1" }), undefined);
  assert.equal(await other.origin({ name: "ghcr.io/acme/gateway", tag: "../x" }), undefined);
  assert.deepEqual(seen, { registry: [], tokens: [], storage: [] });
});

test("credentials go to no other host, whatever the challenge says", async (t) => {
  const { ask, faults, seen } = await stocked(t);
  const caught: (string | undefined)[] = [];
  const thief = await listen(t, (_, request, response) => {
    caught.push(request.headers.authorization);
    response.writeHead(200).end("{}");
  });
  faults.realm = `${thief}/token`;
  await assert.rejects(
    ask({ tag: "v1" }),
    refused(/its tokens come from http:\/\/127\.0\.0\.1:\d+, which the configuration does not name/),
  );
  assert.deepEqual([caught, seen.tokens], [[], []]);
  faults.realm = "";
  faults.blobsAt = `${thief}/blob`;
  await assert.rejects(ask({ tag: "v1" }), refused(/the answer is not what the digest names/));
  assert.deepEqual(caught, [undefined]);
});

test("an answer that is not what its digest names is not believed", async (t) => {
  const { ask, faults, digest } = await stocked(t);
  faults.tamper = true;
  await assert.rejects(ask({ digest }), refused(/the answer is not what the digest names/));
});

test("an answer without end is cut off, one that is no manifest refused, a redirect in circles left", async (t) => {
  let answer: (response: import("node:http").ServerResponse) => void = () => {};
  const url = await listen(t, (_, __, response) => answer(response));
  const host = new URL(url).host;
  const ask = () => registry({ registries: [{ host, url }] }).origin({ name: `${host}/a`, tag: "v1" });
  answer = (response) => response.end(Buffer.alloc(5 * 1024 * 1024, " "));
  await assert.rejects(ask(), refused(/larger than 4194304 bytes/));
  answer = (response) => response.end('["a"]');
  await assert.rejects(ask(), refused(/is not a manifest/));
  answer = (response) => response.writeHead(302, { location: "/again" }).end();
  await assert.rejects(ask(), refused(/302 it redirects, and only blobs may/));
  answer = (response) => {
    const isBlob = response.req.url?.includes("/blobs/") === true;
    if (isBlob) response.writeHead(302, { location: response.req.url ?? "" }).end();
    else response.end(JSON.stringify({ config: { digest: digestOf("blob") } }));
  };
  await assert.rejects(ask(), refused(/redirects too often/));
  answer = (response) => response.writeHead(503).end();
  await assert.rejects(ask(), (error) => error instanceof UpstreamError && error.retryable);
});

test("wrong credentials are told as a refusal", async (t) => {
  const { ask } = await stocked(t);
  await assert.rejects(ask({ tag: "v1" }, { login: "robot:wrong" }), refused(/get a token: 401/));
});

test("names without a host are Docker Hub's", () => {
  assert.deepEqual(locate("redis"), { host: "docker.io", path: "library/redis" });
  assert.deepEqual(locate("acme/gateway"), { host: "docker.io", path: "acme/gateway" });
  assert.deepEqual(locate("localhost/a"), { host: "localhost", path: "a" });
  assert.deepEqual(locate("ghcr.io/acme/a"), { host: "ghcr.io", path: "acme/a" });
  assert.match(digestOf(""), /^sha256:e3b0c442/);
});

test("logins are read from the auth file that docker and podman write", () => {
  const auth = (login: string) => ({ auth: Buffer.from(login).toString("base64") });
  const auths = {
    "ghcr.io": auth("ann:p:w"),
    "https://index.docker.io/v1/": auth("bob:x"),
    "r.test:5000": {},
    odd: { auth: "====" },
  };
  assert.deepEqual(
    readLogins(JSON.stringify({ auths, credsStore: "desktop" })),
    new Map([
      ["ghcr.io", "ann:p:w"],
      ["docker.io", "bob:x"],
    ]),
  );
  for (const text of ["", "[]", '{"auths": []}', "token"]) assert.equal(readLogins(text), undefined);
});
