import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { type TestContext, test } from "node:test";
import { permissionsFor } from "../../../shared/adapters/github/api/permissions.ts";
import { github, githubClient } from "../../../shared/adapters/github/github.ts";
import { refName } from "../../../shared/git/ref-name.ts";
import { blobId, files } from "../../support/git.ts";
import { notes, openShop, proposalFor, service, wholeStory } from "../../support/github-shop.ts";

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
  for (const status of [403, 404, 422])
    assert.deepEqual(await failing(status), upstream(false, status, "no"));
  const renew = "no; GitHub takes the token no longer, so renew it and press Retry";
  assert.deepEqual(await failing(401), upstream(false, 401, renew));
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
  const sentTo = (location: string) =>
    answering(() => new Response(null, { status: 307, headers: { location } }));
  const moved = sentTo(`${sandbox.github}/repositories/7`);
  await assert.rejects(moved.closePull(service, pull), {
    retryable: false,
    status: 307,
    message: /the repository has moved/,
  });
  await assert.rejects(sentTo("https://login.example.com/?to=secret").closePull(service, pull), {
    ...{ retryable: false, status: 307 },
    message:
      /: HTTP 307, a redirect to https:\/\/login\.example\.com\/, where people sign in: set an address/,
  });
});

const appOf = async (
  t: TestContext,
  permissions?: Record<string, string>,
  teams: Record<string, string[]> = {},
) => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  const publicPem = publicKey.export({ type: "spki", format: "pem" }) as string;
  const shop = await openShop(t, {
    app: { publicKey: publicPem, ...(permissions && { permissions }) },
    teams,
  });
  const app = { apiUrl: shop.sandbox.github, appId: shop.sandbox.app.id, privateKey: key };
  const asked = () =>
    shop.sandbox.issued().map(({ repositories, permissions }) => ({ repositories, permissions }));
  return { shop, app, asked, source: github({ client: githubClient(app) }) };
};
const only = (...permissions: Record<string, string>[]) =>
  permissions.map((one) => ({ repositories: ["shop"], permissions: one }));
const code = { contents: "read", pull_requests: "read" };

test("an App asks for a token of one repository and of what the call needs, once for each, and again when GitHub takes it no longer", async (t) => {
  const { shop, app, asked, source } = await appOf(t);
  const all = { since: 0, until: 2_000_000_000_000 };
  await source.shas(service, all);
  await source.shas(service, all);
  assert.deepEqual(asked(), only(code));
  const { pull, merged } = await wholeStory(source, shop.shas[1]!);
  assert.deepEqual(merged, { result: "merged", sha: shop.git("rev-parse", "main"), by: "countersteer[bot]" });
  const told = only(
    code,
    { contents: "write" },
    { contents: "read", pull_requests: "write" },
    { statuses: "write" },
    { contents: "write", pull_requests: "write" },
    { issues: "read", pull_requests: "read" },
  );
  const sorted = (list: unknown[]) => list.map((one) => JSON.stringify(one)).sort();
  assert.deepEqual(sorted(asked()), sorted(told));
  shop.sandbox.fault({
    match: /^GET .*\/comments$/,
    fail: { status: 401, body: { message: "Bad credentials" } },
  });
  await source.comment(service, pull, notes);
  assert.equal(shop.sandbox.issued().length, told.length + 1);
  const unread = notes.map(({ marker }) => ({
    marker,
    get markdown(): never {
      throw new Error(`the text of ${marker}, which is there, is written anew`);
    },
  }));
  await source.comment(service, pull, unread);
  const stranger = github({ client: githubClient({ ...app, appId: 99 }) });
  await assert.rejects(stranger.findPull(service, refName("x")), {
    retryable: false,
    message: /^find the App's installation on acme\/shop: 404 /,
  });
});

test("an App that reads no issues asks for its pull requests alone, and asks GitHub once whether it may", async (t) => {
  const { shop, asked, source } = await appOf(t, {
    contents: "write",
    pull_requests: "write",
    statuses: "write",
  });
  const { pull } = await wholeStory(source, shop.shas[1]!);
  await source.comment(service, pull, notes);
  const ofIssues = asked().filter(({ permissions }) => permissions?.issues !== undefined);
  assert.deepEqual(ofIssues, []);
  assert.equal(
    asked().filter(({ permissions }) => Object.keys(permissions ?? {}).join() === "pull_requests").length,
    1,
  );
});

test("an App reads a team's members with the token of the organisation", async (t) => {
  const { shop, asked, source } = await appOf(t, undefined, { "acme/payments": ["ann"] });
  assert.equal(await source.isMember({ org: "acme", slug: "payments" }, "ann"), true);
  assert.equal(await source.isMember({ org: "acme", slug: "payments" }, "eve"), false);
  assert.deepEqual(asked(), [{ repositories: undefined, permissions: { members: "read" } }]);
  assert.equal(shop.sandbox.issued().length, 1);
});

test("a call that the table of permissions does not know gets no token", () => {
  const write = { contents: "write", pull_requests: "write" };
  const sets = (method: string, url: string, query?: string) => permissionsFor({ method, url, query });
  const repo = "/repos/{owner}/{repo}";
  assert.deepEqual(sets("PUT", `${repo}/pulls/{pull_number}/merge`), [write]);
  assert.deepEqual(sets("POST", "/graphql", "mutation ($input: X!) { x }"), [write]);
  assert.deepEqual(sets("POST", "/graphql", "query { mutation }").at(-1), code);
  assert.deepEqual(sets("GET", `${repo}/commits/{ref}/check-runs`), [{ checks: "read" }]);
  assert.deepEqual(sets("POST", `${repo}/issues`), [{ issues: "write" }]);
  assert.deepEqual(sets("GET", `${repo}/issues`), [{ issues: "read" }]);
  const unknown = [
    ["DELETE", repo],
    ["PATCH", repo],
    ["PUT", `${repo}/collaborators/{username}`],
    ["POST", `${repo}/keys`],
    ["PUT", `${repo}/contents/{path}`],
    ["PUT", `${repo}/branches/{branch}/protection`],
    ["POST", "/user/repos"],
    ["PUT", "/orgs/{org}/memberships/{username}"],
    ["POST", "/graphql"],
  ];
  for (const [method = "", url = ""] of unknown) assert.deepEqual(sets(method, url), [], `${method} ${url}`);
});
