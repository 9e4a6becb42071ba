import assert from "node:assert/strict";
import { test } from "node:test";
import { alert, innocent, merging, start, three } from "./rows/pull-request.ts";
import { day, diagnosed, minute, shop } from "./shop.ts";

test("without permission to read pull requests the diagnosis goes on, and says so", async (t) => {
  const stage = await shop(t, {
    landings: [start, innocent, ...three],
    merged: [merging("squash")],
    deploys: [["start", 10 * day]],
    alert,
  });
  await stage.store.recordDeploy({
    ...{ service: "payment-gateway", environment: "production", status: "succeeded" },
    ...{ sha: stage.own.git("rev-parse", "main"), at: stage.state.now - 4 * minute },
  });
  stage.sandbox.fault({ match: /^GET .*\/pulls$/, times: 2, fail: { status: 403 } });
  const { diagnosis } = await diagnosed(stage);
  assert.equal(diagnosis.suspects[0]?.title, "Fees in half cents (#1)");
  assert.equal(diagnosis.suspects[0]?.change?.pull?.number, 1);
  assert.match(
    diagnosis.notes?.join("\n") ?? "",
    /^the pull requests of acme\/payments could not be read \(.*403.*\), so their texts and labels were not looked at, and a rebased one counts commit by commit$/m,
  );
});
