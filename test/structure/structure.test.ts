import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { breachesOf, factsOf, roomOf } from "./check.ts";
import { known } from "./known.ts";
import { packagesReached } from "./reach.ts";
import { rooms } from "./rules.ts";
import { readSources } from "./syntax.ts";

const root = join(import.meta.dirname, "../..");
const paths = globSync(["functions/**/*.ts", "shared/**/*.ts", "infra/**/*.ts"], { cwd: root }).sort();
const texts = new Map(paths.map((path) => [path, readFileSync(join(root, path), "utf8")]));
const facts = readSources(texts, factsOf);

test("every import goes one way, none in a circle, and only hosts reach the world", () => {
  assert.deepEqual(breachesOf(facts), known);
});

test("receivers and steps load no client of an outside system, not even through what they import", () => {
  assert.deepEqual(packagesReached(facts, "functions"), [
    "@opentelemetry/api",
    "@prometheus-io/lezer-promql",
    "hono",
    "hono/cookie",
    "hono/html",
    "hono/route",
    "node:crypto",
    "node:zlib",
    "re2js",
    "yaml",
    "zod",
  ]);
});

test("a room sees only rooms above it in the list", () => {
  const above = (index: number) => new Set(rooms.slice(0, index).map(({ room }) => room));
  const upward = rooms.flatMap(({ room, sees, types = [] }, index) =>
    [...sees, ...types]
      .filter((seen) => seen !== "shared" && !above(index).has(roomOf(seen)?.room ?? seen))
      .map((seen) => `${room} sees ${seen}`),
  );
  assert.deepEqual(upward, []);
});

test("every room has files", () => {
  const used = new Set(paths.map((path) => roomOf(path)?.room));
  assert.deepEqual(
    rooms.map(({ room }) => room).filter((room) => !used.has(room)),
    [],
  );
});

test("every file that a file names beside it is there", () => {
  const missing = [...facts].flatMap(([path, { imports }]) =>
    imports
      .filter(({ kind, to }) => kind === "url" && !existsSync(join(root, to)))
      .map(({ to }) => `${path} names ${to}`),
  );
  assert.deepEqual(missing, []);
});

test("outside the sandbox and the demo at most 60 casts and 120 non-null assertions claim a type", () => {
  const counted = [...facts]
    .filter(([path]) => !/^infra\/(sandbox|demo)\//.test(path))
    .map(([, { claims }]) => claims);
  const casts = counted.reduce((sum, claims) => sum + claims.casts, 0);
  const nonNulls = counted.reduce((sum, claims) => sum + claims.nonNulls, 0);
  assert.ok(casts <= 60, `${casts} casts`);
  assert.ok(nonNulls <= 120, `${nonNulls} non-null assertions`);
});

test("each cast and each non-null assertion is counted, and `as const` is none", () => {
  const text = 'export const a = JSON.parse("1") as number as string; export const b = [a!, a] as const;';
  const { claims } = readSources(new Map([["shared/a.ts", text]]), factsOf).get("shared/a.ts")!;
  assert.deepEqual(claims, { casts: 2, nonNulls: 1 });
});
