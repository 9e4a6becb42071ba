import assert from "node:assert/strict";
import { test } from "node:test";
import { type Saturation, withLoad } from "../../shared/diagnosis/load.ts";
import type { Diagnosis } from "../../shared/incident/model.ts";
import { revertOf, sha, suspect } from "../support/incident.ts";

const minute = 60_000;
const full: Saturation = {
  rule: { match: [], target: "HorizontalPodAutoscaler/shop/cart", field: "max" },
  ...{ alert: "KubeHpaMaxedOut", current: 50, limit: 50, least: 2, load: 1.7, unread: [] },
};
/** One suspect, by the moment of its deploy alone or by what was measured too. */
const suspected = (measured: boolean, score = 0.97): Diagnosis => ({
  suspects: [suspect({ sha: sha("a"), score, measured })],
  ...{ none: 1 - score, onsetAt: 0 },
  remedies: [revertOf({ sha: sha("a"), score })],
});
const first = (diagnosis: Diagnosis, saturation: Saturation): string | undefined =>
  withLoad(diagnosis, saturation).remedies[0]?.kind;

test("a full autoscaler under more load than it can carry beats the mere moment of a deploy, seconds or minutes before", () => {
  for (const deployedMs of [1_000, 30_000, 4 * minute, 9 * minute])
    assert.equal(first(suspected(false), { ...full, deployedMs }), "scale");
});

test("where something measured ties the deploy to the trouble, taking it back comes first, and load is told as less certain", () => {
  const told = withLoad(suspected(true), { ...full, deployedMs: minute });
  assert.equal(told.remedies[0]?.kind, "revert");
  const scale = told.remedies.find(({ kind }) => kind === "scale");
  assert.ok(
    scale?.kind === "scale" &&
      scale.reasons.includes("a deploy went live 1 min before, so load is less certain"),
  );
});

test("below its limit, or without more load than it can carry, the autoscaler does not beat the deploy", () => {
  const deployedMs = minute;
  assert.equal(first(suspected(false), { ...full, deployedMs, current: 20, load: 0.8 }), "revert");
});
