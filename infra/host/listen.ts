import type { Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { ConfigurationError } from "./errors.ts";
import type { Settings } from "./settings.ts";

export type Server = { url: string; stop(): Promise<void> };

export const listen = (
  fetch: (request: Request) => Response | Promise<Response>,
  { port, host }: Settings,
): Promise<HttpServer> =>
  new Promise((resolve, reject) => {
    const server = serve({
      fetch,
      port,
      hostname: host,
      // Slow clients: 10 s for the headers, 15 s for the whole request.
      serverOptions: { headersTimeout: 10_000, requestTimeout: 15_000, maxHeaderSize: 16 * 1024 },
    }) as HttpServer;
    server.once("listening", () => resolve(server));
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        new ConfigurationError(
          `cannot listen on ${host}:${port}: ${error.code === "EADDRINUSE" ? "the port is in use" : error.message}`,
        ),
      ),
    );
  });

export const addressOf = (server: HttpServer): string => {
  const { address, family, port } = bindingOf(server);
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
};

/** The port of a server that listens on one. */
export const portOf = (server: Pick<HttpServer, "address">): number => bindingOf(server).port;

const bindingOf = (server: Pick<HttpServer, "address">): AddressInfo => {
  const binding = server.address();
  if (binding === null || typeof binding === "string") throw new Error("the server listens on no port");
  return binding;
};
