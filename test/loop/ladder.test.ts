import assert from "node:assert/strict";
import { writeFileSync as write } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { revert } from "../../functions/propose/revert.ts";
import type { Work } from "../../functions/step.ts";
import { memoryStore } from "../../shared/adapters/memory.ts";
import type { Event } from "../../shared/incident/events.ts";
import type { In } from "../../shared/incident/model.ts";
import { view } from "../../shared/text/chat-message.ts";
import { numbered } from "../git/past.ts";
import { files } from "../support/git.ts";
import { openShop, type Shop, service } from "../support/github-shop.ts";
import { asked, diagnosed, opened, past, proposed, revertOf } from "../support/incident.ts";
import { service as configured } from "../support/world.ts";

const incident = past(opened(), diagnosed()) as In<"diagnosed">;
const propose = (shop: Shop, sha: string) => {
  const work = {
    history: shop.source,
    trees: shop.source,
    pulls: shop.source,
    ...{ store: memoryStore(), clock: () => 5 },
    serviceOf: () => configured(),
    pageOf: () => "http://countersteer.test/i",
  } as unknown as Work;
  return revert({ work, incident, service }, revertOf({ sha }));
};
const built = [
  files({ a: numbered(20), "db/migrations/1.sql": "1\n" }),
  files({ a: numbered(20, { 3: "bad" }), "db/migrations/1.sql": "1\n" }),
  files({ a: numbered(20, { 3: "worse" }), "db/migrations/1.sql": "2\n" }),
  files({ a: numbered(20, { 3: "worse", 15: "later" }), "db/migrations/1.sql": "2\n" }),
];
const open = async (shop: Shop, title: string, head: string) => {
  const headers = { authorization: `token ${shop.sandbox.token}` };
  const body = JSON.stringify({ title, head, base: "main" });
  return fetch(`${shop.sandbox.github}/repos/acme/shop/pulls`, { method: "POST", headers, body });
};

test("a change that others built on goes back with them, and people are told why and what to look at", async (t) => {
  const shop = await openShop(t, { trees: built.slice(0, 3) });
  const intent = await propose(shop, shop.shas[1]!);
  assert.ok(intent.type === "RecordProposal", JSON.stringify(intent));
  const { pull, guarded, look } = intent;
  const [one, two] = [shop.shas[1]!.slice(0, 12), shop.shas[2]!.slice(0, 12)];
  assert.equal(shop.git("rev-parse", `${pull.head}^{tree}`), shop.git("rev-parse", `${shop.shas[0]}^{tree}`));
  assert.deepEqual([pull.branch, guarded], [`countersteer/revert-${two}-${one}`, true]);
  assert.deepEqual(look, [
    "alone it is not clean (a: the same lines were changed again since)",
    `so a later change goes back with it: changed since by ann in ${two} "Change 2"`,
    "db/migrations/1.sql: data may have been migrated already",
  ]);
  assert.match(
    shop.git("log", "-1", "--format=%B", pull.head),
    new RegExp(
      `^Revert "Change 1" and 1 more\n\nThis reverts commit ${shop.shas[2]}\\.\n\nThis reverts commit ${shop.shas[1]}\\.\n\nCountersteer-Incident: `,
    ),
  );
  assert.deepEqual(await propose(shop, shop.shas[1]!), intent);
});

test("what no rung takes back is handed over with the files, their authors and a command line", async (t) => {
  const { git, ...shop } = await openShop(t, { trees: built.slice(0, 2) });
  const [, sha] = shop.shas as [string, string];
  git("checkout", "-q", "-f", "-b", "side", "main");
  write(join(git("rev-parse", "--show-toplevel"), "a"), numbered(20, { 3: "worse" }));
  git("commit", "-q", "-a", "-m", "Cache longer");
  const later = git("rev-parse", "HEAD").slice(0, 12);
  git("checkout", "-q", "main");
  git("merge", "-q", "--no-ff", "-m", "Merge side", "side");
  assert.deepEqual(await propose({ git, ...shop }, sha), {
    ...{ type: "Escalate", reason: "unclean_revert" },
    detail: `${sha.slice(0, 12)} is not clean (a: the same lines were changed again since); changed since by ann in ${later} "Cache longer"; by hand: git revert ${sha}`,
  });
});

test("a pull request of a person that takes the change back is followed, not doubled", async (t) => {
  const shop = await openShop(t);
  shop.git("checkout", "-q", "-f", "-b", "by-hand", "main");
  shop.git("revert", "--no-edit", shop.shas[1]!);
  await open(shop, 'Revert "Change 1"', "by-hand");
  assert.deepEqual(await propose(shop, shop.shas[1]!), {
    type: "RecordFix",
    fix: {
      ...{ kind: "pull", at: 5, takesBack: shop.shas[1] },
      pull: { number: 1, url: `${shop.sandbox.url}/github/acme/shop/pull/1` },
      detail: `pull request #1 takes ${shop.shas[1]!.slice(0, 12)} back already`,
    },
  });
  assert.equal(shop.git("for-each-ref", "refs/heads/countersteer"), "");
});

test("a commit of a person that took the change back is followed", async (t) => {
  const shop = await openShop(t);
  shop.git("checkout", "-q", "-f", "main");
  shop.git("revert", "--no-edit", shop.shas[1]!);
  const by = shop.git("rev-parse", "main");
  assert.deepEqual(await propose(shop, shop.shas[1]!), {
    type: "RecordFix",
    fix: {
      ...{ kind: "revert", at: 5, sha: by, by: "ann", takesBack: shop.shas[1] },
      detail: `${shop.shas[1]!.slice(0, 12)} was already reverted by ann (${by.slice(0, 12)})`,
    },
  });
});

test("the revert of a revert lands the change again, and is called so", async (t) => {
  const shop = await openShop(t);
  shop.git("checkout", "-q", "-f", "main");
  shop.git("revert", "--no-edit", shop.shas[1]!);
  const intent = await propose(shop, shop.git("rev-parse", "main"));
  assert.ok(intent.type === "RecordProposal", JSON.stringify(intent));
  assert.equal(shop.git("log", "-1", "--format=%s", intent.pull.head), 'Reland "Change 1"');
});

test("the question in chat lists what to look at twice", () => {
  const look = ["db/1.sql: data may have been migrated already"];
  const now = past(opened(), diagnosed(), { ...proposed(), look } as Event, asked()) as In<"proposed">;
  const { lines } = view(now, "http://countersteer.test/i");
  assert.deepEqual(
    lines.find(({ label }) => label === "Look twice"),
    { label: "Look twice", text: "db/1.sql: data may have been migrated already" },
  );
});
