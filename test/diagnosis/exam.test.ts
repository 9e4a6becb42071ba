import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { written } from "./exam/make.ts";
import { marks } from "./exam/score.ts";

const halves = (["A", "B"] as const).map((half) => ({ half, all: marks(half) }));

for (const { half, all } of halves) {
  test(`at least half of the incidents made by another hand are told right, in half ${half}`, () => {
    const right = all.filter((one) => one.right);
    assert.ok(right.length >= all.length / 2, `${right.length} of ${all.length}`);
  });

  test(`an innocent commit gets .7 or more in at most one of twenty of them, in half ${half}`, () => {
    const convicted = all.filter((one) => one.convicted);
    assert.ok(convicted.length <= all.length / 20, `${convicted.length} of ${all.length}`);
  });
}

test("half B holds stories that half A has not", () => {
  const [a, b] = halves.map(({ all }) => new Set(all.map(({ story }) => story)));
  assert.deepEqual([...b!.difference(a!)].sort(), [
    ...["big_header", "body_limit", "jwks_cached", "keepalive", "manual_ops", "min_replicas"],
    ...["one_tenant", "poll_batch", "regex_cpu", "scraper", "service_port", "zone_network"],
  ]);
});

test("the exam stays the one that was written: its seeds give the same cases", () => {
  const hash = createHash("sha256");
  for (const half of ["A", "B"] as const)
    for (let number = 0; number < 10; number++) hash.update(JSON.stringify(written(half, number)));
  assert.equal(hash.digest("hex"), "81313c05442453148cd23dd01329ed90680443acfe947bad7bc5b4316771a6a9");
});
