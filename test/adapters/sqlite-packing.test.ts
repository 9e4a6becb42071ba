import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { pack, unpack } from "../../shared/adapters/sqlite/packing.ts";
import type { Event } from "../../shared/incident/events.ts";
import type { Alert } from "../../shared/incident/model.ts";
import { alert, deployed, opened } from "../support/incident.ts";

const texts = fc.dictionary(
  fc.constantFrom("service", "pod", "constructor", "toString", "ünïcode", ""),
  fc.constantFrom("a", "b", ""),
  { noNullPrototype: true },
);
const alerts: fc.Arbitrary<Alert[]> = fc.array(
  fc.record({ labels: texts, annotations: texts, fingerprint: fc.string() }).map(alert),
  { maxLength: 5 },
);

test("whatever alerts share, an event comes back as it was", () => {
  fc.assert(
    fc.property(alerts, (alerts) => {
      for (const event of [
        opened({ alerts }),
        { type: "AlertsJoined", at: 1, alerts, truncated: true } satisfies Event,
      ])
        assert.deepEqual(unpack(pack(event)), event);
    }),
    { numRuns: 1000 },
  );
});

test("an event without alerts is its JSON, and one with many alike is much shorter", () => {
  assert.equal(pack(deployed()), JSON.stringify(deployed()));
  const many = opened({
    alerts: Array.from({ length: 10 }, (_, n) =>
      alert({ labels: { service: "s".repeat(100), pod: String(n) } }),
    ),
  });
  assert.ok(pack(many).length < (JSON.stringify(many).length * 2) / 3);
});
