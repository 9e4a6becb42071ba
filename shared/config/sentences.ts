import type { z } from "zod";
import { nearest } from "../policy/nearest.ts";
import { exampleAt, keysAt, placesOf, schemasAt } from "./walk.ts";

type Schema = z.core.$ZodType;
type Issue = z.core.$ZodIssue;

/** The sentence on an issue: the fault, and how it is written rightly, for a person who does not know the library of the schema. */
export const sentenceOf = (root: Schema, issue: Issue): string => {
  switch (issue.code) {
    case "invalid_type":
      return wrongType(root, issue);
    case "invalid_value":
      return oneOf(issue.values.map(String), issue.input);
    case "too_small":
      return tooSmall(root, issue);
    case "too_big":
      return tooBig(issue);
    case "invalid_format":
      return issue.format === "url"
        ? `must be an address such as ${exampleAt(root, issue.path)}`
        : issue.message;
    default:
      return issue.message;
  }
};

const wrongType = (
  root: Schema,
  { path, expected, input }: Extract<Issue, { code: "invalid_type" }>,
): string => {
  if (input === undefined) return `is missing${written(root, path, ": write ")}`;
  if (expected === "string" && isScalar(input) && isAccepted(root, path, String(input)))
    return `is read as a ${typeof input}, not as text: put it in quotes, ${String(path.at(-1))}: "${input}"`;
  if (expected === "int") return `must be a whole number, not ${shown(input)}`;
  if (expected === "object" || expected === "record") return mustHoldKeys(keysAt(root, path), input);
  const kind = kinds[expected] ?? expected;
  const example =
    written(root, path, ", such as ") ||
    (expected === "array" ? ", each entry of which begins with “- ”" : "");
  return `must be ${kind}${example}, not ${shown(input)}`;
};

/** A list of aliases may hold more than memory: only a scalar is written as text. */
const isScalar = (input: unknown): boolean => typeof input !== "object";

const kinds: Record<string, string> = {
  string: "text",
  number: "a number",
  boolean: "true or false",
  array: "a list",
};

const isAccepted = (root: Schema, path: PropertyKey[], text: string): boolean => {
  const [schema] = schemasAt(root, path);
  return schema !== undefined && (schema as z.ZodType).safeParse(text).success;
};

/** The key with an example of its value, where there is one. */
const written = (root: Schema, path: PropertyKey[], before: string): string => {
  const example = exampleAt(root, path);
  const key = path.at(-1);
  return example === undefined || typeof key !== "string" ? "" : `${before}${key}: ${inYaml(example)}`;
};

const inYaml = (value: unknown): string => (Array.isArray(value) ? `[${value.join(", ")}]` : String(value));

const mustHoldKeys = (keys: string[], input: unknown): string => {
  const some = keys.slice(0, 4).join(", ");
  const more = keys.length > 4 ? " and others" : "";
  return `must hold keys${some === "" ? "" : ` (${some}${more})`}, not ${shown(input)}`;
};

const shown = (input: unknown): string => {
  if (input === null) return "nothing";
  if (Array.isArray(input)) return "a list";
  if (typeof input === "object") return "a map";
  return typeof input === "string" ? JSON.stringify(input) : `the ${typeof input} ${input}`;
};

const oneOf = (values: string[], input: unknown): string => {
  const near = isScalar(input) ? nearest(String(input), values) : undefined;
  const list = values.length === 1 ? values[0] : `one of ${values.join(", ")}`;
  return `must be ${list}, not ${shown(input)}${near === undefined ? "" : `: did you mean ${near}?`}`;
};

const tooSmall = (root: Schema, { path, origin, minimum }: Extract<Issue, { code: "too_small" }>): string => {
  if (origin === "array")
    return `must have at least ${minimum === 1 ? "one entry" : `${minimum} entries`}${written(root, path, ", such as ")}`;
  return origin === "string" ? "must not be empty" : `must be at least ${minimum}`;
};

const tooBig = ({ origin, maximum, input }: Extract<Issue, { code: "too_big" }>): string => {
  if (origin === "array") return `must have at most ${maximum} entries`;
  if (origin === "string") return `must have at most ${maximum} characters`;
  const isPercent = maximum === 1 && Number(input) > 1 && Number(input) <= 100;
  return `must be at most ${maximum}${isPercent ? `: ${input} percent is written ${Number(input) / 100}` : ""}`;
};

/** A key that the map at `path` does not have: the one that was meant, or the place where it belongs. */
export const unknownKey = (root: Schema, path: PropertyKey[], key: string): string => {
  const near = nearest(key, keysAt(root, path));
  if (near !== undefined) return `is not a setting: did you mean ${near}?`;
  const places = placesOf(root, key).map((place) => (place === "" ? "the top of the file" : place));
  return places.length === 0
    ? `is not a setting: here stand ${keysAt(root, path).join(", ")}`
    : `is not a setting here: it belongs to ${places.join(" or ")}`;
};
