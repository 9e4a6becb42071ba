import { join } from "node:path";
import type { TestContext } from "node:test";
import { type MonitorOptions, startMonitor } from "../../infra/demo/monitor/monitor.ts";
import { inbox, listen, scratch } from "../support/scratch.ts";

export type Payload = {
  status: string;
  version: string;
  groupKey: string;
  alerts: {
    status: string;
    labels: Record<string, string>;
    startsAt: string;
    endsAt: string;
    fingerprint: string;
  }[];
};

/**
 * A monitor over a service whose every payment in yen fails until `heal`; each scrape finds ten more requests.
 * Each notification is refused with 503 the first time it comes.
 */
export const watched = async (
  t: TestContext,
  prefer: NonNullable<MonitorOptions["prefer"]>,
  given: Pick<MonitorOptions, "pulse"> = {},
) => {
  const dir = await scratch(t);
  const counts = { good: 0, bad: 0 };
  let healed = false;
  const target = await listen(t, (_, __, response) => {
    counts[healed ? "good" : "bad"] += 10;
    const labels = 'service="payment-gateway",route="/payments",currency="JPY"';
    const lines = [
      `http_requests_total{${labels},code="201"} ${counts.good}`,
      `http_requests_total{${labels},code="500"} ${counts.bad}`,
    ];
    response.end(`${lines.join("\n")}\n`);
  });
  const refused = new Set<string>();
  const taken = inbox<Payload>();
  const receiver = await listen(t, (body, request, response) => {
    const payload: Payload = JSON.parse(body);
    if (request.headers.authorization !== "Bearer secret") return response.writeHead(401).end();
    const first = !refused.has(payload.status);
    refused.add(payload.status);
    if (!first) taken.put(payload);
    response.writeHead(first ? 503 : 202).end();
  });
  const monitor = await startMonitor({
    target,
    webhook: { url: receiver, token: "secret" },
    dir: join(dir, "monitor"),
    logDir: dir,
    prefer,
    ...given,
  });
  t.after(monitor.stop);
  await monitor.watching();
  return {
    monitor,
    taken,
    heal() {
      healed = true;
    },
  };
};
