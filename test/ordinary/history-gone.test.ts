import assert from "node:assert/strict";
import { test } from "node:test";
import { gather } from "../../functions/diagnose/gather.ts";
import type { Changes, ListedCommit } from "../../shared/ports/changes.ts";
import { world } from "../support/world.ts";
import { day, diagnosed, hour, type Landing, minute, now, shop } from "./shop.ts";

const start: Landing = { message: "start", files: { "README.md": "shop\n" }, ago: 40 * day };
const change = (message: string, ago: number): Landing => ({
  ...{ message, ago },
  files: { [`src/${message.replace(/\W+/g, "-")}.js`]: `${ago}\n` },
});
const gone = "f".repeat(40);
const carts = [start, change("mail: footer", 2 * day), change("carts: expire at midnight", 5 * hour)];
const alert = { name: "CartsLost", annotations: { summary: "carts expire at midnight" } };

test("a deployed commit that a forced push took away is passed over, and the notes say so", async (t) => {
  const stage = await shop(t, {
    landings: carts,
    deploys: [
      ["start", 9 * day],
      ["carts: expire at midnight", 20 * minute],
      [gone, 5 * minute],
    ],
    alert,
  });
  const { diagnosis } = await diagnosed(stage);
  assert.equal(diagnosis.suspects[0]?.title, "carts: expire at midnight");
  assert.ok(
    diagnosis.notes?.includes(
      "ffffffffffff, which was deployed at 11:55:00, is not in acme/payments: what it brought was not looked at",
    ),
    diagnosis.notes?.join("\n"),
  );
});

test("when what ran before is gone, the changes of the week before are looked at, and the notes say so", async (t) => {
  const stage = await shop(t, {
    landings: carts,
    deploys: [
      [gone, 9 * day],
      ["carts: expire at midnight", 5 * minute],
    ],
    alert,
  });
  const { diagnosis } = await diagnosed(stage);
  assert.equal(diagnosis.suspects[0]?.title, "carts: expire at midnight");
  assert.ok(
    diagnosis.notes?.includes(
      "ffffffffffff, which ran before, is not in acme/payments any more: the changes of the 7 days before were looked at instead",
    ),
    diagnosis.notes?.join("\n"),
  );
});

test("when no deployed commit is in the repository, what landed is looked at", async (t) => {
  const stage = await shop(t, {
    landings: carts,
    deploys: [
      [gone, 2 * hour],
      ["e".repeat(40), hour],
      ["d".repeat(40), 5 * minute],
    ],
    alert,
  });
  const { diagnosis } = await diagnosed(stage);
  assert.equal(diagnosis.suspects[0]?.title, "carts: expire at midnight");
  assert.equal(diagnosis.notes?.filter((note) => note.includes("is not in acme/payments")).length, 3);
});

test("a branch that was rewritten between two deploys brings its new commits, and what runs no longer is told", async (t) => {
  const stage = await shop(t, {
    landings: [
      start,
      change("mail: footer", 3 * day),
      { ...change("carts: expire at noon", 2 * day), on: "former", from: "main" },
      change("carts: expire at midnight", 5 * hour),
    ],
    deploys: [
      ["start", 9 * day],
      ["carts: expire at noon", day],
      ["carts: expire at midnight", 5 * minute],
    ],
    alert,
  });
  const { diagnosis } = await diagnosed(stage);
  assert.equal(diagnosis.suspects[0]?.title, "carts: expire at midnight");
  assert.deepEqual(diagnosis.suspects.map(({ title }) => title).toSorted(), [
    "carts: expire at midnight",
    "mail: footer",
  ]);
  const [gone, live] = ["carts: expire at noon", "carts: expire at midnight"].map((title) =>
    stage.shaOf(title).slice(0, 12),
  );
  assert.deepEqual(diagnosis.notes, [
    `${gone} “carts: expire at noon” runs no longer: the deploy of 11:55:00 put ${live} back`,
  ]);
});

test("a deploy of 10,000 commits is cut at the newest 1,000, in few calls, and the notes say so", async (t) => {
  const many = Array.from(
    { length: 10_000 },
    (_, index): Landing => ({
      ...{ message: `step ${index}`, ago: 8 * day - index * minute },
      files: { [`src/part${index % 50}.js`]: `${index}\n` },
    }),
  );
  const stage = await shop(t, {
    landings: [start, ...many],
    deploys: [
      ["start", 9 * day],
      ["step 9999", 5 * minute],
    ],
    alert,
  });
  const found = await gather(stage.work, {
    ...{ service: "payment-gateway", environment: "production", onsetAt: now - minute },
  });
  assert.equal(found.commits.length, 1000);
  assert.deepEqual(found.unread, [
    "the deploys brought 10000 commits: the newest 1000 of them were looked at",
    "of 1000 changes the files of 11 were read: of those whose texts and files say most of what the alert says, and of the newest",
  ]);
  assert.ok(stage.calls().length <= 25, `${stage.calls().length} calls`);
});

test("a deploy of 10,000 commits with more files than GitHub lists asks no more, and the notes say what may be missing", async () => {
  const made = world();
  made.state.now = now;
  const asked: string[] = [];
  const shaOf = (index: number): string => index.toString(16).padStart(40, "0");
  const commitOf = (index: number): ListedCommit => ({
    ...{ sha: shaOf(index), parents: [shaOf(index - 1)], title: `step ${index}`, message: `step ${index}` },
    ...{ author: "Ann", at: now - day, url: "http://github.test" },
  });
  const newest = (limit: number) => Array.from({ length: limit }, (_, index) => commitOf(10_000 - index));
  const changes: Changes = {
    async compare(_, { from, limit }) {
      asked.push("compare");
      if (from === shaOf(10_000)) return { status: "identical", commits: [], total: 0, files: [] };
      return { status: "ahead", commits: newest(limit), total: 10_000 };
    },
    async withFiles(_, change) {
      asked.push("withFiles");
      return { ...change, paths: ["src/part.js"] };
    },
    ancestors: async () => assert.fail("the comparison is enough"),
    mergedPulls: async () => [],
    openPulls: async () => [],
    touching: async () => new Set(),
    branchesAt: async () => [],
  };
  Object.assign(made.work, { changes });
  for (const [index, ago] of [
    [0, 9 * day],
    [10_000, 5 * minute],
  ] as const)
    await made.store.recordDeploy({
      ...{ service: "payment-gateway", environment: "production", status: "succeeded" },
      ...{ sha: shaOf(index), at: now - ago },
    });
  const found = await gather(made.work, {
    ...{ service: "payment-gateway", environment: "production", onsetAt: now - minute },
  });
  assert.equal(found.commits.length, 1000);
  assert.deepEqual(found.unread, [
    "the deploys brought 10000 commits: the newest 1000 of them were looked at",
    "of 1000 changes the files of 8 were read: of those whose texts and files say most of what the alert says, and of the newest",
    "its changes touch more files than GitHub lists: a file that the alert names may be missing",
  ]);
  const count = (name: string): number => asked.filter((one) => one === name).length;
  assert.deepEqual([count("compare"), count("withFiles")], [5, 8]);
});

test("a deployer whose clock is an hour slow still brings its change", async (t) => {
  const stage = await shop(t, {
    landings: carts,
    deploys: [
      ["start", 9 * day],
      ["carts: expire at midnight", hour + 5 * minute],
    ],
    alert,
  });
  const { diagnosis } = await diagnosed(stage);
  assert.equal(diagnosis.suspects[0]?.title, "carts: expire at midnight");
});
