import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { pipeline } from "node:stream";

/** An address before another one: as it is, slow, or lost as a machine that is gone. */
export type Gate = {
  url: string;
  /** Each request waits so long first. */
  slow(ms: number): void;
  /** No connection is taken, and those that are open end. */
  lose(): void;
  restore(): void;
  /** How many requests came while it was slow or lost. */
  met(): number;
  stop(): Promise<void>;
};

export const startGate = async (target: string): Promise<Gate> => {
  const to = new URL(target);
  const sockets = new Set<Socket>();
  let state: { waitMs: number; isLost: boolean } = { waitMs: 0, isLost: false };
  let met = 0;
  const server = createServer((incoming, outgoing) => {
    const { waitMs } = state;
    if (waitMs > 0) met += 1;
    setTimeout(() => forward(incoming, outgoing, to), waitMs);
  });
  server.on("connection", (socket) => {
    if (state.isLost) {
      met += 1;
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${to.pathname.replace(/\/$/, "")}`,
    slow(ms) {
      state = { ...state, waitMs: ms };
    },
    lose() {
      state = { ...state, isLost: true };
      for (const socket of sockets) socket.destroy();
    },
    restore() {
      state = { waitMs: 0, isLost: false };
    },
    met: () => met,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const forward = (incoming: IncomingMessage, outgoing: ServerResponse, to: URL): void => {
  const { method, url: path, headers } = incoming;
  const sent = request({ host: to.hostname, port: to.port, method, path, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    pipeline(answer, outgoing, () => {});
  });
  sent.once("error", () => (outgoing.headersSent ? outgoing.destroy() : outgoing.writeHead(502).end()));
  outgoing.once("close", () => sent.destroy());
  incoming.pipe(sent);
};
