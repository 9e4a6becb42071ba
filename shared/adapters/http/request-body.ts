import { BadRequest } from "../../errors.ts";

/**
 * The body of a request, at most `cap` bytes of it. Throws BadRequest: 415 for an encoded body, 413 for one
 * past the cap, as soon as either is known.
 */
export const readBody = async (request: Request, cap: number): Promise<Uint8Array> => {
  const encoding = request.headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  if (encoding !== "" && encoding !== "identity")
    throw new BadRequest(415, "the body must not be content-encoded");
  const declared = request.headers.get("content-length");
  if (declared !== null && !/^\d{1,15}$/.test(declared))
    throw new BadRequest(400, "malformed Content-Length");
  if (declared !== null && Number(declared) > cap) throw tooLarge(cap);
  const framed = declared !== null && request.headers.get("transfer-encoding") === null;
  try {
    return framed ? await whole(request, cap) : await counted(request, cap);
  } catch (error) {
    if (error instanceof BadRequest) throw error;
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

const counted = async (request: Request, cap: number): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop by the throw cancels the stream.
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength;
    if (length > cap) throw tooLarge(cap);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
};
