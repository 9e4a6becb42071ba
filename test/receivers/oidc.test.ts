import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Access } from "../../functions/login/access.ts";
import { oidcIssuer } from "../../shared/adapters/oidc/oidc.ts";
import { UpstreamError } from "../../shared/errors.ts";
import { serve } from "../support/answering.ts";
import { doors } from "../support/doors.ts";
import { client, signed, signedWithSecret, startIssuer, unsigned, type Wrongs } from "../support/issuer.ts";
import { burning, service, world } from "../support/world.ts";

const issuer = await startIssuer();
after(() => issuer[Symbol.asyncDispose]());

const incident = "/incidents/payment-gateway/production";
const key = "a-session-secret-of-32-characters";
const hour = 3_600_000;

const accessBy = (over: Partial<Access> = {}): Access => ({
  ...{ isOpen: false, tokens: [], session: { keys: [key], ms: 12 * hour } },
  issuer: oidcIssuer({
    ...{ issuer: issuer.url, clientId: client.id, clientSecret: client.secret },
    ...{ scopes: "openid email", groupsClaim: "groups", clock: Date.now },
  }),
  ...over,
});

/** A browser before the pages of one incident: it keeps its cookies. */
const browse = async (over: Partial<Access> = {}, visibleTo?: string[]) => {
  const made = world();
  await made.alerts([burning]);
  await made.settle();
  const at = doors(made, {
    access: accessBy(over),
    services: [service(visibleTo && { visibleTo })],
    config: { baseUrl: "http://localhost" },
  });
  const cookies = new Map<string, string>();
  const go = async (path: string, init: RequestInit = {}) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...(cookie !== "" && { cookie }), ...(init.headers as Record<string, string>) };
    const response = await at.app.request(path, { ...init, headers });
    for (const set of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (/Max-Age=0/.test(set)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  };
  const location = (response: Response) => response.headers.get("location") ?? "";
  /** Signs in at the issuer, and returns the answer to the way back. */
  const signIn = async (to = incident) => {
    const left = await go(`/sign-in/oidc?${new URLSearchParams({ to })}`);
    const back = new URL(await issuer.signIn(location(left)));
    return go(back.pathname + back.search);
  };
  return { ...at, cookies, go, location, signIn };
};

const withWrongs = async <T>(wrong: Wrongs, work: () => Promise<T>): Promise<T> => {
  issuer.state.wrong = wrong;
  try {
    return await work();
  } finally {
    issuer.state.wrong = {};
  }
};

test("a person follows the link in Slack, signs in at the issuer and lands on the incident, until the session ends", async () => {
  const at = await browse();
  const first = await at.go(incident);
  assert.deepEqual(
    [first.status, at.location(first)],
    [302, `/sign-in/oidc?${new URLSearchParams({ to: incident })}`],
  );
  const left = await at.go(at.location(first));
  const asked = new URL(at.location(left)).searchParams;
  assert.deepEqual([...asked.keys()].sort(), [
    ...["client_id", "code_challenge", "code_challenge_method", "nonce", "redirect_uri"],
    ...["response_type", "scope", "state"],
  ]);
  assert.deepEqual(
    ["redirect_uri", "response_type", "scope", "code_challenge_method"].map((name) => asked.get(name)),
    ["http://localhost/sign-in/callback", "code", "openid email", "S256"],
  );
  assert.match(
    left.headers.get("set-cookie") ?? "",
    /^countersteer_login=[^;]+; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/,
  );
  const back = new URL(await issuer.signIn(at.location(left)));
  const signed = await at.go(back.pathname + back.search);
  assert.deepEqual([signed.status, at.location(signed)], [302, incident]);
  assert.match(
    signed.headers.getSetCookie().at(-1) ?? "",
    /^countersteer_session=[^;]+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/,
  );
  assert.deepEqual([...at.cookies.keys()], ["countersteer_session"]);
  const page = await (await at.go(incident)).text();
  assert.match(page, /ann@acme.com<\/span> <button>Sign out/);
  at.made.state.now += 12 * hour;
  assert.equal((await at.go(incident)).status, 302);
});

test("over TLS the cookies are for this host alone", async () => {
  const at = await browse();
  const left = await at.go("/sign-in/oidc", { headers: { "x-forwarded-proto": "https" } });
  assert.match(left.headers.get("set-cookie") ?? "", /^__Host-countersteer_login=.*; Secure; SameSite=Lax$/);
});

