import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { toJson } from "../../shared/adapters/http/json.ts";
import { maxDepth, maxValues } from "../../shared/adapters/http/json-shape.ts";
import { memoryBudget } from "../../shared/adapters/http/memory-budget.ts";
import { observed } from "../../shared/adapters/http/observed-fetch.ts";
import { readBody, readSigned } from "../../shared/adapters/http/request-body.ts";
import { signGitHub, verifyGitHub } from "../../shared/adapters/http/signature.ts";
import { BadRequest, UpstreamError } from "../../shared/errors.ts";
import { counted } from "../../shared/telemetry.ts";

const request = (body: RequestInit["body"], headers: Record<string, string> = {}): Request =>
  new Request("http://localhost/", { method: "POST", body, headers, duplex: "half" } as RequestInit);
const refused = (status: number) => (error: unknown) =>
  error instanceof BadRequest && error.status === status;

/** A body of a thousand times what is allowed here, which tells how much of it was read. */
const endless = () => {
  const told = { chunks: 0, cancelled: false };
  const source = {
    pull: (controller: ReadableStreamDefaultController<Uint8Array>) => {
      told.chunks++;
      if (told.chunks > 10_000) return controller.close();
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

const signed = (
  memory: ReturnType<typeof memoryBudget>,
  verify: (body: Uint8Array[]) => boolean = () => true,
) => ({
  ...{ cap: 5000, memory, verify, refusal: "the signature does not match" },
});
const full = (error: unknown) => error instanceof UpstreamError && error.system === "memory";

test("unverified bodies share one budget, and give it back once they are verified, refused or cut off", async () => {
  const memory = memoryBudget(1500, 100);
  let proceed = () => {};
  const held = new Promise<boolean>((resolve) => {
    proceed = () => resolve(true);
  });
  const first = readSigned(request(new Uint8Array(1000)), { ...signed(memory), verify: () => held });
  await new Promise(setImmediate);
  await assert.rejects(readSigned(request(new Uint8Array(1000)), signed(memory)), full);
  // A body that is being verified gives way to nobody.
  assert.equal((await readSigned(request(new Uint8Array(500)), signed(memory))).byteLength, 500);
  await assert.rejects(readSigned(request(new Uint8Array(501)), signed(memory)), full);
  proceed();
  assert.equal((await first).byteLength, 1000);
  const forged = readSigned(
    request(new Uint8Array(1000)),
    signed(memory, () => false),
  );
  await assert.rejects(forged, refused(401));
  await assert.rejects(readSigned(request(endless().stream), signed(memory)), full);
  assert.equal((await readSigned(request(new Uint8Array(1500)), signed(memory))).byteLength, 1500);
});

test("a body that holds more gives way to a smaller one, and not to one that is as large", () => {
  const memory = memoryBudget(1000, 100);
  const [large, middle, small] = [memory.share(), memory.share(), memory.share()];
  large.add(new Uint8Array(600));
  middle.add(new Uint8Array(350));
  small.add(new Uint8Array(100));
  small.add(new Uint8Array(250));
  assert.throws(() => large.add(new Uint8Array(1)), full);
  assert.equal(Buffer.concat(small.parts()).byteLength, 350);
  // Two blocks are left, and none of the others holds more than this one would.
  assert.throws(() => small.add(new Uint8Array(600)), full);
  for (const share of [large, middle, small]) share.release();
  const whole = memory.share();
  whole.add(new Uint8Array(1000));
  assert.throws(() => whole.add(new Uint8Array(1)), full);
});

test("the parts of a body are its bytes, in whichever chunks they come, also in memory that another had", () => {
  const memory = memoryBudget(4000, 64);
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), (chunks) => {
      const share = memory.share();
      for (const chunk of chunks) share.add(chunk);
      assert.deepEqual(Buffer.concat(share.parts()), Buffer.concat(chunks));
      share.release();
      assert.deepEqual(share.parts(), []);
    }),
  );
});

test("a signature is checked over the parts of a body", async () => {
  const memory = memoryBudget(4000, 64);
  const body = Buffer.from("x".repeat(150));
  const signature = signGitHub({ secret: "s", body });
  const verify = (parts: Uint8Array[]) => verifyGitHub({ secret: "s", signature, body: parts });
  const read = await readSigned(request(body), { ...signed(memory), verify });
  assert.deepEqual(Buffer.from(read), body);
  await assert.rejects(readSigned(request(`${body}y`), { ...signed(memory), verify }), refused(401));
});

const bytes = (text: string) => new TextEncoder().encode(text);

test("JSON nested too deep, or of too many values, is refused before it is parsed", () => {
  const nested = (depth: number) => bytes(`${"[".repeat(depth)}${"]".repeat(depth)}`);
  assert.ok(toJson(nested(maxDepth)));
  assert.throws(() => toJson(nested(maxDepth + 1)), /nested more than 64 deep/);
  assert.throws(() => toJson(bytes("[".repeat(5_000_000))), /nested more than 64 deep/);
  assert.throws(() => toJson(bytes(`[${"0,".repeat(maxValues)}0]`)), /more than 400000 values/);
});

test("brackets and commas inside of strings do not count, whatever is escaped", () => {
  const text = JSON.stringify({ a: `${"[{,:".repeat(200_000)}\\"\\\\`, b: '"' });
  assert.deepEqual(toJson(bytes(text)), JSON.parse(text));
});

test("every JSON of ordinary size is read as JSON.parse reads it", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 8 }), (text) => {
      assert.deepEqual(toJson(bytes(text)), JSON.parse(text));
    }),
    { numRuns: 1000 },
  );
});

test("arbitrary bytes are JSON or a refusal, and nothing else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (body) => {
      try {
        toJson(body);
      } catch (error) {
        assert.ok(refused(400)(error));
      }
    }),
    { numRuns: 10_000 },
  );
});

test("a call after which less than a fifth of the hour's is left is counted as such", async () => {
  const scarce = () =>
    counted()
      .filter(({ name }) => name === "countersteer.calls.scarce")
      .map(({ attributes, value }) => [attributes.system, value]);
  const before = scarce();
  const call = async (headers: Record<string, string>) =>
    observed("sns", async () => new Response("", { headers }))("https://api.example");
  await call({});
  await call({ "x-ratelimit-limit": "5000", "x-ratelimit-remaining": "1000" });
  assert.deepEqual(scarce(), before);
  await call({ "x-ratelimit-limit": "5000", "x-ratelimit-remaining": "999" });
  assert.deepEqual(scarce().at(-1), ["sns", 1]);
});
