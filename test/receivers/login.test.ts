import assert from "node:assert/strict";
import { test } from "node:test";
import type { Access } from "../../functions/login/access.ts";
import { placeOf } from "../../functions/login/place.ts";
import { parseMatcher } from "../../shared/policy/match.ts";
import { doors } from "../support/doors.ts";
import { webhook } from "../support/payloads.ts";
import { burning, service, world } from "../support/world.ts";

const incident = "/incidents/payment-gateway/production";
const json = { accept: "application/json" };
const withToken: Access = { isOpen: true, tokens: ["pages-token"] };

const asked = async (access: Access, config: { baseUrl?: string } = {}) => {
  const made = world();
  await made.alerts([burning]);
  await made.settle();
  const at = doors(made, { access, config });
  const get = (path: string, headers: Record<string, string> = {}) =>
    Promise.resolve(at.app.request(path, { headers }));
  return { ...at, get };
};
type Asked = Awaited<ReturnType<typeof asked>>;

const signIn = ({ app }: Asked, token: string, headers: Record<string, string> = {}, to = incident) =>
  Promise.resolve(
    app.request("/sign-in", {
      method: "POST",
      body: new URLSearchParams({ token, to }),
      headers: { origin: "http://localhost", ...headers },
    }),
  );
/** The cookie that a browser sends from now on. */
const cookieOf = (response: Response): string =>
  (response.headers.get("set-cookie") ?? "").split(";")[0] ?? "";

test("without the token nothing of an incident is told, neither as a page nor as JSON", async () => {
  const at = await asked(withToken);
  for (const path of ["/incidents", incident, `${incident}/2`, "/incidents/never/was"]) {
    const refused = await at.get(path, json);
    assert.deepEqual([refused.status, refused.headers.get("www-authenticate")], [401, "Bearer"], path);
    assert.deepEqual(await refused.json(), {
      error: "the pages need a login: give the token of this server as a bearer token",
    });
    const page = await at.get(path);
    assert.deepEqual(
      [page.status, page.headers.get("location"), await page.text()],
      [302, `/sign-in?${new URLSearchParams({ to: path })}`, ""],
    );
  }
  assert.equal((await at.get(incident, { authorization: "Bearer pages-toke" })).status, 401);
});

test("a program reads with the token as a bearer token, also with the one before it", async () => {
  const at = await asked({ ...withToken, tokens: ["pages-token", "former-token"] });
  for (const token of ["pages-token", "former-token"]) {
    const response = await at.get(incident, { ...json, authorization: `Bearer ${token}` });
    assert.equal(((await response.json()) as { status: string }).status, "proposed");
  }
  assert.equal((await at.get("/healthz")).status, 200);
  assert.equal((await at.get("/readyz")).status, 200);
});

test("a person signs in and is back at the incident that the link in Slack named, until the session ends", async () => {
  const at = await asked(withToken);
  const away = (await at.get(incident)).headers.get("location") ?? "";
  assert.match(await (await at.get(away)).text(), new RegExp(`name="to" value="${incident}"`));
  const signed = await signIn(at, "pages-token");
  assert.deepEqual([signed.status, signed.headers.get("location")], [303, incident]);
  assert.match(
    signed.headers.get("set-cookie") ?? "",
    /^countersteer_session=[^;]+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/,
  );
  const cookie = cookieOf(signed);
  const page = await (await at.get(incident, { cookie })).text();
  assert.match(page, /payment-gateway/);
  assert.match(page, /<form class="session" method="post" action="\/sign-out">/);
  at.made.state.now += 12 * 3_600_000;
  assert.equal((await at.get(incident, { cookie })).status, 302);
});

test("a wrong token starts no session", async () => {
  const at = await asked(withToken);
  for (const token of ["", "pages-toke", "pages-token2"]) {
    const refused = await signIn(at, token);
    assert.deepEqual([refused.status, refused.headers.get("set-cookie")], [401, null], token);
    assert.match(await refused.text(), /That is not the token of this server\./);
  }
});

