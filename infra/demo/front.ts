import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream";

/** One process behind the front; `idle` resolves when it answers nothing any more. */
export type Backend = { port: number; idle(): Promise<void> };
/** A stable address before the process that serves now, so that replacing it drops no request. */
export type Front = { url: string; switchTo(port: number): Backend | undefined; stop(): Promise<void> };

/** Listens on a free loopback port. Until the first `switchTo` it answers 503. */
export const startFront = async (): Promise<Front> => {
  const agent = new Agent({ keepAlive: false });
  let current: ReturnType<typeof backend> | undefined;
  const server = createServer((incoming, outgoing) => {
    if (!current) return outgoing.writeHead(503).end();
    forward(incoming, outgoing, agent, current);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    switchTo(port) {
      const previous = current;
      current = backend(port);
      return previous;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const backend = (port: number) => {
  let open = 0;
  let waiting: (() => void)[] = [];
  return {
    port,
    entered() {
      open += 1;
    },
    left() {
      open -= 1;
      if (open > 0) return;
      for (const resolve of waiting) resolve();
      waiting = [];
    },
    idle: () => (open === 0 ? Promise.resolve() : new Promise<void>((resolve) => waiting.push(resolve))),
  };
};

const forward = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  agent: Agent,
  to: ReturnType<typeof backend>,
) => {
  const { method, url: path, headers } = incoming;
  to.entered();
  outgoing.once("close", to.left);
  const upstream = request({ host: "127.0.0.1", port: to.port, method, path, headers, agent }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    // An answer that breaks off breaks off here as well.
    pipeline(answer, outgoing, () => {});
  });
  upstream.once("error", () => (outgoing.headersSent ? outgoing.destroy() : outgoing.writeHead(502).end()));
  outgoing.once("close", () => upstream.destroy());
  incoming.pipe(upstream);
};
