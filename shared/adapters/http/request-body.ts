import { BadRequest, UpstreamError } from "../../errors.ts";
import type { MemoryBudget } from "./memory-budget.ts";

/**
 * The body of a request whose sender is known, at most `cap` bytes of it. Throws BadRequest: 415 for an encoded body, 413 for one
 * past the cap, as soon as either is known.
 */
export const readBody = (request: Request, cap: number): Promise<Uint8Array> =>
  checked(request, cap, (framed) => (framed ? whole(request, cap) : joined(request, cap)));

/**
 * The body of a request that only its signature can prove. `memory` bounds what all such bodies hold together until `verify`
 * answers. Throws as `readBody` does, BadRequest(401, `refusal`) for a wrong signature, UpstreamError when the memory is used up.
 */
export const readSigned = async (
  request: Request,
  { cap, memory, verify, refusal }: SignedBody,
): Promise<Uint8Array> => {
  const share = memory.share();
  try {
    return await checked(request, cap, async () => {
      await counted(request, cap, share.add);
      if (!(await verify(share.parts()))) throw new BadRequest(401, refusal);
      return Buffer.concat(share.parts());
    });
  } finally {
    share.release();
  }
};
type SignedBody = {
  cap: number;
  memory: MemoryBudget;
  /** `body` in its parts, which are not this call's to keep. */
  verify: (body: Uint8Array[]) => boolean | Promise<boolean>;
  refusal: string;
};

const checked = async (
  request: Request,
  cap: number,
  read: (framed: boolean) => Promise<Uint8Array>,
): Promise<Uint8Array> => {
  const encoding = request.headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  if (encoding !== "" && encoding !== "identity")
    throw new BadRequest(415, "the body must not be content-encoded");
  const declared = request.headers.get("content-length");
  if (declared !== null && !/^\d{1,15}$/.test(declared))
    throw new BadRequest(400, "malformed Content-Length");
  if (declared !== null && Number(declared) > cap) throw tooLarge(cap);
  try {
    return await read(declared !== null && request.headers.get("transfer-encoding") === null);
  } catch (error) {
    if (error instanceof BadRequest || error instanceof UpstreamError) throw error;
    throw new BadRequest(400, "the body ended early");
  }
};

const tooLarge = (cap: number) => new BadRequest(413, `the body is larger than ${cap} bytes`);

/** The HTTP server holds a framed body to its Content-Length, so this reads no more than the cap, and cheaply. */
const whole = async (request: Request, cap: number): Promise<Uint8Array> => {
  const body = new Uint8Array(await request.arrayBuffer());
  if (body.byteLength > cap) throw tooLarge(cap);
  return body;
};

const joined = async (request: Request, cap: number): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  await counted(request, cap, (chunk) => chunks.push(Buffer.from(chunk)));
  return Buffer.concat(chunks);
};

const counted = async (request: Request, cap: number, take: (chunk: Uint8Array) => void): Promise<void> => {
  let length = 0;
  // Leaving the loop by the throw cancels the stream.
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength;
    if (length > cap) throw tooLarge(cap);
    take(chunk);
  }
};
