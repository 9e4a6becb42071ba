import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { portOf } from "../host/listen.ts";

/** Answers once. */
export type Answer = { status(code: number, body: unknown, headers?: Record<string, string>): void };
export type Listening = { url: string; close(): Promise<void> };

/** A small server on a free loopback port that speaks AWS's JSON protocol. A handler that throws is answered as a server failure. */
export const listen = async (
  handle: (request: IncomingMessage, answer: Answer) => Promise<void>,
): Promise<Listening> => {
  const server = createServer((request, response) => {
    const status: Answer["status"] = (code, body, headers = {}) => {
      const json = typeof body === "string" ? body : JSON.stringify(body);
      response.writeHead(code, { "content-type": "application/x-amz-json-1.0", ...headers }).end(json);
    };
    handle(request, { status }).catch((error: Error) =>
      response.headersSent
        ? response.destroy()
        : status(500, { __type: "InternalFailure", message: error.message }),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

export const readText = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
};
