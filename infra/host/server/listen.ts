import { type Server as HttpServer, IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { ConfigurationError } from "../errors.ts";
import type { Settings } from "../settings/settings.ts";
import { bodyOf, endUnread } from "./bodies.ts";

export type Server = {
  url: string;
  /** Takes up a changed configuration, where the host can. */
  reload?: () => void;
  stop(): Promise<void>;
};

/** How long a client may take for its headers and for the whole request, and how often that is looked at. */
export type Patience = { headersMs: number; requestMs: number; checkMs: number };
const patience: Patience = { headersMs: 10_000, requestMs: 15_000, checkMs: 1_000 };

type Bindings = { incoming: unknown };

/** The request with its body as `bodyOf` reads it. */
const withOwnBody = (request: Request, { incoming }: Bindings): Request => {
  let body: ReadableStream<Uint8Array> | undefined;
  const get = (): ReadableStream<Uint8Array> | undefined => {
    if (body === undefined && incoming instanceof IncomingMessage) body = bodyOf(incoming);
    return body;
  };
  return Object.defineProperty(request, "body", { get });
};

export const listen = (
  fetch: (request: Request, bindings: Bindings) => Response | Promise<Response>,
  { port, host }: Pick<Settings, "port" | "host">,
  { headersMs, requestMs, checkMs }: Patience = patience,
): Promise<HttpServer> =>
  new Promise((resolve, reject) => {
    const server = serve({
      fetch: (request, bindings) => fetch(withOwnBody(request, bindings), bindings),
      // It would read and drop up to 64 MiB of each body that nobody wants.
      autoCleanupIncoming: false,
      port,
      hostname: host,
      serverOptions: {
        ...{ headersTimeout: headersMs, requestTimeout: requestMs, maxHeaderSize: 16 * 1024 },
        // Node looks only every 30 s by itself, so a slow client would hold its socket for 45 s.
        connectionsCheckingInterval: checkMs,
      },
    }) as HttpServer;
    server.prependListener("request", endUnread);
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
