import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { Agent, IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { listen, portOf } from "../../infra/host/server/listen.ts";

type Handle = (body: ReadableStream<Uint8Array> | null, incoming: unknown) => Promise<string>;

/** A server that answers with what `handle` makes of the body. */
const serving = async (t: TestContext, handle: Handle): Promise<number> => {
  const server = await listen(async ({ body }, { incoming }) => new Response(await handle(body, incoming)), {
    ...{ port: 0, host: "127.0.0.1" },
  });
  t.after(() => void server.close().closeAllConnections());
  return portOf(server);
};

/** One answer as text; `ports` of the client tell whether the connection was used again. */
const client = (t: TestContext, port: number) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const ports: (number | undefined)[] = [];
  const post = async (body: Buffer[], headers: Record<string, string> = {}): Promise<string> => {
    const sent = request({ host: "127.0.0.1", port, method: "POST", agent, headers });
    sent.once("socket", (socket) => {
      if (socket.connecting) socket.once("connect", () => ports.push(socket.localPort));
      else ports.push(socket.localPort);
    });
    sent.on("error", () => {});
    for (const part of body) sent.write(part);
    sent.end();
    const [answer]: IncomingMessage[] = await once(sent, "response");
    let text = "";
    for await (const chunk of answer ?? []) text += chunk;
    return text;
  };
  return { post, ports };
};

const readAll: Handle = async (body) => {
  const parts: Buffer[] = [];
  for await (const chunk of body ?? []) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts).toString("base64");
};

test("a body arrives byte for byte, framed or in chunks, and the connection is used again", async (t) => {
  const { post, ports } = client(t, await serving(t, readAll));
  const bytes = randomBytes(1_000_000);
  const parts = [bytes.subarray(0, 10), bytes.subarray(10, 70_000), bytes.subarray(70_000)];
  assert.equal(await post(parts), bytes.toString("base64"));
  assert.equal(await post(parts, { "content-length": String(bytes.length) }), bytes.toString("base64"));
  assert.equal(await post([]), "");
  assert.equal(new Set(ports).size, 1);
});

test("the memory of a chunk goes when the next is asked for, and nothing is read ahead", async (t) => {
  const told: unknown[] = [];
  const port = await serving(t, async (body, incoming) => {
    const reader = body?.getReader();
    const first = await reader?.read();
    assert.ok(incoming instanceof IncomingMessage);
    const message = incoming;
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    told.push([message.readableLength, message.socket.isPaused(), first?.value?.byteLength !== 0]);
    await reader?.read();
    told.push(first?.value?.byteLength);
    return "read";
  });
  const socket = connect(port, "127.0.0.1");
  t.after(() => socket.destroy());
  socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 50000000\r\n\r\n");
  socket.write(Buffer.alloc(1_000_000));
  await once(socket, "data");
  assert.deepEqual(told, [[0, true, true], 0]);
});

/** Sends chunks without end until the connection is closed; its first answer, and the bytes that the server had read. */
const sendEndlessly = async (port: number, header: string): Promise<string> => {
  const socket = connect(port, "127.0.0.1");
  const closed = new Promise((resolve) => socket.on("error", () => {}).once("close", resolve));
  socket.write(`POST / HTTP/1.1\r\nhost: x\r\n${header}transfer-encoding: chunked\r\n\r\n`);
  const chunk = Buffer.concat([Buffer.from("10000\r\n"), Buffer.alloc(0x10000), Buffer.from("\r\n")]);
  const more = () => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on("drain", more);
  more();
  const [answer] = await once(socket, "data");
  await closed;
  return String(answer);
};

test("a body that is not wanted is answered, little of it is read, and its connection is closed", async (t) => {
  const messages: IncomingMessage[] = [];
  const port = await serving(t, async (body, incoming) => {
    assert.ok(incoming instanceof IncomingMessage);
    const message = incoming;
    messages.push(message);
    if (message.headers.unread !== undefined) return "enough";
    let read = 0;
    for await (const chunk of body ?? []) {
      read += chunk.byteLength;
      if (read > 100_000) break;
    }
    return "enough";
  });
  const answers = await Promise.all([sendEndlessly(port, ""), sendEndlessly(port, "unread: 1\r\n")]);
  for (const answer of answers) assert.match(answer, /^HTTP\/1\.1 200 OK[\s\S]*enough$/);
  for (const { socket } of messages)
    assert.ok(socket.bytesRead < 1_000_000, `${socket.bytesRead} bytes were read`);
});

test("a client that reads nothing before it has sent its 10 MB still gets the answer", async (t) => {
  const port = await serving(t, async () => "too large");
  const socket = connect(port, "127.0.0.1").pause();
  t.after(() => socket.destroy());
  const failed = once(socket, "error").then(([error]: Error[]) => Promise.reject(error));
  socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10000000\r\n\r\n");
  const isSent = new Promise((resolve) => socket.write(Buffer.alloc(10_000_000), resolve));
  await Promise.race([isSent, failed]);
  const [answer] = await Promise.race([once(socket.resume(), "data"), failed]);
  assert.match(String(answer), /^HTTP\/1\.1 200 OK[\s\S]*too large$/);
});

test("a small body that nobody read leaves the connection usable", async (t) => {
  const { post, ports } = client(t, await serving(t, async () => "unread"));
  for (let turn = 0; turn < 3; turn++)
    assert.equal(await post([Buffer.alloc(20_000)], { "content-length": "20000" }), "unread");
  assert.equal(new Set(ports).size, 1);
});

test("a client that leaves in the midst of its body ends the reading", async (t) => {
  const ended = Promise.withResolvers<string>();
  const port = await serving(t, async (body, incoming) => {
    const all = readAll(body, incoming);
    all.catch((error: Error) => ended.resolve(error.message));
    return all;
  });
  const socket = connect(port, "127.0.0.1");
  socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf");
  setImmediate(() => socket.destroySoon());
  assert.equal(await ended.promise, "aborted");
});
