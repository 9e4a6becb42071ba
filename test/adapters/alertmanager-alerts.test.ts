import assert from "node:assert/strict";
import { test } from "node:test";
import { alertmanagerAlerts } from "../../shared/adapters/alertmanager/active-alerts.ts";
import { serve } from "../support/answering.ts";

const listed = (silencedBy: string[], inhibitedBy: string[] = []) => ({
  ...{ fingerprint: "f1", labels: { alertname: "Down", service: "pay" }, annotations: { summary: "s" } },
  ...{ startsAt: "2026-11-22T14:00:00.000Z", endsAt: "2026-11-22T15:00:00.000Z", receivers: [] },
  status: { state: "suppressed", silencedBy, inhibitedBy },
});
const silences = [
  { id: "s1", createdBy: "ann", comment: "known", status: { state: "active" } },
  { id: "s2", createdBy: "countersteer", comment: "ours", status: { state: "active" } },
];

test("alerts are asked for by labels, and a silence of ours hides nothing", async () => {
  for (const [by, expected] of [
    ["s1", ["ann: known"]],
    ["s2", []],
  ] as const) {
    await using server = await serve(({ path }) => ({
      body: JSON.stringify(path === "/api/v2/silences" ? silences : [listed([by], ["f9"])]),
    }));
    const alerts = await alertmanagerAlerts({ system: "alertmanager", url: server.url }).list({
      service: 'p"y',
    });
    assert.deepEqual(alerts, [
      {
        alert: {
          ...{ fingerprint: "f1", name: "Down", status: "firing", startsAt: Date.UTC(2026, 10, 22, 14) },
          ...{ labels: { alertname: "Down", service: "pay" }, annotations: { summary: "s" } },
        },
        ...{ silencedBy: expected, inhibitedBy: ["f9"] },
      },
    ]);
  }
});

test("an answer that is not Alertmanager's may be another one later", async () => {
  await using server = await serve(() => ({ body: JSON.stringify({ status: "success" }) }));
  await assert.rejects(alertmanagerAlerts({ system: "alertmanager", url: server.url }).list({}), {
    name: "UpstreamError",
    retryable: true,
  });
});
