import { once } from "node:events";
import http, { createServer, type IncomingMessage } from "node:http";
import https from "node:https";
import { portOf } from "../host/server/listen.ts";

/** Answers once. */
export type Answer = { status(code: number, body: unknown, headers?: Record<string, string>): void };
export type Listening = { url: string; close(): Promise<void> };

/** A small server on a free loopback port that speaks AWS's JSON protocol. A handler that throws is answered as a server failure. */
export const listen = async (
  handle: (request: IncomingMessage, answer: Answer) => Promise<void>,
): Promise<Listening> => {
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
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

export type Answered = { status: number; text: string };
export type Connection = {
  post(headers: Record<string, string>, body: string): Promise<Answered>;
  close(): void;
};

/** Posts to a server over connections that stay open. It takes half the work of `fetch`. */
export const connect = (url: string): Connection => {
  const { Agent, request } = url.startsWith("https:") ? https : http;
  const agent = new Agent({ keepAlive: true });
  return {
    async post(headers, body) {
      const length = String(Buffer.byteLength(body));
      const options = { method: "POST", agent, headers: { ...headers, "content-length": length } };
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        request(url, options, resolve).once("error", reject).end(body);
      });
      return { status: answer.statusCode ?? 0, text: await readText(answer) };
    },
    close: () => agent.destroy(),
  };
};
