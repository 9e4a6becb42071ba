import assert from "node:assert/strict";
import { test } from "node:test";
import { breachesOf, type Facts, factsOf } from "./check.ts";
import { packagesReached } from "./reach.ts";
import { readSources } from "./syntax.ts";

type Control = { title: string; files: Record<string, string>; breaches: string[] };

const one = (title: string, path: string, text: string, ...breaches: string[]): Control => ({
  title,
  files: { [path]: text },
  breaches: breaches.map((breach) => `${path} ${breach}`),
});

const core = "shared/incident/decide.ts";
const step = "functions/ask.ts";

const controls: Control[] = [
  one(
    "the SQLite adapter in a step",
    step,
    `import { sqliteStore } from "../shared/adapters/sqlite/store.ts";`,
    "imports shared/adapters/sqlite/store.ts",
  ),
  one("node:fs in single quotes in the pure core", core, `import fs from 'node:fs';`, "imports node:fs"),
  one("fs without its prefix in the pure core", core, `import "fs/promises";`, "imports node:fs/promises"),
  one(
    "worker threads in the pure core",
    core,
    `import { Worker } from "worker_threads";`,
    "imports node:worker_threads",
  ),
  one(
    "timers in the pure core",
    core,
    `import { setTimeout } from "node:timers/promises";`,
    "imports node:timers/promises",
  ),
  one(
    "chance from node:crypto beside its hash",
    "shared/git/object-ids.ts",
    `import { createHash, randomUUID } from "node:crypto";`,
    "imports node:crypto",
  ),
  one(
    "the whole of node:crypto",
    "shared/git/object-ids.ts",
    `import * as crypto from "crypto";`,
    "imports node:crypto",
  ),
  one(
    "the incident importing a remedy",
    core,
    `import { decide } from "../remedy/revert/compute-revert.ts";`,
    "imports shared/remedy/revert/compute-revert.ts",
  ),
  one(
    "a remedy importing the diagnosis, if only its types",
    "shared/remedy/scale/scale.ts",
    `import type { Diagnosis } from "../../diagnosis/model.ts";`,
    "imports types of shared/diagnosis/model.ts",
  ),
  {
    title: "two files that use each other",
    files: {
      "shared/incident/decide.ts": `import { a } from "./model.ts"; export const b = a;`,
      "shared/incident/model.ts": `import { b } from "./decide.ts"; export const a = () => b;`,
    },
    breaches: ["shared/incident/decide.ts and shared/incident/model.ts import each other"],
  },
  {
    title: "three files that need each other's types",
    files: {
      "shared/incident/a.ts": `import type { B } from "./b.ts"; export type A = B[];`,
      "shared/incident/b.ts": `export type { C } from "./c.ts";`,
      "shared/incident/c.ts": `export type C = import("./a.ts").A;`,
      "shared/incident/d.ts": `import type { A } from "./a.ts"; export type D = A;`,
    },
    breaches: ["shared/incident/a.ts and shared/incident/b.ts and shared/incident/c.ts import each other"],
  },
  one(
    "the configuration importing an adapter",
    "shared/config.ts",
    `import { slack } from "./adapters/slack/slack.ts";`,
    "imports shared/adapters/slack/slack.ts",
  ),
  one(
    "Slack importing GitHub",
    "shared/adapters/slack/slack.ts",
    `import type { Call } from "../github/api/call.ts";`,
    "imports types of shared/adapters/github/api/call.ts",
  ),
  one(
    "an adapter of one file importing another",
    "shared/adapters/log.ts",
    `import { memory } from "./memory.ts";`,
    "imports shared/adapters/memory.ts",
  ),
  one(
    "an adapter that decides a remedy",
    "shared/adapters/github/pulls/open.ts",
    `import { choose } from "../../../remedy/scale/owner.ts"; import type { Image } from "../../../remedy/rollback/image.ts";`,
    "imports shared/remedy/scale/owner.ts",
  ),
  one(
    "one host importing the other",
    "infra/local/start.ts",
    `import { host } from "../aws/host.ts";`,
    "imports infra/aws/host.ts",
  ),
  one(
    "the other host importing the one",
    "infra/aws/host.ts",
    `import { start } from "../local/start.ts";`,
    "imports infra/local/start.ts",
  ),
  one("a step importing a host", step, `import "../infra/local/loop.ts";`, "imports infra/local/loop.ts"),
  one(
    "a step importing a client library",
    step,
    `import { Octokit } from "@octokit/rest";`,
    "imports @octokit/rest",
  ),
  one(
    "a step reading files",
    step,
    `import { readFile } from "node:fs/promises";`,
    "imports node:fs/promises",
  ),
  one("a folder without a row", "shared/misc/index.ts", "", "is in no room of test/structure/rules.ts"),

  // Ways to import.
  one("a dynamic import", core, `await import("node:http");`, "imports node:http"),
  one(
    "a template as a specifier",
    core,
    "await import(`../adapters/log.ts`);",
    "imports shared/adapters/log.ts",
  ),
  one("a computed specifier", step, "await import('node:' + name);", "imports ?", "uses name"),
  one("a re-export", core, `export { open } from "node:fs";`, "imports node:fs"),
  one(
    "a re-export of everything",
    core,
    `export * from "../adapters/memory.ts";`,
    "imports shared/adapters/memory.ts",
  ),
  one(
    "a type import",
    core,
    `import type { Log } from "../ports/log.ts";`,
    "imports types of shared/ports/log.ts",
  ),
  one(
    "an import type",
    core,
    `export type Out = import('../adapters/log.ts').Out;`,
    "imports types of shared/adapters/log.ts",
  ),
  one(
    "the type of an import",
    core,
    `export type Fs = typeof import("node:fs");`,
    "imports types of node:fs",
  ),
  one("require", core, `const fs = require("fs");`, "imports node:fs", "uses require"),
  one("import by require", core, `import fs = require("fs");`, "imports node:fs"),
  one(
    "a URL beside the module",
    step,
    `new Worker(new URL("../shared/adapters/sqlite/writer.ts", import.meta.url));`,
    "names shared/adapters/sqlite/writer.ts",
    "uses import.meta.url",
    "uses new Worker(…)",
  ),
  one(
    "a path from the module's folder",
    "infra/local/start.ts",
    `join(import.meta.dirname, "..", "aws/host.ts");`,
    "names infra/aws/host.ts",
  ),

  // The world.
  one("fetch", core, `export const get = fetch;`, "uses fetch"),
  one("the clock", core, `export const at = Date.now();`, "uses Date.now"),
  one("the clock by a string", core, `export const at = Date["now"]();`, "uses Date.now"),
  one("the clock by another name", core, `const { now } = Date; const D = Date;`, "uses Date", "uses Date"),
  one(
    "a new date",
    core,
    `[new Date(), new Date, new Date(...[]), new Date(0), Date.UTC(2020)];`,
    "uses new Date()",
    "uses new Date()",
    "uses new Date()",
  ),
  one("performance.now", core, `performance.now();`, "uses performance.now"),
  one("timers", core, `setTimeout(() => {}, 1);`, "uses setTimeout"),
  one("chance", core, `Math.random() + Math.abs(1);`, "uses Math.random"),
  one("chance by another name", core, `const { random } = Math;`, "uses Math"),
  one("chance of Web Crypto", core, `crypto.randomUUID();`, "uses crypto.randomUUID"),
  one("the environment in a step", step, `export const home = process.env.HOME;`, "uses process.env"),
  one(
    "the environment in an adapter",
    "shared/adapters/log.ts",
    `import process from "node:process"; process.env; globalThis.process.env;`,
    "imports node:process",
    "uses globalThis.process",
  ),
  one("the environment by the global object", core, `const { process } = globalThis;`, "uses globalThis"),
  one("the environment of import.meta", core, `import.meta.env;`, "uses import.meta.env"),
  one("code from a string", core, `Function("return process")();`, "uses Function"),
  one("a global in a shorthand", core, `export const reads = { fetch };`, "uses fetch"),
  one("a class of the world", core, `class A extends WebSocket {}`, "uses WebSocket"),

  // Allowed.
  one(
    "names of one's own, members and types",
    core,
    `type T = { fetch: typeof fetch; at: Date }; const f = (process: T, window: { fetch: 1 }) => [process, window.fetch];
     class C implements Disposable { performance() { return this.performance; } }
     export const { fetch: g } = { fetch: f }; const setTimeout = 1; label: for (;;) break label; export { setTimeout };`,
  ),
];

