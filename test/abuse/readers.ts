import assert from "node:assert/strict";
import { parseMatcher } from "../../shared/policy/match.ts";
import type { Issuer } from "../../shared/ports/issuer.ts";
import { doors } from "../support/doors.ts";
import { webhook } from "../support/payloads.ts";
import { service, world } from "../support/world.ts";

const search = service({ name: "search", visibleTo: ["search"], match: [parseMatcher('service="search"')!] });

/** A member of `payments`, signed in by a proxy, reads another team's incident by every address that tells of it. */
export const anotherTeam = async (): Promise<void> => {
  const access = {
    isOpen: false,
    tokens: [],
    proxy: { header: "x-user", groupsHeader: "x-groups", secret: "s" },
  };
  const { app, notify } = doors(
    world({ configured: service({ visibleTo: ["payments"] }), others: [search] }),
    { access },
  );
  await notify(webhook([{}, { fingerprint: "f2", labels: { service: "search" } }]));
  const headers = { "x-countersteer-proxy-secret": "s", "x-user": "ann", "x-groups": "payments" };
  for (const accept of ["application/json", "text/html"]) {
    const get = (path: string) => app.request(path, { headers: { ...headers, accept } });
    assert.match(await (await get("/incidents")).text(), /payment-gateway/);
    for (const path of ["/incidents", "/incidents?page=2"])
      assert.doesNotMatch(await (await get(path)).text(), /search/, path);
    const there = await get("/incidents/search/production");
    const nowhere = await get("/incidents/sorrow/production");
    assert.deepEqual([there.status, nowhere.status], [404, 404]);
    assert.equal((await there.text()).replaceAll("search", "sorrow"), await nowhere.text());
  }
};

/** A page of another site, or a name that it points here, tries what acts and what tells. */
export const foreignPages = async (): Promise<void> => {
  const { app, made } = doors(undefined, { access: { isOpen: true, tokens: [] } });
  const ask = (path: string, method: string, headers: Record<string, string>) =>
    app.request(path, { method, headers, ...(method === "POST" && { body: '{"why":"a drill"}' }) });
  const operator = { authorization: "Bearer operator-token" };
  const acting = ["/stop", "/start", "/incidents/payment-gateway/production/retry", "/sign-in", "/sign-out"];
  for (const path of acting) {
    assert.equal(
      (await ask(path, "POST", { ...operator, origin: "https://evil.example" })).status,
      403,
      path,
    );
    assert.equal((await ask(path, "POST", { ...operator, host: "evil.example" })).status, 421, path);
    if (path !== "/sign-in") assert.equal((await ask(path, "GET", operator)).status, 404, path);
  }
  for (const path of ["/incidents", "/incidents/payment-gateway/production", "/sign-in"])
    assert.equal((await ask(path, "GET", { host: "evil.example" })).status, 421, path);
  assert.equal((await ask("/stop", "POST", {})).status, 401);
  assert.deepEqual(await made.store.register("switch"), { version: 0 });
};

/** Headers that a proxy may set, from somebody who is none: no address of a sign-in, no reader and no origin follows them. */
export const forwardedNames = async (): Promise<void> => {
  const began: string[] = [];
  const issuer: Issuer = {
    name: "issuer",
    async begin(redirectUri) {
      began.push(redirectUri);
      return { state: "s", nonce: "n", verifier: "v", url: "https://issuer.example/authorize" };
    },
    finish: async () => ({ refused: "nobody" }),
    signOut: async () => undefined,
  };
  const session = { keys: ["a-session-secret-of-32-characters"], ms: 1000 };
  const { app } = doors(undefined, {
    access: { isOpen: false, tokens: [], issuer, session },
    config: { baseUrl: "https://cs.acme.com" },
  });
  const forged = {
    ...{ "x-forwarded-host": "evil.example", forwarded: "host=evil.example;proto=http", host: "cs.acme.com" },
    ...{ "x-original-url": "/incidents", "x-rewrite-url": "/incidents", "x-forwarded-user": "ann" },
    ...{ "x-forwarded-email": "ann@acme.com", "x-forwarded-for": "127.0.0.1", "x-real-ip": "127.0.0.1" },
  };
  for (const path of ["/incidents", "/left-alone", "/incidents/payment-gateway/production"]) {
    const away = await app.request(path, { headers: forged });
    assert.deepEqual(
      [away.status, away.headers.get("location")],
      [302, `/sign-in/oidc?${new URLSearchParams({ to: path })}`],
    );
  }
  await app.request("/sign-in/oidc", { headers: forged });
  assert.deepEqual(began, ["https://cs.acme.com/sign-in/callback"]);
  const origin = "https://evil.example";
  const posted = await app.request("/sign-out", { method: "POST", headers: { ...forged, origin } });
  assert.equal(posted.status, 403);
};