test("a cookie that was changed, is another's or was signed with a token that no longer counts is nobody's", async () => {
  const at = await asked(withToken);
  const cookie = cookieOf(await signIn(at, "pages-token"));
  const other = await asked({ isOpen: true, tokens: ["another-token"] });
  const forged = [
    cookieOf(await signIn(other, "another-token")),
    cookie.replace("session", "sessiom"),
    `${cookie.slice(0, 40)}x${cookie.slice(41)}`,
    "countersteer_session=%7B%22kind%22%3A%22session%22%7D",
    "countersteer_session=",
  ];
  for (const one of forged) assert.equal((await at.get(incident, { cookie: one })).status, 302, one);
  const rotated = doors(at.made, { access: { isOpen: true, tokens: ["new-token", "pages-token"] } });
  assert.equal((await rotated.app.request(incident, { headers: { cookie } })).status, 200);
});

const proxy: Access = {
  ...{ isOpen: false, tokens: ["pages-token"] },
  proxy: {
    ...{ header: "X-Forwarded-Email", groupsHeader: "X-Forwarded-Groups", secret: "proxy-secret" },
    isPeer: (bindings) => (bindings as { peer?: string } | undefined)?.peer === "10.0.0.5",
  },
};
const through = { "x-countersteer-proxy-secret": "proxy-secret", "x-forwarded-email": "ann@acme.com" };

/** Incidents of two services, one of which is shown to its group only. */
const twoTeams = async () => {
  const search = service({
    name: "search",
    visibleTo: ["search"],
    match: [parseMatcher('service="search"')!],
  });
  const made = world({
    configured: service({ visibleTo: ["payments", "*@board.example"] }),
    others: [search],
  });
  const at = doors(made, { access: proxy });
  await at.notify(webhook([{}, { fingerprint: "f2", labels: { service: "search" } }]));
  const get = async (path: string, headers: Record<string, string>, peer = "10.0.0.5") => {
    const response = await at.app.request(path, { headers: { ...json, ...headers } }, { peer });
    return {
      status: response.status,
      body: (await response.json()) as { incidents?: { id: string }[]; error?: string },
    };
  };
  return { ...at, get };
};

test("a proxy names who reads, and nobody else does", async () => {
  const { get } = await twoTeams();
  const payments = { ...through, "x-forwarded-groups": "staff, payments" };
  assert.equal((await get(incident, payments)).status, 200);
  assert.equal((await get(incident, payments, "10.0.0.6")).status, 401);
  const { "x-countersteer-proxy-secret": _, ...unproven } = payments;
  assert.equal((await get(incident, unproven)).status, 401);
  assert.equal(
    (await get(incident, { ...payments, "x-countersteer-proxy-secret": "proxy-secre" })).status,
    401,
  );
  assert.equal(
    (await get(incident, { ...payments, "x-forwarded-email": "ann@acme.com, bob@acme.com" })).status,
    401,
  );
  assert.equal((await get(incident, { ...payments, "x-forwarded-email": " " })).status, 401);
});

test("another team's incident is not found, and not in the list, which readers of other groups do not share", async () => {
  const { get } = await twoTeams();
  const ids = async (headers: Record<string, string>) =>
    (await get("/incidents", headers)).body.incidents?.map(({ id }) => id).sort();
  const search = { ...through, "x-forwarded-groups": "search" };
  assert.deepEqual(await ids({ ...through, "x-forwarded-groups": "payments" }), [
    "payment-gateway/production",
  ]);
  assert.deepEqual(await ids(search), ["search/production"]);
  assert.deepEqual(await ids(through), []);
  assert.deepEqual(await ids({ ...through, "x-forwarded-email": "cy@board.example" }), [
    "payment-gateway/production",
  ]);
  assert.deepEqual(await ids({ authorization: "Bearer pages-token" }), [
    "payment-gateway/production",
    "search/production",
  ]);
  for (const path of [incident, "/incidents/never/was"])
    assert.deepEqual(await get(path, search), {
      status: 404,
      body: { error: `there was never an incident of ${path.slice("/incidents/".length)}` },
    });
});

