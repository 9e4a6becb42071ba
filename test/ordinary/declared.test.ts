import assert from "node:assert/strict";
import { test } from "node:test";
import { kustomization, landings, shas, stale } from "./prices.ts";
import { layouts } from "./rows/declared.ts";
import { day, diagnosed, type Given, hour, minute, shop } from "./shop.ts";

test("what a bump of production brought is a candidate, live since the bump", async (t) => {
  const [, production, staging] = layouts[0] ?? ["", "", ""];
  const stage = await shop(t, {
    landings,
    gitops: [
      {
        message: "start of config",
        files: { [production ?? ""]: kustomization(shas.old), [staging ?? ""]: kustomization(shas.old) },
        ago: 11 * day,
      },
      { message: "staging: new image", files: { [staging ?? ""]: kustomization(shas.fresh) }, ago: hour },
      {
        message: "production: new image",
        files: { [production ?? ""]: kustomization(shas.fresh) },
        ago: 6 * minute,
      },
    ],
    configured: { gitops: [{ repository: "acme/config", branch: "main", paths: ["apps/pay/"] }] },
    alert: stale,
  });
  const { diagnosis } = await diagnosed(stage);
  const [first] = diagnosis.suspects;
  assert.equal(first?.title, "prices: cache for a day");
  assert.equal(first?.change?.deploy?.at, stage.state.now - 6 * minute);
  assert.equal(diagnosis.remedies[0]?.in, "gitops");
});

const production = "apps/pay/production/values.yaml";
const replicas = (count: number): string => `replicaCount: ${count}\n`;
const busy = {
  name: "PaySaturated",
  annotations: { summary: "every worker of pay is busy" },
  ago: 10 * minute,
};

/** Changes of the configuration alone, applied by a controller that tells nobody, beside an application's change of yesterday. */
const configured: [string, NonNullable<Given["deploys"]>][] = [
  ["no deploy was ever told", []],
  ["the application's last deploy was told yesterday", [["prices: cache for a day", day]]],
  [
    "two of the application's were told",
    [
      ["prices: cache for an hour", 3 * day],
      ["prices: cache for a day", day],
    ],
  ],
];
for (const [what, deploys] of configured)
  test(`a change of production's configuration counts as deployed when it lands, where ${what}`, async (t) => {
    const stage = await shop(t, {
      landings: landings.map((one, index) => ({ ...one, ago: [40, 12, 1.1][index]! * day })),
      gitops: [
        { message: "start of config", files: { [production]: replicas(12) }, ago: 11 * day },
        { message: "production: fewer replicas", files: { [production]: replicas(1) }, ago: 13 * minute },
      ],
      configured: { gitops: [{ repository: "acme/config", branch: "main", paths: [] }] },
      deploys,
      alert: busy,
    });
    const { incident, diagnosis } = await diagnosed(stage);
    const [first] = diagnosis.suspects;
    assert.equal(first?.title, "production: fewer replicas");
    assert.equal(first?.change?.deploy?.at, stage.state.now - 13 * minute);
    assert.match(first?.reasons.join("\n") ?? "", /shipped in the deploy of 11:47:00, 3 min before/);
    assert.equal(incident.status === "proposed" && incident.remedy.in, "gitops");
  });

test("where a deploy was told after the configuration landed, that one counts", async (t) => {
  const stage = await shop(t, {
    landings,
    gitops: [
      { message: "start of config", files: { [production]: replicas(12) }, ago: 11 * day },
      { message: "production: fewer replicas", files: { [production]: replicas(1) }, ago: 13 * minute },
    ],
    configured: { gitops: [{ repository: "acme/config", branch: "main", paths: [] }] },
    deploys: [["prices: cache for a day", 12 * minute]],
    alert: busy,
  });
  const { diagnosis } = await diagnosed(stage);
  const config = diagnosis.suspects.find(({ title }) => title === "production: fewer replicas");
  assert.equal(config?.change?.deploy, undefined);
});
