import { Agent, request } from "node:http";

export type Load = { port: number; token: string; connections: number; ms: number; next: () => string };
/** `latencies` in ms, one an answered request; `refused` counts the answers other than 202. */
export type Run = { latencies: number[]; seconds: number; refused: number };

/** Keeps every connection busy with webhooks for so long. */
export const load = async ({ port, token, connections, ms, next }: Load): Promise<Run> => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const latencies: number[] = [];
  let refused = 0;
  const begin = performance.now();
  const connection = async (): Promise<void> => {
    while (performance.now() - begin < ms) {
      const body = Buffer.from(next());
      const sent = performance.now();
      if ((await post({ agent, port, token, body })) !== 202) refused++;
      latencies.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  const seconds = (performance.now() - begin) / 1000;
  agent.destroy();
  return { latencies, seconds, refused };
};

type Post = { agent: Agent; port: number; token: string; body: Buffer };

const post = ({ agent, port, token, body }: Post): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const sending = request({
      ...{ agent, port, host: "127.0.0.1", method: "POST", path: "/webhooks/alertmanager" },
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        "content-length": body.length,
        "user-agent": "Alertmanager/0.28.1",
      },
    });
    sending.on("response", (response) => response.resume().on("end", () => resolve(response.statusCode)));
    sending.on("error", reject);
    sending.end(body);
  });
