import { array, object, string, unknown } from "zod";
import { BadRequest } from "../../errors.ts";
import { isRecord } from "../../records.ts";
import { malformed, toJson } from "../http/json.ts";
import { decoded } from "./decoded.ts";

/** One event of CloudEvents 1.0, with its data as JSON. */
export type CloudEvent = { id: string; source: string; type: string; time?: string; data: unknown };
/** `problem` says why an event of a batch cannot be read. */
export type Batch = ({ event: CloudEvent } | { problem: string })[];

/** More events than this are refused together: https://github.com/cloudevents/spec asks for small batches. */
const maxEvents = 1000;

const attribute = string().min(1).max(2000);
const form = object({
  specversion: string().regex(/^1\.\d+$/, "must be 1.0"),
  ...{ id: attribute, source: attribute, type: attribute },
  time: string().max(100).optional(),
  data: unknown().optional(),
  data_base64: string().optional(),
});

/**
 * The events of a request in structured, batched or binary mode (CloudEvents' HTTP binding); undefined for a request in none of them. In a
 * batch, a broken event refuses itself only. Throws BadRequest.
 */
export const cloudEvents = (headers: Headers, body: Uint8Array): Batch | undefined => {
  const [type = ""] = (headers.get("content-type") ?? "").toLowerCase().split(";");
  if (type.startsWith("application/cloudevents-batch")) return batch(jsonOf(type, body));
  if (type.startsWith("application/cloudevents")) return [{ event: eventOf(jsonOf(type, body)) }];
  if (headers.get("ce-specversion") === null) return undefined;
  return [{ event: eventOf({ ...attributesOf(headers), data: toJson(body) }) }];
};

const jsonOf = (type: string, body: Uint8Array): unknown => {
  if (!type.trim().endsWith("+json"))
    throw new BadRequest(415, "of the formats of CloudEvents, only JSON is understood");
  return toJson(body);
};

const batch = (json: unknown): Batch => {
  const all = array(unknown()).max(maxEvents).safeParse(json);
  if (!all.success)
    throw new BadRequest(400, `not a batch of CloudEvents: must be a list of at most ${maxEvents}`);
  const read = all.data.map((one) => {
    try {
      return { event: eventOf(one) };
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error;
      return { problem: error.message };
    }
  });
  const [first] = read;
  if (first !== undefined && "problem" in first && read.every((one) => "problem" in one))
    throw new BadRequest(400, first.problem);
  return read;
};

const eventOf = (json: unknown): CloudEvent => {
  const parsed = form.safeParse(json);
  if (!parsed.success) throw malformed("a CloudEvent", parsed.error);
  const { id, source, type, time, data, data_base64: encoded } = parsed.data;
  const content = encoded === undefined ? unquoted(data) : toJson(Buffer.from(encoded, "base64"));
  return { id, source, type, ...(time !== undefined && { time }), data: content };
};

/** Some senders write their JSON as a text into the event. */
const unquoted = (data: unknown): unknown =>
  typeof data === "string" && /^\s*\{/.test(data) ? toJson(Buffer.from(data)) : data;

/** Headers hold percent-encoded values. */
const attributesOf = (headers: Headers): Record<string, string> =>
  Object.fromEntries(
    [...headers].flatMap(([name, value]) =>
      name.startsWith("ce-") ? [[name.slice(3), decoded(value)]] : [],
    ),
  );

/** Whether the body is an object with this key that is an object too. */
export const holds = (data: unknown, key: string): data is Record<string, unknown> =>
  isRecord(data) && isRecord(data[key]);
