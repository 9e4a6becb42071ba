import assert from "node:assert/strict";
import { test } from "node:test";
import { revert } from "../../functions/propose/revert.ts";
import type { In, Revert } from "../../shared/incident/model.ts";
import { numbered } from "../git/past.ts";
import { files } from "../support/git.ts";
import { openShop } from "../support/github-shop.ts";
import { diagnosed, opened, past } from "../support/incident.ts";
import { service as configured } from "../support/world.ts";

const service = { ...configured(), repository: "acme/shop" };

test("the loop takes the rest back where a lock file alone is in conflict, and asks a person, before it touches an innocent change", async (t) => {
  const trees = ["good", "bad", "bad"].map((line, at) =>
    files({ "src/a.ts": numbered(20, { 3: line }), "go.sum": `${at}\n`, "src/b.ts": `${Math.max(1, at)}\n` }),
  );
  const { source, shas, git } = await openShop(t, { trees });
  const remedy: Revert = { kind: "revert", sha: shas[1]!, title: "Change 1", score: 0.9 };
  const incident = past(opened(), diagnosed([remedy])) as In<"diagnosed">;
  const work = {
    ...{ history: source, trees: source, changes: source, pulls: source },
    ...{ serviceOf: () => service, pageOf: () => "http://countersteer.test/i" },
  };
  const intent = await revert({ work: work as never, incident, service }, remedy);
  assert.ok(intent.type === "RecordProposal");
  assert.deepEqual(
    [intent.guarded, intent.look],
    [true, ["not the whole change goes back: without go.sum (make it anew with its package manager)"]],
  );
  const { branch } = intent.pull;
  assert.equal(branch, `countersteer/revert-${shas[1]!.slice(0, 12)}`);
  assert.equal(git("diff", "--name-only", "main", branch), "src/a.ts");
  assert.match(git("log", "-1", "--format=%B", branch), /\n\nWithout go\.sum\.\n\nCountersteer-Incident: /);
});
