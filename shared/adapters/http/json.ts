import { BadRequest } from "../../errors.ts";
import { jsonExcess } from "./json-shape.ts";
import { readBody } from "./request-body.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });

/** The JSON of raw bytes. Throws BadRequest(400) for bytes that are not UTF-8, not JSON, or nested too deep to parse cheaply. */
export const toJson = (body: Uint8Array): unknown => {
  const excess = jsonExcess(body);
  if (excess !== undefined) throw new BadRequest(400, excess);
  try {
    return JSON.parse(decoder.decode(body));
  } catch {
    throw new BadRequest(400, "the body is not JSON");
  }
};

/** The JSON body of a request, at most `cap` bytes of it. Throws as `readBody` and `toJson` do. */
export const readJson = async (request: Request, cap: number): Promise<unknown> =>
  toJson(await readBody(request, cap));

type Issue = { path: PropertyKey[]; message: string; code?: string; expected?: string; values?: unknown[] };

/** A body that claims to be of a form and is not, field by field. */
export const malformed = (form: string, { issues }: { issues: Issue[] }): BadRequest =>
  new BadRequest(
    400,
    `not ${form}: ${issues.map((issue) => `${issue.path.join(".") || "the body"}: ${sentence(issue)}`).join("; ")}`,
  );

/** A form's own sentence, or in plain words what its library says. */
const sentence = ({ code, message, expected, values }: Issue): string => {
  if (code === "invalid_value" && values !== undefined) return `must be ${values.join(" or ")}`;
  if (code !== "invalid_type") return message;
  return message.endsWith("received undefined")
    ? "is missing"
    : `must be ${named[expected ?? ""] ?? expected}`;
};

const named: Record<string, string> = {
  string: "text",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
};
