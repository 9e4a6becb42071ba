import { BadRequest } from "../errors.ts";
import { readBody } from "./http.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });

/** The JSON of raw bytes. Throws BadRequest(400) for what is not UTF-8 or not JSON. */
export const toJson = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(decoder.decode(body));
  } catch {
    throw new BadRequest(400, "the body is not JSON");
  }
};

/** The JSON body of a request, at most `cap` bytes of it. Throws as `readBody` and `toJson` do. */
export const readJson = async (request: Request, cap: number): Promise<unknown> =>
  toJson(await readBody(request, cap));
