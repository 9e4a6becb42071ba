import assert from "node:assert/strict";
import { test } from "node:test";
import { pageOf, shared } from "../../functions/pages/paging.ts";
import { createQueue } from "../../infra/local/queue.ts";

const take = (
  queue: ReturnType<typeof createQueue>,
  looking: string[],
  count: number,
): (string | undefined)[] => {
  const now = new Set(looking);
  return Array.from({ length: count }, () => {
    const id = queue.next(now);
    if (id !== undefined) now.add(id);
    return id;
  });
};

test("a service with many incidents takes its turn with the others", () => {
  const queue = createQueue({ lanes: 4, reserve: 0 });
  for (const id of ["storm/a", "storm/b", "storm/c", "storm/d", "real/a"]) queue.add(id);
  assert.deepEqual(take(queue, [], 4), ["storm/a", "real/a", "storm/b", "storm/c"]);
  queue.add("storm/a");
  queue.add("calm/a");
  assert.deepEqual(take(queue, [], 2), ["calm/a", "storm/d"]);
});

test("the last lanes are for loops under way, which may take the others too", () => {
  const queue = createQueue({ lanes: 3, reserve: 1 });
  for (const id of ["a/p", "b/p", "c/p", "d/p"]) queue.add(id);
  queue.known("d/p", true);
  assert.deepEqual(take(queue, [], 4), ["a/p", "b/p", "d/p", undefined]);
  queue.known("d/p", false);
  queue.add("d/p");
  assert.deepEqual(take(queue, ["x/p", "y/p"], 1), [undefined]);
  assert.deepEqual(take(queue, ["x/p"], 1), ["c/p"]);
});

test("an incident that is looked at waits until that look is over", () => {
  const queue = createQueue({ lanes: 4, reserve: 0 });
  queue.add("a/p");
  assert.deepEqual(take(queue, ["a/p"], 1), [undefined]);
  assert.deepEqual(take(queue, [], 2), ["a/p", undefined]);
});

test("a list has pages, and what is not a page is the first or the last", () => {
  const all = Array.from({ length: 120 }, (_, index) => index);
  assert.deepEqual(pageOf(all, undefined).next, 2);
  assert.deepEqual(pageOf(all, "3"), { page: 3, items: all.slice(100) });
  assert.deepEqual(
    ["0", "-1", "x", "1.5", "9"].map((text) => pageOf(all, text).page),
    [1, 1, 1, 1, 3],
  );
  assert.deepEqual(pageOf([], undefined), { page: 1, items: [] });
});

test("readers at the same time and within a second share the work, and later ones do it anew", async () => {
  let [worked, now] = [0, 0];
  const share = shared<number>(() => now);
  const work = async () => ++worked;
  assert.deepEqual(await Promise.all([share("a", work), share("a", work), share("b", work)]), [1, 1, 2]);
  now = 999;
  assert.equal(await share("a", work), 1);
  now = 1_000;
  assert.equal(await share("a", work), 3);
  await assert.rejects(share("c", () => Promise.reject(new Error("no"))));
  assert.equal(await share("c", work), 4);
});
