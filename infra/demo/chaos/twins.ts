import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** The second replica of an Alertmanager: every notification comes once more, a moment later. */
export type Twins = {
  url: string;
  told(): number;
  /** Resolves once nothing is on its way. */
  settled(): Promise<void>;
  stop(): Promise<void>;
};

/** Replicas count the same firing from moments of their own. */
const apartMs = 1_000;
const laterMs = 200;

type Notification = { alerts?: { startsAt?: string }[] };

/** The notification as the other replica tells it. */
export const asTwin = (text: string): string => {
  const body = JSON.parse(text) as Notification;
  const alerts = (body.alerts ?? []).map((alert) =>
    alert.startsAt === undefined
      ? alert
      : { ...alert, startsAt: new Date(Date.parse(alert.startsAt) + apartMs).toISOString() },
  );
  return JSON.stringify({ ...body, alerts });
};

/** Passes each notification on to `target` twice; the first answer counts for its sender. */
export const startTwins = async (target: string): Promise<Twins> => {
  let told = 0;
  const sending = new Set<Promise<unknown>>();
  const post = async (body: string, authorization: string): Promise<number> => {
    told += 1;
    const headers = { "content-type": "application/json", authorization };
    const answer = await fetch(target, { method: "POST", headers, body }).catch(() => undefined);
    await answer?.body?.cancel();
    return answer?.status ?? 503;
  };
  const settled = async () => void (await Promise.allSettled(sending));
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const { authorization = "" } = request.headers;
    response.writeHead(await post(body, authorization)).end();
    const second = delay(laterMs).then(() => post(asTwin(body), authorization));
    sending.add(second);
    await second.finally(() => sending.delete(second));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${new URL(target).pathname}`,
    told: () => told,
    settled,
    async stop() {
      await settled();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
};