test("an answer of the issuer that does not hold signs nobody in", async () => {
  const claims = (wrong: object): Wrongs => ({ claims: wrong as Record<string, unknown> });
  const now = Math.floor(Date.now() / 1000);
  const wrongs: Record<string, Wrongs> = {
    "another nonce": claims({ nonce: "another" }),
    "no nonce": claims({ nonce: undefined }),
    "for another client": claims({ aud: "another" }),
    "of another issuer": claims({ iss: "https://issuer.example" }),
    expired: claims({ exp: now - 3600, iat: now - 7200 }),
    "for another party": claims({ aud: [client.id, "another"], azp: "another" }),
    "without a subject": claims({ sub: undefined }),
    "signed by another key": { token: (told) => signed(told, issuer.otherKey, "k1") },
    "signed by a key it does not have": { token: (told) => signed(told, issuer.otherKey, "k9") },
    unsigned: { token: unsigned },
    "signed with the client's secret": { token: (told) => signedWithSecret(told, client.secret) },
    "no token": { token: () => "" },
    "another state": { back: { state: "another" } },
    "a code that was never given": { back: { code: "another" } },
    "another issuer on the way back": { back: { iss: "https://issuer.example" } },
    "a refusal": { back: { error: "access_denied", error_description: "<b>no</b>" } },
    "HTML instead of a token": { instead: { "/token": { body: "<html>" } } },
  };
  for (const [name, wrong] of Object.entries(wrongs)) {
    const at = await browse();
    const answer = await withWrongs(wrong, () => at.signIn());
    assert.equal(answer.status, 401, name);
    assert.deepEqual([...at.cookies.keys()], [], name);
    const text = await answer.text();
    assert.ok(text.includes("Not signed in") && !text.includes("<b>no"), name);
    assert.ok(at.lines.includes("sign-in refused"), name);
    assert.equal((await at.go(incident)).status, 302, name);
  }
});

test("only the browser that left comes back, once, and within ten minutes", async () => {
  const [one, other] = [await browse(), await browse()];
  const left = await one.go("/sign-in/oidc");
  const back = new URL(await issuer.signIn(one.location(left)));
  await other.go("/sign-in/oidc");
  // A captured way back, in a browser with another sign-in under way and in one without any.
  for (const stranger of [other, await browse()])
    assert.equal((await stranger.go(back.pathname + back.search)).status, 401);
  const late = await browse();
  const slow = await late.go("/sign-in/oidc");
  const slowBack = new URL(await issuer.signIn(late.location(slow)));
  late.made.state.now += 10 * 60_000;
  assert.equal((await late.go(slowBack.pathname + slowBack.search)).status, 401);
  assert.equal((await one.go(back.pathname + back.search)).status, 302);
  assert.equal((await one.go(back.pathname + back.search)).status, 401);
});

test("groups and verified addresses decide what is seen; names and addresses that nobody verified do not", async () => {
  const sees = async (person: Record<string, unknown>, visibleTo: string[], userinfo = {}) => {
    const usual = issuer.state.person;
    issuer.state.person = { sub: "00u1", ...person };
    issuer.state.userinfo = userinfo;
    const at = await browse({}, visibleTo);
    await at.signIn();
    issuer.state.person = usual;
    issuer.state.userinfo = {};
    return (await at.go(incident)).status;
  };
  const verified = { email: "ann@acme.com", email_verified: true };
  assert.equal(await sees({ groups: ["payments", "x"] }, ["payments"]), 200);
  assert.equal(await sees({ groups: "payments" }, ["payments"]), 200);
  assert.equal(await sees({}, ["payments"], { groups: ["payments"] }), 200);
  assert.equal(await sees(verified, ["*@acme.com"]), 200);
  assert.equal(await sees({}, ["*@acme.com"], verified), 200);
  assert.equal(await sees({ email: "ann@acme.com" }, ["*@acme.com"], verified), 200);
  for (const [person, visibleTo, userinfo] of [
    [{ email: "ann@acme.com" }, ["*@acme.com"], { email_verified: true }],
    [{ email: "ann@acme.com" }, ["*@acme.com"], { email: "ann@other.example", email_verified: true }],
    [{ email_verified: true }, ["*@acme.com"], { email: "ann@acme.com" }],
    [{ email_verified: true }, ["*@acme.com"], { email: "ann@acme.com", email_verified: false }],
    [{ email: "ann@acme.com", email_verified: false }, ["*@acme.com"], verified],
    [{ groups: ["search"] }, ["payments"]],
    [{ groups: "all" }, ["payments"]],
    [{ groups: { payments: true } }, ["payments"]],
    [{ email: "ann@acme.com" }, ["*@acme.com"]],
    [{ email: "ann@acme.com", email_verified: "true" }, ["ann@acme.com"]],
    [{ name: "payments", preferred_username: "ann@acme.com" }, ["payments", "ann@acme.com"]],
    [{ email: "ann@acme.com.evil.example", email_verified: true }, ["*@acme.com"]],
  ] as const)
    assert.equal(await sees(person, [...visibleTo], userinfo), 404, JSON.stringify([person, userinfo]));
});

