import assert from "node:assert/strict";
import { test } from "node:test";
import type { Incident, Outcome, Remedy } from "../../shared/incident/model.ts";
import { headline } from "../../shared/text/timeline.ts";
import { doubleColons, riddlesIn } from "../support/hear.ts";
import { sha } from "../support/incident.ts";

const asking = (remedy: Partial<Remedy>): string =>
  headline({
    ...{ id: "shop/production", service: "shop", environment: "production", status: "proposed" },
    remedy: { kind: "revert", sha: sha("a"), title: "pay: in cents", score: 0.6, ...remedy },
  } as Incident);

test("the question says whether one change, a whole deploy or two would be reverted", () => {
  assert.equal(asking({}), "shop in production: revert this change?");
  assert.equal(asking({ from: sha("b") }), "shop in production: revert this whole deploy?");
  const title = "the deploys of 11:46:00 and 11:48:00 (2 changes)";
  assert.equal(asking({ from: sha("b"), title }), "shop in production: revert these two deploys?");
});

test("the headline of an end has one colon, whatever the outcome", () => {
  const ended = (outcome: Outcome): string =>
    headline({
      ...{ id: "shop/production", service: "shop", environment: "production", status: "closed", outcome },
    } as Incident);
  assert.equal(ended("verified"), "shop in production: verified, the trouble is over");
  assert.equal(ended("recovered_by_people"), "shop in production: recovered, people put it right");
  assert.equal(ended("observed"), "shop in production: diagnosed only, this service is in observe mode");
  assert.equal(ended("abandoned"), "shop in production: given up, this service is no longer configured");
});

test("what is held on GitHub is not told as a cause of many services", () => {
  const held = { by: "github", who: "mei-chen", detail: "held by the label", since: 1 };
  assert.equal(
    headline({
      ...{ id: "shop/production", service: "shop", environment: "production", status: "proposed", held },
    } as unknown as Incident),
    "shop in production: held by mei-chen on GitHub",
  );
});

test("a second colon in a sentence is found, but not within quotes and brackets", () => {
  assert.deepEqual(doubleColons("shop: verified: over. And: so"), ["shop: verified: over."]);
  assert.deepEqual(doubleColons("shop: told “a: b: c” (d: e)"), []);
});

test("a sentence that stopped readers at night is found, but not in a quote", () => {
  for (const riddle of [
    "it says 0 of the alert's words, not 1",
    "is about payments, as the alert is",
    "the next, b, is 3 times less likely",
    "Nothing happens without an answer.",
    "50 × 1.73 ÷ 1 = 87",
  ])
    assert.deepEqual(riddlesIn(`one fact\n${riddle}`), [riddle]);
  assert.deepEqual(riddlesIn("“pay: Time is over: now” shares “currency” with the alert"), []);
});

test("a trouble that went away after our merge did not recover by itself", () => {
  const recovered = (merge?: object, redeploy?: object): string =>
    headline({
      ...{ id: "shop/production", service: "shop", environment: "production", status: "closed" },
      ...{ outcome: "recovered", merge, redeploy },
    } as Incident);
  assert.equal(recovered(), "shop in production: recovered, and nothing was merged");
  const merge = { sha: sha("a"), at: 1, by: "ann" };
  assert.equal(recovered(merge), "shop in production: recovered after the merge, which was not verified");
  const redeploy = { sha: sha("b"), at: 1, id: "n" };
  assert.equal(
    recovered(undefined, redeploy),
    "shop in production: recovered after the redeploy, and the revert is not merged",
  );
});
