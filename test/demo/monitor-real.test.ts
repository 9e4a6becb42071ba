import assert from "node:assert/strict";
import { test } from "node:test";
import { readAlert } from "../../functions/verify/read-alert.ts";
import { findBinaries } from "../../infra/demo/monitor/real.ts";
import { rule } from "../../infra/demo/monitor/rule.ts";
import { fingerprint } from "../../infra/demo/monitor/webhook.ts";
import { prometheus } from "../../shared/adapters/prometheus/prometheus.ts";
import type { Service } from "../../shared/ports/service.ts";
import { watched } from "./watched.ts";

const skip = (await findBinaries()) ? false : "prometheus and prometheus-alertmanager are not on PATH";
const service = { verify: { holdMs: 1000 } } as Service;

test("Prometheus and Alertmanager fire the same alert, and the product reads it as firing", {
  skip,
}, async (t) => {
  const { monitor, taken } = await watched(t, "real");
  const payload = await taken.first(({ status }) => status === "firing");
  const { labels, startsAt, ...alert } = payload.alerts[0]!;
  assert.equal(monitor.kind, "real");
  assert.equal(payload.groupKey, '{}:{alertname="PaymentErrorsHigh", service="payment-gateway"}');
  assert.equal(alert.fingerprint, fingerprint(labels));
  assert.deepEqual(labels, {
    alertname: "PaymentErrorsHigh",
    currency: "JPY",
    environment: "production",
    service: "payment-gateway",
    severity: "critical",
  });
  const window = { from: Date.parse(startsAt), to: Date.now() };
  const reading = await readAlert(prometheus({ url: monitor.prometheusUrl }), service, {
    alert: { name: rule.alert, labels },
    window,
  });
  assert.equal(reading.result, "firing");
});