test("a person in more groups than fit into a cookie is told so, and those that nobody names take no room", async () => {
  const groups = Array.from({ length: 100 }, (_, index) => `payments-production-readers-${index}`);
  const usual = issuer.state.person;
  issuer.state.person = { sub: "00u1", groups };
  const [few, all] = [await browse({}, ["payments-production-readers-7"]), await browse({}, groups)];
  const [fits, refused] = [await few.signIn(), await all.signIn()];
  issuer.state.person = usual;
  assert.deepEqual([fits.status, (await few.go(incident)).status], [302, 200]);
  assert.deepEqual([refused.status, [...all.cookies.keys()]], [401, []]);
  assert.match(
    await refused.text(),
    /you are in 100 groups that visibleTo names, more than fit into a cookie of 4096 bytes: name fewer of them there/,
  );
});

test("the cookie of a sign-in under way fits into a browser, however long the address was", async () => {
  const at = await browse();
  const left = await at.go(
    `/sign-in/oidc?${new URLSearchParams({ to: `/incidents?${"q=%25%25%25&".repeat(300)}q=1` })}`,
  );
  assert.ok((left.headers.get("set-cookie") ?? "").length <= 4096);
  const longest = `/incidents?q=${"%".repeat(80)}&${"q=%25&".repeat(115)}q=1`;
  const full = await at.go(`/sign-in/oidc?${new URLSearchParams({ to: longest })}`);
  assert.deepEqual([longest.length <= 800, full.headers.getSetCookie().length], [true, 1]);
});

test("a session is signed with the session's secret, the one before it counts too, and no other", async () => {
  const at = await browse();
  await at.signIn();
  const session = at.cookies.get("countersteer_session")!;
  const read = async (over: Partial<Access>, value = session) => {
    const other = await browse(over);
    other.cookies.set("countersteer_session", value);
    return (await other.go(incident)).status;
  };
  const next = "another-secret-of-32-characters!!";
  assert.equal(await read({ session: { keys: [next, key], ms: hour } }), 200);
  assert.equal(await read({ session: { keys: [next], ms: hour } }), 302);
  for (const index of [0, 20, 60]) {
    const changed = `${session.slice(0, index)}${session[index] === "A" ? "B" : "A"}${session.slice(index + 1)}`;
    assert.equal(await read({}, changed), 302, String(index));
  }
  // The cookie that is kept while a person is at the issuer is not a session.
  await at.go("/sign-in/oidc");
  assert.equal(await read({}, at.cookies.get("countersteer_login")!), 302);
});

test("signing out ends the session here, and links to the issuer's own sign-out", async () => {
  const at = await browse();
  await at.signIn();
  const foreign = await at.go("/sign-out", { method: "POST", headers: { origin: "https://evil.example" } });
  assert.deepEqual([foreign.status, at.cookies.size], [403, 1]);
  const out = await at.go("/sign-out", { method: "POST", headers: { origin: "http://localhost" } });
  assert.deepEqual([out.status, at.location(out), at.cookies.size], [303, "/sign-in?out", 0]);
  const page = await (await at.go("/sign-in?out")).text();
  const link = /href="([^"]*\/logout[^"]*)"/.exec(page)?.[1]?.replaceAll("&amp;", "&") ?? "";
  assert.deepEqual(
    [...new URL(link).searchParams],
    [
      ["client_id", client.id],
      ["post_logout_redirect_uri", "http://localhost/sign-in"],
    ],
  );
  assert.equal((await at.go(incident)).status, 302);
});

test("a signed-in person presses Retry; a program has the token, where there is one, and is not sent to the issuer", async () => {
  const at = await browse();
  const json = { accept: "application/json" };
  assert.deepEqual(await (await at.go(incident, { headers: json })).json(), {
    error: "the pages need a login: sign in with a browser; a program needs a bearer token, PAGES_TOKEN",
  });
  await at.signIn();
  const origin = { origin: "http://localhost" };
  assert.equal((await at.go(`${incident}/retry`, { method: "POST", headers: origin })).status, 303);
  assert.equal((await at.go(incident, { headers: json })).status, 200);
  const both = await browse({ tokens: ["pages-token"] });
  assert.equal((await both.go(incident, { headers: { authorization: "Bearer pages-token" } })).status, 200);
  const ways = await (await both.go(both.location(await both.go(incident)))).text();
  assert.ok(ways.includes("Sign in with 127.0.0.1") && ways.includes('name="token"'));
});

