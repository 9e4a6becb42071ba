import assert from "node:assert/strict";
import { test } from "node:test";
import { css, hour, type Landing, minute, type Ordinary, receipt, step, told } from "./weigh.ts";

// A gauge that steps from the constant that a change removes to the one that it adds.

const incident = (
  [title, files]: [string, Record<string, string>],
  metric: string,
  [was, is]: [number, number],
): Ordinary => {
  const change: Landing = [title, files, 5 * hour];
  const errors = step(4 * minute, 0.002, 0.2);
  return {
    commits: [change, css, receipt],
    deploys: [[receipt[0], 8 * minute]],
    alert: { name: "HighErrorRate", ago: 2 * minute },
    series: [
      errors,
      {
        ...{ service: "shop", metric },
        points: errors.points.map(([at]): [number, number] => [
          at,
          at >= errors.points.at(-6)![0] ? is : was,
        ]),
      },
    ],
  };
};
const pool: [string, Record<string, string>] = [
  "tidy the settings",
  { "config/production.yaml": "-  poolSize: 20\n+  poolSize: 3" },
];

for (const [name, change, metric, values] of [
  ["a pool", pool, "db_pool_max", [20, 3]],
  [
    "a time in seconds",
    ["tidy", { "src/a.js": "-const wait = 1500;\n+const wait = 75000;" }],
    "read_limit",
    [1.5, 75],
  ],
  [
    "threads",
    ["tidy", { "server.xml": '-<x maxThreads="200"/>\n+<x maxThreads="8"/>' }],
    "threads_config_max",
    [200, 8],
  ],
  ["a number with a separator", ["tidy", { "a.rs": "-limit = 16_000\n+limit = 64" }], "b_of_c", [16_000, 64]],
] satisfies [string, [string, Record<string, string>], string, [number, number]][])
  test(`${name} convicts`, () => {
    const { diagnosis, first, proposed } = told(incident(change, metric, values));
    assert.equal(first, change[0]);
    assert.equal(proposed?.kind, "revert");
    assert.ok(diagnosis.suspects[0]!.score >= 0.9, JSON.stringify(diagnosis.suspects[0]));
    assert.match(diagnosis.suspects[0]!.reasons.join("\n"), /and it changes “/);
  });

for (const [name, change, metric, values] of [
  ["another value", pool, "db_pool_max", [20, 4]],
  ["the other direction", pool, "db_pool_max", [3, 20]],
  [
    "numbers of one digit without a word",
    ["tidy", { "a.js": "-const a = 1;\n+const a = 2;" }],
    "leader",
    [1, 2],
  ],
  ["two numbers of one line", ["tidy", { "a.js": "-f(20, 1)\n+f(3, 2)" }], "db_pool_max", [20, 3]],
  ["lines that differ in words", ["tidy", { "a.js": "-old(200)\n+fresh(800)" }], "x_of_y", [200, 800]],
] satisfies [string, [string, Record<string, string>], string, [number, number]][])
  test(`${name} says nothing`, () => {
    const { diagnosis } = told(incident(change, metric, values));
    assert.doesNotMatch(JSON.stringify(diagnosis.suspects), /and it changes “/);
  });
