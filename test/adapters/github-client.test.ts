import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { github, githubClient } from "../../shared/adapters/github/github.ts";
import { refName } from "../../shared/git/ref-name.ts";
import { blobId, files } from "../support/git.ts";
import { notes, openShop, proposalFor, service, wholeStory } from "../support/github-shop.ts";

test("bytes that are not UTF-8 and empty files reach the branch as they were", async (t) => {
  const text = (last: string) => Buffer.from(`\xe9\r\n${"line\n".repeat(9)}${last}`, "latin1");
  const trees = [
    files({ a: text(""), empty: "" }),
    files({ a: Buffer.concat([Buffer.from("bad\n"), text("")]), empty: "x" }),
    files({ a: Buffer.concat([Buffer.from("bad\n"), text("later")]), empty: "x" }),
  ];
  const { source, shas, git } = await openShop(t, { trees });
  const pull = await source.openPull(service, await proposalFor(source, shas[1]!));
  const now = files({ a: text("later"), empty: "" });
  for (const [path, { content }] of now)
    assert.equal(git("rev-parse", `${pull.head}:${path}`), blobId(content));
});

test("what GitHub refuses is final, what passes is retryable, and no message holds a secret", async (t) => {
  const { source, sandbox, again } = await openShop(t);
  const all = { since: 0, until: 2_000_000_000_000 };
  const failing = async (status: number, headers: Record<string, string> = {}, message = "no") => {
    sandbox.fault({ match: /^GET .*commits$/, times: 2, fail: { status, headers, body: { message } } });
    const error = await source.shas(service, all).catch((error) => error);
    return [error.name, error.system, error.retryable, error.status, error.message];
  };
  const what = "list commits of acme/shop";
  const upstream = (retryable: boolean, status: number, detail: string) => [
    "UpstreamError",
    "github",
    retryable,
    status,
    `${what}: ${status} ${detail}`,
  ];
  assert.deepEqual(await failing(500), upstream(true, 500, "no"));
  assert.deepEqual(await failing(429, { "retry-after": "60" }), upstream(true, 429, "no, retry after 60 s"));
  assert.deepEqual(
    await failing(403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1700000000" }),
    upstream(true, 403, "no, rate limit resets at 2023-11-14T22:13:20.000Z"),
  );
  assert.deepEqual(
    await failing(403, {}, "You have exceeded a secondary rate limit"),
    upstream(true, 403, "You have exceeded a secondary rate limit"),
  );
  for (const status of [401, 403, 404, 422])
    assert.deepEqual(await failing(status), upstream(false, status, "no"));
  assert.deepEqual(
    await failing(403, {}, `bad ${sandbox.token}, Bearer abcdefghijkl`),
    upstream(false, 403, "bad [redacted], [redacted]"),
  );
  sandbox.fault({ match: /^GET .*commits$/, times: 2, drop: "before" });
  await assert.rejects(source.shas(service, all), {
    retryable: true,
    status: undefined,
    message: new RegExp(`^${what}: no answer \\(`),
  });
  const wrong = again({ token: "ghp_wrong" } as never);
  await assert.rejects(wrong.shas(service, all), { retryable: false, status: 401 });
});

test("an answer cut short is no answer, and a write is not sent on to where a repository moved", async (t) => {
  const { sandbox, shas, source: real } = await openShop(t);
  const pull = await real.openPull(service, await proposalFor(real, shas[1]!));
  const answering = (response: () => Response) =>
    github({ client: githubClient({ apiUrl: sandbox.github, token: "x", fetch: async () => response() }) });
  const json = { headers: { "content-type": "application/json" } };
  const cut = answering(() => new Response('{"sha": "ab', json));
  await assert.rejects(cut.blob(service, shas[1]!), {
    retryable: true,
    message: /: the answer could not be read$/,
  });
  const moved = answering(
    () => new Response(null, { status: 307, headers: { location: "https://example.com/" } }),
  );
  await assert.rejects(moved.closePull(service, pull), {
    retryable: false,
    status: 307,
    message: /the repository has moved/,
  });
});

test("an App uses one token a repository, and mints another when GitHub takes it no longer", async (t) => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  const publicPem = publicKey.export({ type: "spki", format: "pem" }) as string;
  const shop = await openShop(t, { app: { publicKey: publicPem } });
  const app = { apiUrl: shop.sandbox.github, appId: shop.sandbox.app.id, privateKey: key };
  const source = github({ client: githubClient(app) });
  const { pull, merged } = await wholeStory(source, shop.shas[1]!);
  assert.deepEqual(merged, { result: "merged", sha: shop.git("rev-parse", "main"), by: "countersteer[bot]" });
  assert.deepEqual(
    shop.sandbox.issued().map(({ repositories }) => repositories),
    [["shop"]],
  );
  shop.sandbox.fault({
    match: /^GET .*\/comments$/,
    fail: { status: 401, body: { message: "Bad credentials" } },
  });
  await source.comment(service, pull, notes);
  assert.equal(shop.sandbox.issued().length, 2);
  const stranger = github({ client: githubClient({ ...app, appId: 99 }) });
  await assert.rejects(stranger.findPull(service, refName("x")), {
    retryable: false,
    message: /^find the App's installation on acme\/shop: 404 /,
  });
});
