import assert from "node:assert/strict";
import { test } from "node:test";
import { withQuestion } from "../../functions/diagnose/open-question.ts";
import type { Remedy, Scale } from "../../shared/incident/model.ts";
import { alert, pull, revertOf, sha, suspect } from "../support/incident.ts";

const asked = (remedy: Remedy, remedies: Remedy[]): Remedy[] =>
  withQuestion(
    { suspects: [suspect()], none: 0.1, onsetAt: 10, remedies },
    { remedy, alerts: [alert()], pull, endedAt: 20, now: { state: "open" } },
  ).remedies;

test("the open question replaces what has its pull request, a redeploy before it or not, and nothing else", () => {
  const tool = { workflow: "deploy.yml", ref: "main", inputs: {} };
  const first = { sha: sha("b"), deployedAt: 1, live: sha("c"), tool };
  const [one, redeploying, whole] = [revertOf(), revertOf({ first }), revertOf({ from: sha("a") })];
  assert.deepEqual(asked(one, [redeploying, whole]), [one, whole]);
  const most: Scale = {
    kind: "scale",
    target: "HPA/shop/web",
    field: "max",
    to: "9",
    reasons: [],
    title: "",
    score: 0.9,
  };
  const least: Scale = { ...most, field: "min" };
  assert.deepEqual(asked(most, [{ ...most, to: "12" }, least]), [most, least]);
});
