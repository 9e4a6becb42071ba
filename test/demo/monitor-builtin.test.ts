import assert from "node:assert/strict";
import { test } from "node:test";
import { startMonitor } from "../../infra/demo/monitor/monitor.ts";
import { hangMs } from "../support/until.ts";
import { type Payload, watched } from "./watched.ts";

test("the built-in monitor tells of a failing currency until somebody takes it, and of its end", async (t) => {
  let now = 1_000_000;
  let work = async (): Promise<void> => {};
  const every = (one: () => Promise<void>) => {
    work = one;
    return () => {};
  };
  const pulse = { now: () => now, every, scrapeMs: hangMs };
  const { monitor, taken, heal } = await watched(t, "builtin", { pulse });
  /** Lets seconds pass until such a notification is taken. */
  const told = async (status: string): Promise<Payload> => {
    for (let seconds = 0; seconds < 30; seconds++) {
      const found = taken.arrived.find((one) => one.status === status);
      if (found !== undefined) return found;
      now += 1_000;
      await work();
    }
    throw new Error(`nobody was told that it is ${status}`);
  };
  const firing = await told("firing");
  heal();
  const resolved = await told("resolved");
  const [first, last] = [firing.alerts[0]!, resolved.alerts[0]!];
  assert.equal(monitor.kind, "builtin");
  assert.deepEqual(first.labels, {
    alertname: "PaymentErrorsHigh",
    currency: "JPY",
    environment: "production",
    service: "payment-gateway",
    severity: "critical",
  });
  assert.deepEqual([first.status, first.endsAt], ["firing", "0001-01-01T00:00:00Z"]);
  assert.deepEqual(
    [last.status, last.fingerprint, last.startsAt],
    ["resolved", first.fingerprint, first.startsAt],
  );
  assert.ok(Date.parse(last.endsAt) > Date.parse(last.startsAt));
  assert.deepEqual(taken.arrived, [firing, resolved]);
});

test("a monitor that is asked for and is not there is an error", async (t) => {
  const path = process.env.PATH;
  t.after(() => {
    process.env.PATH = path;
  });
  process.env.PATH = "/nonexistent";
  const options = {
    target: "http://127.0.0.1:9",
    webhook: { url: "http://127.0.0.1:9", token: "" },
    dir: "",
    logDir: "",
  };
  await assert.rejects(startMonitor({ ...options, prefer: "real" }), /not both on PATH/);
});