test("an issuer that is down, lies about itself, redirects or never ends signs nobody in, and the page says so", async () => {
  await using elsewhere = await serve(() => ({ body: "{}" }));
  const wrongs: Record<string, Wrongs> = {
    down: { instead: { "/.well-known/openid-configuration": { status: 503, body: "" } } },
    "another issuer": { description: { issuer: "https://issuer.example" } },
    "no address": { description: { authorization_endpoint: undefined } },
    redirects: {
      instead: {
        "/.well-known/openid-configuration": { status: 302, headers: { location: elsewhere.url }, body: "" },
      },
    },
    endless: { instead: { "/.well-known/openid-configuration": { body: `"${"x".repeat(600_000)}"` } } },
  };
  for (const [name, wrong] of Object.entries(wrongs)) {
    const at = await browse();
    const answer = await withWrongs(wrong, () => at.go("/sign-in/oidc"));
    assert.deepEqual([answer.status, at.cookies.size], [503, 0], name);
    assert.match(await answer.text(), /127\.0\.0\.1:\d+ cannot be reached now/, name);
  }
  assert.deepEqual(elsewhere.asked, []);
  const at = await browse();
  const broken = await withWrongs({ instead: { "/token": { status: 502, body: "" } } }, () => at.signIn());
  assert.equal(broken.status, 503);
  assert.equal((await at.signIn()).status, 302);
});

test("the issuer is asked who it is once an hour by all, and again after a failure", async () => {
  const described = () => issuer.asked.filter(({ path }) => path.startsWith("/.well-known")).length;
  const at = await browse();
  const before = described();
  for (let turn = 0; turn < 5; turn++) await at.go("/sign-in/oidc");
  assert.equal(described() - before, 1);
});

test("the way to the issuer and back stores nothing but refusals", async () => {
  const at = await browse();
  const writes: string[] = [];
  const { append, setRegister } = at.made.store;
  at.made.store.append = (...given) => {
    writes.push("append");
    return append(...given);
  };
  at.made.store.setRegister = (name, ...rest) => {
    writes.push(name);
    return setRegister(name, ...rest);
  };
  await at.signIn();
  assert.deepEqual(writes, []);
  await at.go("/sign-in/callback?code=1&state=2");
  assert.deepEqual(writes, ["left"]);
});

test("the client proves itself in the way that the issuer takes", async () => {
  const methods = { token_endpoint_auth_methods_supported: ["client_secret_post"] };
  const at = await browse();
  assert.equal((await withWrongs({ description: methods }, () => at.signIn())).status, 302);
  assert.equal(issuer.asked.at(-1)?.params.get("client_secret") ?? client.secret, client.secret);
  const stranger = oidcIssuer({
    ...{ issuer: issuer.url, clientId: client.id, clientSecret: "another" },
    ...{ scopes: "openid", groupsClaim: "groups", clock: Date.now },
  });
  assert.equal((await (await browse({ issuer: stranger })).signIn()).status, 401);
});

test("a link leads to a page of ours, wherever it says that the person came from", async () => {
  for (const to of [
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "/sign-out",
    "/incidents/../x",
  ]) {
    const at = await browse();
    assert.equal(at.location(await at.signIn(to)), "/incidents", to);
  }
});

test("without an issuer its addresses do not exist", async () => {
  const { issuer: _, session: __, ...none } = accessBy();
  const at = doors(world(), { access: { ...none, isOpen: true } });
  for (const path of ["/sign-in/oidc", "/sign-in/callback"])
    assert.equal((await at.app.request(path)).status, 404);
});

test("what the issuer's client sends never holds the secret in an address, and an error never repeats it", async () => {
  const addresses = issuer.asked.filter(({ path }) => path !== "/token");
  assert.ok(addresses.every(({ path, params }) => !`${path}${params}`.includes(client.secret)));
  const made = oidcIssuer({
    ...{ issuer: "http://127.0.0.1:1", clientId: client.id, clientSecret: client.secret },
    ...{ scopes: "openid", groupsClaim: "groups", clock: Date.now },
  });
  await assert.rejects(
    made.begin("http://localhost/sign-in/callback"),
    (error) =>
      error instanceof UpstreamError && error.system === "oidc" && !error.message.includes(client.secret),
  );
});