/** The controls are parsed together, each in a folder named after its index. */
const texts = new Map(
  controls.flatMap(({ files }, index) =>
    Object.entries(files).map(([path, text]) => [`${index}/${path}`, text] as const),
  ),
);
const facts = readSources(texts, (path, file, checker) =>
  factsOf(path.slice(path.indexOf("/") + 1), file, checker),
);
const factsOfControl = (index: number): Map<string, Facts> =>
  new Map(
    [...facts]
      .filter(([path]) => path.startsWith(`${index}/`))
      .map(([path, found]) => [path.slice(path.indexOf("/") + 1), found]),
  );

for (const [index, { title, breaches }] of controls.entries())
  test(`${breaches.length === 0 ? "allowed" : "refused"}: ${title}`, () => {
    assert.deepEqual(breachesOf(factsOfControl(index)), breaches);
  });

test("a client that a step loads through an adapter is seen, and a type of it is not", () => {
  const reached = readSources(
    new Map([
      ["functions/ask.ts", `export { read } from "../shared/adapters/slack/interaction.ts";`],
      [
        "shared/adapters/slack/interaction.ts",
        `import { call } from "./client.ts"; export const read = call;`,
      ],
      [
        "shared/adapters/slack/client.ts",
        `import { WebClient } from "@slack/web-api"; import type { Octokit } from "@octokit/rest";`,
      ],
    ]),
    factsOf,
  );
  assert.deepEqual(packagesReached(reached, "functions"), ["@slack/web-api"]);
});
