import assert from "node:assert/strict";
import { test } from "node:test";
import type { Incident, Remedy } from "../../shared/incident/model.ts";
import { headline } from "../../shared/text/timeline.ts";
import { sha } from "../support/incident.ts";

const asking = (remedy: Partial<Remedy>): string =>
  headline({
    ...{ id: "shop/production", service: "shop", environment: "production", status: "proposed" },
    remedy: { kind: "revert", sha: sha("a"), title: "pay: in cents", score: 0.6, ...remedy },
  } as Incident);

test("the question says whether one change or a whole deploy would be reverted", () => {
  assert.equal(asking({}), "shop in production: revert this change?");
  assert.equal(asking({ from: sha("b") }), "shop in production: revert this whole deploy?");
});
