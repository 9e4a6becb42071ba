import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { type Definition, onLambda } from "../../infra/aws/host.ts";
import { span, traceparent } from "../../shared/telemetry.ts";

/** Tells its trace, and that of a span of an incident that began in another. */
const telling: Definition<string | undefined, (string | undefined)[]> = {
  name: "tick",
  make:
    ({ log }) =>
    async (incident) => {
      const outside = traceparent();
      const inside = await span("verify", { traceparent: incident }, async () => {
        await Promise.resolve();
        log.info("looked");
        return traceparent();
      });
      return [outside, inside];
    },
};

const lines: string[] = [];
const { write } = process.stdout;
afterEach(() => {
  process.stdout.write = write;
  delete process.env._X_AMZN_TRACE_ID;
});
const listening = <T>(run: () => Promise<T>): Promise<T> => {
  process.stdout.write = ((line: string) => lines.push(String(line)) > 0) as typeof write;
  return run().finally(() => {
    process.stdout.write = write;
  });
};

test("an event runs in Lambda's own trace, and what belongs to an incident in the incident's, its log lines too", async () => {
  process.env._X_AMZN_TRACE_ID = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
  const incident = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const [outside, inside] = await listening(() => onLambda(telling)(incident));
  assert.equal(outside, "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01");
  assert.equal(inside, incident);
  const line = lines.map((one) => JSON.parse(one)).find(({ message }) => message === "looked");
  assert.deepEqual([line.trace_id, line.function], ["0af7651916cd43dd8448eb211c80319c", "tick"]);
});

test("without one of Lambda's each event has a trace of its own", async () => {
  const handler = onLambda(telling);
  const [[first], [second]] = [
    await listening(() => handler(undefined)),
    await listening(() => handler(undefined)),
  ];
  assert.match(first!, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  assert.notEqual(first, second);
});
