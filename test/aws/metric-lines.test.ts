import assert from "node:assert/strict";
import { test } from "node:test";
import { type Definition, open } from "../../infra/aws/host.ts";
import { countAlerts, countCalls } from "../../shared/telemetry.ts";

/** A function that counts as its event says, and the lines that it writes. */
const counting = async (env: Record<string, string>) => {
  const lines: Record<string, unknown>[] = [];
  const definition: Definition<() => void, void> = { name: "tick", make: () => async (count) => count() };
  const handler = await open(definition, {
    ...{ env, config: { services: [] }, clock: () => 1_000, wait: async () => {} },
    ...{ loadSecrets: async () => ({}), write: (line: string) => void lines.push(JSON.parse(line)) },
  });
  return { handler, lines };
};

test("a function writes what it counted during an event, once, as metrics that CloudWatch reads", async () => {
  const { handler, lines } = await counting({ METRICS_NAMESPACE: "Countersteer/prod" });
  await handler(() => {
    countAlerts({ outcome: "opened" });
    countAlerts({ outcome: "opened" });
  });
  await handler(() => {});
  await assert.rejects(
    handler(() => {
      countCalls({ system: "github", result: "ok" });
      throw new Error("failed");
    }),
    /failed/,
  );
  const metric = (name: string, dimensions: string[]) => ({
    Timestamp: 1_000,
    CloudWatchMetrics: [
      {
        ...{ Namespace: "Countersteer/prod", Dimensions: [dimensions] },
        Metrics: [{ Name: name, Unit: "Count" }],
      },
    ],
  });
  assert.deepEqual(lines, [
    { _aws: metric("countersteer.alerts", ["outcome"]), outcome: "opened", "countersteer.alerts": 2 },
    {
      ...{ _aws: metric("countersteer.calls", ["system", "result"]), system: "github", result: "ok" },
      "countersteer.calls": 1,
    },
  ]);
});

test("without a namespace no counter is written", async () => {
  const { handler, lines } = await counting({});
  await handler(() => countAlerts({ outcome: "joined" }));
  assert.deepEqual(lines, []);
});
