import { timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

/** The least that any webhook receiver does: read, compare the token, parse, answer. Keeps nothing. */
const token = Buffer.from(`Bearer ${process.env.ALERTMANAGER_TOKEN}`);
const admitted = (header: string | undefined): boolean => {
  const given = Buffer.from(header ?? "");
  return given.length === token.length && timingSafeEqual(given, token);
};

createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    if (!admitted(request.headers.authorization)) return response.writeHead(401).end();
    const { alerts }: { alerts: unknown[] } = JSON.parse(Buffer.concat(chunks).toString());
    const body = JSON.stringify({ received: alerts.length });
    response.writeHead(202, { "content-type": "application/json", "content-length": body.length }).end(body);
  });
}).listen(Number(process.env.PORT), "127.0.0.1");
