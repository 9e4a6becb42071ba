import assert from "node:assert/strict";
import { test } from "node:test";
import { checkVisibility } from "../../infra/host/access.ts";
import { readSettings } from "../../infra/host/settings.ts";
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
      "visibleTo of pay limits readers, and everybody who reaches this server reads everything: set a login of the pages, such as PAGES_PROXY_HEADER",
  });
  checkVisibility(parsed.config, access({ PAGES_PROXY_HEADER: "X-User", PAGES_PROXY_SECRET: "s" }));
  checkVisibility(parsed.config, access({ PAGES_TOKEN: "t" }));
});
