import assert from "node:assert/strict";
import { test } from "node:test";
import { createCache } from "../../../shared/adapters/github/api/cache.ts";
import { conditional } from "../../../shared/adapters/github/api/etag.ts";
import { files } from "../../support/git.ts";
import { openShop, past, service } from "../../support/github-shop.ts";

const all = { since: 0, until: 2_000_000_000_000 };

test("what has not changed costs nothing of GitHub's limit, and what has is read anew", async (t) => {
  const { source, shas, push, sandbox } = await openShop(t);
  const used = async () => {
    const headers = { authorization: `token ${sandbox.token}` };
    const response = await fetch(`${sandbox.github}/repos/acme/shop`, { headers });
    return Number(response.headers.get("x-ratelimit-used"));
  };
  const first = await source.shas(service, all);
  const before = await used();
  assert.deepEqual(await source.shas(service, all), first);
  assert.equal((await used()) - before, 1);
  const statuses = sandbox
    .requests()
    .flatMap(({ path, status }) => (path.endsWith("/commits") ? status : []));
  assert.deepEqual(statuses, [200, 200, 304, 304]);
  const pushed = push(files({ ...Object.fromEntries(past[3]!), new: "file\n" }));
  assert.deepEqual(await source.shas(service, all), [pushed, ...shas.toReversed()]);
});

test("answers are kept up to a bound, the oldest go first, and a write is never conditional", async () => {
  const asked: string[] = [];
  const fetcher: typeof fetch = async (input, init) => {
    const tag = new Headers(init?.headers).get("if-none-match");
    asked.push(`${init?.method} ${String(input)} ${tag ?? "-"}`);
    if (tag !== null) return new Response(null, { status: 304 });
    return new Response("x".repeat(String(input).endsWith("big") ? 50 : 10), { headers: { etag: "E" } });
  };
  const get = conditional(fetcher, { all: 25, one: 20 });
  const bodies: number[] = [];
  for (const path of ["a", "b", "a", "c", "b", "big", "big"])
    bodies.push((await (await get(`http://x/${path}`, { method: "GET" })).text()).length);
  await get("http://x/c", { method: "POST" });
  assert.deepEqual(bodies, [10, 10, 10, 10, 10, 50, 50]);
  assert.deepEqual(asked, [
    ...["GET http://x/a -", "GET http://x/b -", "GET http://x/a E", "GET http://x/c -", "GET http://x/b -"],
    ...["GET http://x/big -", "GET http://x/big -", "POST http://x/c -"],
  ]);
});

test("memory holds what there is room for, always the latest, and nothing that failed", async () => {
  const memory = createCache<number>(3, { weigh: (value) => value, room: 10 });
  const read = (key: string, value: number) => memory.read(key, async () => value);
  const there = () => ["a", "b", "c", "d", "e"].filter(memory.has).join("");
  await read("a", 4);
  await read("b", 4);
  assert.equal(there(), "ab");
  await read("a", 0);
  await read("c", 5);
  assert.equal(there(), "ac");
  await read("d", 1);
  await read("e", 50);
  assert.equal(there(), "e");
  await assert.rejects(memory.read("a", async () => Promise.reject(new Error("no"))));
  assert.equal(there(), "");
});
