import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMatcher, type Selector, selector } from "../../shared/policy/match.ts";

const select = <S extends Selector>(services: S[], alert: { labels: Record<string, string> }) =>
  selector(services)(alert);
const holds = (matcher: string, value: string) => parseMatcher(matcher)?.matches(value);
const service = (name: string, matchers: string[], environments = ["production"]) => ({
  name,
  match: matchers.map((one) => parseMatcher(one)!),
  environments,
  environmentLabel: "environment",
});

test("matchers are Alertmanager's: equality, inequality, anchored expressions and their negation", () => {
  assert.equal(holds('service="checkout"', "checkout"), true);
  assert.equal(holds("service=checkout", "checkout"), true);
  assert.equal(holds('service!="checkout"', "search"), true);
  assert.equal(holds('service=~"check.*"', "checkout"), true);
  assert.equal(holds('service=~"check"', "checkout"), false);
  assert.equal(holds('service!~"a|b"', "c"), true);
  assert.equal(holds('team="a \\"b\\""', 'a "b"'), true);
});

test("expressions mean what they mean in Alertmanager: RE2, over the whole value", () => {
  assert.equal(holds('service=~"(?i)CHECKOUT"', "checkout"), true);
  assert.equal(holds('shard=~"s[[:digit:]]+"', "s42"), true);
  assert.equal(holds('shard=~"s\\d+"', "s42"), true);
  assert.equal(holds('text=~"a.b"', "a\nb"), true);
  assert.equal(holds('host=~"web\\.example"', "web-example"), false);
  assert.equal(holds('host=~"web\\\\.example"', "web.example"), true);
  assert.equal(parseMatcher('service=~"(?=look)ahead"'), undefined);
  assert.equal(parseMatcher('service=~"(a)\\1"'), undefined);
});

test("an expression that backtracks in other engines ends at once, whatever the value", () => {
  assert.equal(holds('service=~"(a+)+"', `${"a".repeat(20_000)}b`), false);
  assert.equal(holds('service=~"(a|a)*(b|b)*"', `${"a".repeat(20_000)}c`), false);
});

test("a label's name may hold any character when it is quoted", () => {
  assert.deepEqual(parseMatcher('"http.method"="GET"')?.label, "http.method");
  assert.equal(holds('"größe"!="klein"', "groß"), true);
  assert.equal(holds('text="one\\ntwo"', "one\ntwo"), true);
  assert.equal(parseMatcher('""="x"'), undefined);
});

test("what is no matcher is none", () => {
  for (const text of ["", "service", "service==x", 'service=~"("', "1x=y", 'a="b" c'])
    assert.equal(parseMatcher(text), undefined, text);
});

test("the first service whose matchers all hold takes the alert", () => {
  const services = [service("a", ['team="x"', 'service="s"']), service("b", ['service="s"'])];
  const found = select(services, { labels: { service: "s" } });
  assert.equal("service" in found && found.service.name, "b");
  assert.deepEqual(select(services, { labels: { service: "t" } }), { left: "unknown_service" });
});

test("the alert's label chooses among the service's environments, and only among them", () => {
  const two = [service("a", ['service="s"'], ["production", "staging"])];
  const chosen = (labels: Record<string, string>) => {
    const found = select(two, { labels: { service: "s", ...labels } });
    return "left" in found ? found.left : found.environment;
  };
  assert.equal(chosen({ environment: "staging" }), "staging");
  assert.equal(chosen({ environment: "moon" }), "unknown_environment");
  assert.equal(chosen({}), "unknown_environment");
  const one = select([service("a", ['service="s"'])], { labels: { service: "s" } });
  assert.equal("environment" in one && one.environment, "production");
});

test("however services are found, the first in the file that matches takes the alert", () => {
  const matchers = ['service="s"', 'service="t"', 'team="x"', 'service=~".*"', 'service!="s"', 'severity=""'];
  const values = ["s", "t", "u", ""];
  for (let seed = 0; seed < 400; seed++) {
    const pick = (n: number, of: number) => Math.floor(Math.abs(Math.sin(seed * 97 + n * 31)) * of);
    const services = Array.from({ length: 5 }, (_, n) =>
      service(String(n), [matchers[pick(n, 6)]!, matchers[pick(n + 7, 6)]!]),
    );
    const labels = { service: values[pick(20, 4)]!, team: pick(21, 2) === 0 ? "x" : "y" };
    const byHand = services.find(({ match }) =>
      match.every(({ label, matches }) => matches((labels as Record<string, string>)[label] ?? "")),
    );
    const found = select(services, { labels });
    assert.equal("service" in found ? found.service.name : undefined, byHand?.name);
  }
});
