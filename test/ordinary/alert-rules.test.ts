import assert from "node:assert/strict";
import { test } from "node:test";
import { landings, rule } from "./rows/alert-rules.ts";
import { day, diagnosed, minute, shop } from "./shop.ts";

const own: [path: string, isOfRule: boolean][] = [
  ["monitoring/rules.yaml", true],
  ["deploy/alerts/shop.yml", true],
  ["prometheus/shop.yaml", true],
  ["monitoring/rules.yaml", false],
];
for (const [path, isOfRule] of own)
  test(`a rule in the service's own repository takes effect when it lands: ${path}${isOfRule ? "" : ", where another rule was changed"}`, async (t) => {
    const other = isOfRule ? "QueueLagHigh" : "Other";
    const stage = await shop(t, {
      landings: [
        { message: "rules", files: { [path]: rule(other, "2") }, ago: 41 * day },
        ...landings,
        { message: "alerts: tell us earlier", files: { [path]: rule(other, "0.2") }, ago: 20 * minute },
        { message: "search: synonyms", files: { "src/search.js": "1\n" }, ago: 15 * minute },
      ],
      deploys: [
        ["start", 20 * day],
        ["mail: plain text part", 2 * day],
      ],
      alert: { name: "QueueLagHigh", annotations: { summary: "it lags" }, ago: minute },
    });
    const { diagnosis } = await diagnosed(stage);
    const [first] = diagnosis.suspects;
    if (!isOfRule) return assert.notEqual(first?.title, "alerts: tell us earlier");
    assert.equal(first?.title, "alerts: tell us earlier");
    assert.ok(first?.reasons.includes("it changed the alert's own rule, from > 2 to > 0.2"));
    assert.deepEqual(
      diagnosis.undeployed?.map(({ title }) => title),
      ["search: synonyms"],
    );
  });