test("nobody is signed in or out by a page of another site", async () => {
  const at = await asked(withToken);
  for (const origin of [
    "https://evil.example",
    "null",
    "http://localhost:81",
    "http://localhost.evil.example",
  ]) {
    const refused = await signIn(at, "pages-token", { origin });
    assert.deepEqual([refused.status, refused.headers.get("set-cookie")], [403, null], origin);
  }
  const out = (headers: Record<string, string>) => at.app.request("/sign-out", { method: "POST", headers });
  assert.equal((await out({})).status, 403);
  assert.equal((await out({ "sec-fetch-site": "cross-site" })).status, 403);
  const left = await out({ "sec-fetch-site": "same-origin" });
  assert.deepEqual([left.status, left.headers.get("location")], [303, "/sign-in?out"]);
  assert.match(left.headers.get("set-cookie") ?? "", /^countersteer_session=; Max-Age=0; Path=\//);
});

test("with TLS the session's cookie goes over TLS only, and no other host of the domain can set it", async () => {
  const at = await asked(withToken, { baseUrl: "https://ops.example.com" });
  const headers = { host: "ops.example.com", origin: "https://ops.example.com" };
  const signed = await signIn(at, "pages-token", headers);
  assert.match(
    signed.headers.get("set-cookie") ?? "",
    /^__Host-countersteer_session=.*; HttpOnly; Secure; SameSite=Lax$/,
  );
  const cookie = cookieOf(signed);
  assert.equal((await at.get(incident, { cookie, host: "ops.example.com" })).status, 200);
  const plain = cookie.replace("__Host-", "");
  assert.equal((await at.get(incident, { cookie: plain, host: "ops.example.com" })).status, 302);
});

test("a name that a foreign site may have pointed here is refused; internal names, addresses and baseUrl are not", async () => {
  const at = await asked({ isOpen: true, tokens: [] }, { baseUrl: "https://ops.example.com" });
  const status = async (host: string) => (await at.get(incident, { host })).status;
  const known = [
    "localhost:8080",
    "127.0.0.1:8080",
    "[::1]:8080",
    "10.1.2.3",
    "countersteer:8080",
    "ops.example.com",
  ];
  known.push(
    "OPS.example.com:443",
    "countersteer.monitoring.svc:8080",
    "cs.monitoring.svc.cluster.local",
    "cs.corp.internal",
  );
  for (const host of known) assert.equal(await status(host), 200, host);
  const foreign = [
    "evil.example",
    "ops.example.com.evil.example",
    "127.0.0.1.evil.example",
    "svc.evil.example:8080",
  ];
  for (const host of foreign) assert.equal(await status(host), 421, host);
  for (const host of ["a b", "user@localhost", "localhost/x", "ops.example.com:"])
    assert.equal(await status(host), 400, host);
});

test("a server that others reach shows nothing without a login, says so, and takes alerts all the same", async () => {
  const at = await asked({ isOpen: false, tokens: [] });
  const refused = await at.get(incident, json);
  assert.equal(refused.status, 403);
  assert.match(
    ((await refused.json()) as { error: string }).error,
    /set PAGES_TOKEN, PAGES_OIDC_ISSUER or PAGES_PROXY_HEADER, or PAGES_LOGIN=none/,
  );
  const page = await at.get("/incidents");
  assert.equal(page.status, 403);
  assert.doesNotMatch(await page.text(), /payment-gateway/);
  assert.equal((await at.notify({ version: "4", alerts: [] })).status, 202);
});

test("not even the operator's token acts from a page of another site, by a foreign name or by a GET", async () => {
  const at = await asked(withToken);
  const operate = (path: string, headers: Record<string, string>, method = "POST") =>
    at.app.request(path, {
      ...{ method, headers: { authorization: "Bearer operator-token", ...headers } },
      ...(method === "POST" && { body: JSON.stringify({ why: "a drill" }) }),
    });
  for (const path of ["/stop", "/start", `${incident}/retry`]) {
    assert.equal((await operate(path, { origin: "https://evil.example" })).status, 403, path);
    assert.equal((await operate(path, { host: "evil.example" })).status, 421, path);
    assert.notEqual((await operate(path, {}, "GET")).status, 200, path);
  }
  assert.deepEqual(await at.made.store.register("switch"), { version: 0 });
  assert.equal((await operate("/stop", { host: "countersteer:8080" })).status, 200);
});

test("after signing in nobody is led away from the pages", () => {
  for (const to of ["/incidents", "/incidents/a/b", "/incidents/a.b-c_d/e/2", "/incidents?page=3"])
    assert.equal(placeOf(to), to);
  for (const to of [
    undefined,
    "",
    "//evil.example",
    "https://evil.example",
    "/\\evil.example",
    "/incidents/../stop",
    "/incidents//evil.example",
    "/incidents\n",
    "/stop",
    "javascript:alert(1)",
    "/incidents?page=1&x=2",
  ])
    assert.equal(placeOf(to), "/incidents", to);
});
