import assert from "node:assert/strict";
import { test } from "node:test";
import { readBody } from "../../shared/adapters/http/request-body.ts";
import { BadRequest } from "../../shared/errors.ts";

const request = (body: RequestInit["body"], headers: Record<string, string> = {}): Request =>
  new Request("http://localhost/", { method: "POST", body, headers, duplex: "half" } as RequestInit);
const refused = (status: number) => (error: unknown) =>
  error instanceof BadRequest && error.status === status;

/** A body that goes on for as long as it is read, and tells how much was. */
const endless = () => {
  const told = { chunks: 0, cancelled: false };
  const source = {
    pull: (controller: ReadableStreamDefaultController<Uint8Array>) => {
      told.chunks++;
      controller.enqueue(new Uint8Array(1024));
    },
    cancel: () => {
      told.cancelled = true;
    },
  };
  const stream = new ReadableStream(source, { highWaterMark: 0 });
  return { stream, told };
};

test("a body within the cap arrives byte for byte, framed or in chunks", async () => {
  const bytes = new Uint8Array([0, 255, 10, 195, 40]);
  assert.deepEqual([...(await readBody(request(bytes, { "content-length": "5" }), 5))], [...bytes]);
  assert.deepEqual([...(await readBody(request(new Blob([bytes]).stream()), 5))], [...bytes]);
});

test("a request without a body is an empty one", async () => {
  assert.equal((await readBody(request(null), 5)).byteLength, 0);
});

test("a Content-Length over the cap is refused before a byte is read", async () => {
  const { stream, told } = endless();
  const large = request(stream, { "content-length": "2048" });
  await assert.rejects(readBody(large, 2047), refused(413));
  assert.equal(told.chunks, 0);
});

test("an endless body is cut off at the cap", async () => {
  const { stream, told } = endless();
  await assert.rejects(readBody(request(stream), 10_000), refused(413));
  assert.ok(told.chunks <= 13);
  assert.equal(told.cancelled, true);
});

test("a Content-Length that understates the body does not get it past the cap", async () => {
  await assert.rejects(readBody(request("x".repeat(100), { "content-length": "5" }), 50), refused(413));
});

test("an encoded body is refused, identity is none", async () => {
  for (const encoding of ["gzip", "br", "deflate, gzip", "GZIP"])
    await assert.rejects(readBody(request("x", { "content-encoding": encoding }), 50), refused(415));
  assert.equal((await readBody(request("x", { "content-encoding": "Identity" }), 50)).byteLength, 1);
});

test("a malformed Content-Length and a body that breaks off are bad requests", async () => {
  for (const length of ["-1", "1e3", "0x10", "5, 5"])
    await assert.rejects(readBody(request("x", { "content-length": length }), 50), refused(400));
  const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("gone")) });
  await assert.rejects(readBody(request(broken), 50), refused(400));
});
