import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export type Asked = {
  path: string;
  params: URLSearchParams;
  headers: IncomingMessage["headers"];
  body: string;
};
export type Canned = { status?: number; headers?: Record<string, string>; body: string };
/** A server on loopback that answers as told, and remembers what it was asked. `params` are the form's of a POST, else the query's. */
export const serve = async (answer: (asked: Asked) => Canned | Promise<Canned>) => {
  const asked: Asked[] = [];
  const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
    const { pathname, searchParams } = new URL(request.url!, "http://localhost");
    const sent = Buffer.concat(await request.toArray()).toString();
    const params = request.method === "POST" ? new URLSearchParams(sent) : searchParams;
    asked.push({ path: pathname, params, headers: request.headers, body: sent });
    const { status = 200, headers = {}, body } = await answer(asked.at(-1)!);
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const close = () => new Promise((resolve) => server.close(resolve).closeAllConnections());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    [Symbol.asyncDispose]: async () => void (await close()),
  };
};
