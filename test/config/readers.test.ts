import assert from "node:assert/strict";
import { test } from "node:test";
import { checkSignIn, checkVisibility } from "../../infra/host/access/access.ts";
import { readSettings } from "../../infra/host/settings/settings.ts";
import { parseConfig } from "../../shared/config.ts";

const bindings = (remoteAddress: string) => ({ incoming: { socket: { remoteAddress } } });
const access = (env: Record<string, string>) => readSettings(env).access;

test("the pages are open on loopback, hidden beyond it, and open again where that is asked for", () => {
  const isOpen = (env: Record<string, string>) => access(env).isOpen;
  for (const HOST of ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
    assert.equal(isOpen({ HOST }), true, HOST);
  for (const HOST of ["0.0.0.0", "::", "10.0.0.1", "example.com"])
    assert.equal(isOpen({ HOST }), false, HOST);
  assert.equal(isOpen({ HOST: "0.0.0.0", PAGES_LOGIN: "none" }), true);
  assert.throws(() => access({ PAGES_LOGIN: "off" }), {
    message: "PAGES_LOGIN is off: leave it out, or give none",
  });
});

test("a proxy's header is believed from its addresses only, IPv4 within IPv6 too", () => {
  const { proxy } = access({
    PAGES_PROXY_HEADER: "X-User",
    PAGES_PROXY_ADDRESSES: "10.0.0.5, 10.1.0.0/16, fd00::/8",
  });
  for (const from of ["10.0.0.5", "::ffff:10.1.2.3", "fd12::1"])
    assert.equal(proxy?.isPeer?.(bindings(from)), true, from);
  for (const from of ["10.0.0.6", "10.2.0.1", "::1", "", "10.0.0.5.6"])
    assert.equal(proxy?.isPeer?.(bindings(from)), false, from);
  assert.equal(proxy?.isPeer?.(undefined), false);
});

test("a proxy whom everybody could play, and addresses that are none, stop the start with what to do", () => {
  assert.throws(() => access({ PAGES_PROXY_HEADER: "X-User" }), {
    message:
      "PAGES_PROXY_HEADER would be believed from everybody: set PAGES_PROXY_ADDRESSES, PAGES_PROXY_SECRET or both",
  });
  for (const list of [
    "10.0.0.0/33",
    "10.0.0",
    "proxy.internal",
    "10.0.0.1,,10.0.0.2",
    "::1/129",
    "1.2.3.4/8/8",
  ])
    assert.throws(() => access({ PAGES_PROXY_HEADER: "X-User", PAGES_PROXY_ADDRESSES: list }), {
      message: `PAGES_PROXY_ADDRESSES is ${list}: give IP addresses or networks, separated by commas`,
    });
  assert.throws(() => access({ PAGES_PROXY_HEADER: "X User" }), {
    message: "PAGES_PROXY_HEADER is X User: give the name of a header",
  });
});

test("readers that no login could tell apart stop the start", () => {
  const service = 'name: pay, match: [a="b"], repository: a/b, environments: [prod], channel: C0PAY';
  const parsed = parseConfig(`services: [{ ${service}, visibleTo: [payments] }]`);
  assert.ok("config" in parsed, JSON.stringify(parsed));
  assert.throws(() => checkVisibility(parsed.config, access({})), {
    message:
      "visibleTo of pay limits readers, and everybody who reaches this server reads everything: set a login of the pages, such as PAGES_OIDC_ISSUER",
  });
  checkVisibility(parsed.config, access({ PAGES_PROXY_HEADER: "X-User", PAGES_PROXY_SECRET: "s" }));
  checkVisibility(parsed.config, access({ PAGES_TOKEN: "t" }));
});

const oidc = {
  ...{ PAGES_OIDC_ISSUER: "https://acme.okta.com", PAGES_OIDC_CLIENT_ID: "cs" },
  PAGES_SESSION_SECRET: "s".repeat(32),
};

test("an issuer signs people in with an id, a secret for sessions and an address to come back to", () => {
  const { issuer, session } = access({
    ...oidc,
    PAGES_SESSION_SECRET_PREVIOUS: "p".repeat(32),
    PAGES_SESSION_HOURS: "2",
  });
  assert.deepEqual(
    [issuer?.name, session],
    ["acme.okta.com", { keys: ["s".repeat(32), "p".repeat(32)], ms: 7_200_000 }],
  );
  const settings = readSettings({ ...oidc, HOST: "0.0.0.0" });
  assert.throws(() => checkSignIn({ services: [] }, settings), {
    message:
      "PAGES_OIDC_ISSUER needs baseUrl in the configuration: the issuer sends people back to BASEURL/sign-in/callback",
  });
  checkSignIn({ services: [], baseUrl: "https://cs.acme.com" }, settings);
  checkSignIn({ services: [] }, readSettings(oidc));
});

test("a sign-in that is set up in part, or that others could forge, stops the start with what to do", () => {
  const both = "PAGES_OIDC_ISSUER and PAGES_OIDC_CLIENT_ID must both be set, or neither";
  const faults: [Record<string, string>, RegExp][] = [
    [{ ...oidc, PAGES_OIDC_CLIENT_ID: "" }, new RegExp(both)],
    [{ PAGES_OIDC_CLIENT_ID: "cs" }, new RegExp(both)],
    [{ PAGES_OIDC_CLIENT_SECRET: "x" }, new RegExp(both)],
    [{ ...oidc, PAGES_SESSION_SECRET: "" }, /needs PAGES_SESSION_SECRET, of 32 characters at least/],
    [{ ...oidc, PAGES_SESSION_SECRET: "short" }, /needs PAGES_SESSION_SECRET, of 32 characters at least/],
    [{ ...oidc, PAGES_SESSION_SECRET_PREVIOUS: "p".repeat(31) }, /_PREVIOUS needs 32 characters at least/],
    [{ ...oidc, PAGES_TOKEN: "s".repeat(32) }, /PAGES_SESSION_SECRET is PAGES_TOKEN/],
    [{ ...oidc, PAGES_OIDC_ISSUER: "http://issuer.acme.com" }, /must begin with https:/],
    [{ ...oidc, PAGES_OIDC_ISSUER: "acme.okta.com" }, /is not an http or https address/],
    [{ ...oidc, PAGES_OIDC_SCOPES: "email" }, /PAGES_OIDC_SCOPES is email: openid must be among the scopes/],
    [{ ...oidc, PAGES_SESSION_HOURS: "0" }, /PAGES_SESSION_HOURS is 0: give a number of hours from 1 to 168/],
  ];
  for (const [env, message] of faults) assert.throws(() => access(env), { message });
  for (const issuer of ["http://localhost:9", "http://127.0.0.1:9", "http://[::1]:9"])
    access({ ...oidc, PAGES_OIDC_ISSUER: issuer });
});

test("a load balancer that signs people in is given whole, and its keys come over TLS", () => {
  const alb = {
    PAGES_ALB_ARN: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/ops/50dc",
    ...{ PAGES_ALB_ISSUER: "https://acme.okta.com", PAGES_ALB_CLIENT_ID: "cs" },
  };
  assert.ok(access(alb).balancer);
  assert.equal(access({}).balancer, undefined);
  const faults: [Record<string, string>, RegExp][] = [
    [{ ...alb, PAGES_ALB_CLIENT_ID: "" }, /must all be set, or none of them/],
    [{ ...alb, PAGES_ALB_ISSUER: "" }, /must all be set, or none of them/],
    [{ PAGES_ALB_KEYS_URL: "https://keys.example" }, /must all be set, or none of them/],
    [{ ...alb, PAGES_ALB_KEYS_URL: "http://keys.example" }, /must begin with https:/],
    [
      { ...alb, PAGES_ALB_ARN: "arn:aws:sns:eu-central-1:123456789012:ops" },
      /give the ARN of an Application/,
    ],
  ];
  for (const [env, message] of faults) assert.throws(() => access(env), { message });
});
