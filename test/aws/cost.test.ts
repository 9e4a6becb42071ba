import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Load, monthOf, sumOf } from "../../infra/bench/cost/month.ts";
import { prices } from "../../infra/bench/cost/prices.ts";

const month: Load = { open: 1_000, questions: 0, incidents: 10_000, alerts: 1_000_000, edge: "http" };
const usd = (load: Partial<Load>) => sumOf(monthOf({ ...month, ...load }));

test("a month with 1,000 open incidents and a million alerts a day costs at most $500 on paper, whichever way in", () => {
  assert.ok(usd({}) <= 500, `$${usd({})}`);
  assert.ok(usd({ edge: "private" }) <= 500, `$${usd({ edge: "private" })}`);
  assert.ok(usd({ questions: 1_000 }) < usd({}));
});

test("each piece of work has its price: a look that is asked for more costs the reads, the event and the function", () => {
  const rows = (load: Partial<Load>) =>
    new Map(monthOf({ ...month, ...load }).map((row) => [`${row.service} ${row.unit}`, row]));
  const [less, more] = [rows({ open: 1_000 }), rows({ open: 2_000 })];
  const grown = (name: string) => more.get(name)!.count - less.get(name)!.count;
  const looks = 1_000 * 730 * 60;
  assert.equal(grown("EventBridge event"), looks);
  // A read of 24 KB, four registers, and the index entries of a tick.
  assert.equal(grown("DynamoDB read unit"), looks * 10 + 730 * 60 * 25);
  assert.equal(grown("DynamoDB write unit"), looks * 3);
  assert.equal(grown("HTTP API request"), 0);
});

test("every price says where it is from, and with which page of which day it was compared", () => {
  for (const [name, { usd, unit, source, compared }] of Object.entries(prices)) {
    assert.ok(usd > 0 && unit !== "" && /^https:\/\/aws\.amazon\.com\/.+\/pricing\//.test(source), name);
    assert.match(compared, /^.+, (.*\b20\d\d|no date|no date; .+: nowhere)$/, name);
  }
});

test("docs/aws.md tells the bills that the command reckons", () => {
  const text = readFileSync(join(import.meta.dirname, "../../docs/aws.md"), "utf8");
  const bills: [Partial<Load>, string][] = [
    [{}, "1,000 open incidents"],
    [{ edge: "private" }, "the same behind the load balancer"],
    [{ questions: 1_000 }, "1,000 open questions"],
    [{ open: 0, alerts: 329_000 }, "10,000 incidents and 10 million repeats"],
    [{ open: 0, incidents: 0, alerts: 0 }, "nothing at all"],
  ];
  for (const [load, name] of bills) {
    const row = text.split("\n").find((line) => line.startsWith(`| ${name}`)) ?? "no row";
    assert.equal(row.split(" | ").at(-1), `$${usd(load).toFixed(0)} |`, name);
  }
});
