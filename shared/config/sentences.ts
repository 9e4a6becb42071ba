import type { z } from "zod";
import { nearest } from "../policy/nearest.ts";
import { isRecord } from "../records.ts";
import { booleanHint, numberHint, placeholderHint, schemeHint } from "./hints.ts";
import { exampleAt, keysAt, placesOf, schemasAt } from "./walk.ts";

type Schema = z.core.$ZodType;
type Issue = z.core.$ZodIssue;

/** The sentence on an issue: the fault, and how it is written rightly, for a person who does not know the library of the schema. */
export const sentenceOf = (root: Schema, issue: Issue, source?: string): string => {
  const sentence = plainSentence(root, issue, source);
  const isSaid = sentence.includes(": write ") && issue.code !== "invalid_type";
  return isSaid ? sentence : `${sentence}${placeholderHint(issue.input)}`;
};

/** `source` is the value's own text in the file: `1.0` where YAML reads the number 1. */
const plainSentence = (root: Schema, issue: Issue, source: string | undefined): string => {
  switch (issue.code) {
    case "invalid_type":
      return wrongType(root, issue, source);
    case "invalid_key":
      return `is not a key that can stand here: it is ${issue.issues[0]?.message ?? "of another form"}`;
    case "invalid_union":
      return issue.message === "Invalid input" ? oneOfKinds(root, issue) : issue.message;
    case "invalid_value":
      return oneOf(issue.values.map(String), issue.input);
    case "too_small":
      return tooSmall(root, issue);
    case "too_big":
      return tooBig(issue);
    case "invalid_format":
      return issue.format === "url"
        ? `must be an address such as ${exampleAt(root, issue.path)}${schemeHint(issue.input)}`
        : issue.message;
    default:
      return issue.message;
  }
};

const wrongType = (
  root: Schema,
  { path, expected, input }: Extract<Issue, { code: "invalid_type" }>,
  source = isScalar(input) ? String(input) : "",
): string => {
  if (input === undefined) return `is missing${written(root, path, ": write ")}`;
  if (expected === "string" && isScalar(input) && isAccepted(root, path, source))
    return `is read as a ${typeof input}, not as text: put it in quotes, ${typeof path.at(-1) === "string" ? `${String(path.at(-1))}: ` : ""}"${source}"`;
  if (expected === "int") return `must be a whole number, not ${shown(input)}`;
  if (expected === "object" || expected === "record") return mustHoldKeys(root, path, input);
  const kind = kinds[expected] ?? expected;
  const example =
    written(root, path, ", such as ") ||
    (expected === "array" ? ", each entry of which begins with “- ”" : "");
  const hint = expected === "number" ? numberHint(input) : expected === "boolean" ? booleanHint(input) : "";
  return `must be ${kind}${example}, not ${shown(input)}${hint}${expected === "array" ? namedHint(root, path, input) : ""}`;
};

/** A map of named maps where a list of maps with a name belongs. */
const namedHint = (root: Schema, path: PropertyKey[], input: unknown): string => {
  const [first] = isRecord(input) ? Object.entries(input) : [];
  if (first === undefined || !isRecord(first[1]) || !keysAt(root, [...path, 0]).includes("name")) return "";
  return `: write “- name: ${first[0]}” in the place of “${first[0]}:”`;
};

/** Names the kinds of value that a place takes, for a value of another kind. */
const oneOfKinds = (
  root: Schema,
  { path, errors, input }: Extract<Issue, { code: "invalid_union" }>,
): string => {
  const wanted = errors.flatMap(([issue]) => (issue?.code === "invalid_type" ? [issue.expected] : []));
  const named = [...new Set(wanted)].map((kind) =>
    kind === "object" ? `a map with the keys ${keysAt(root, path).join(", ")}` : (kinds[kind] ?? kind),
  );
  return `must be ${named.join(" or ")}, not ${shown(input)}`;
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
  if (example === undefined) return "";
  return `${before}${typeof key === "string" ? `${key}: ` : ""}${inYaml(example)}`;
};

const inYaml = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(inYaml).join(", ")}]`;
  if (!isRecord(value)) return String(value);
  return `{ ${Object.entries(value)
    .map(([key, one]) => `${key}: ${inYaml(one)}`)
    .join(", ")} }`;
};

const mustHoldKeys = (root: Schema, path: PropertyKey[], input: unknown): string => {
  const keys = keysAt(root, path);
  const some = keys.slice(0, 4).join(", ");
  const more = keys.length > 4 ? " and others" : "";
  const named = some === "" ? "" : ` (${some}${more})`;
  return `must hold keys${named}${written(root, path, ", such as ")}, not ${shown(input)}`;
};

const shown = (input: unknown): string => {
  if (input === null) return "nothing";
  if (Array.isArray(input)) return "a list";
  if (typeof input === "object") return "a map";
  return typeof input === "string" ? JSON.stringify(input) : `the ${typeof input} ${input}`;
};

const oneOf = (values: string[], input: unknown): string => {
  const near = isScalar(input) ? meantOf(String(input), values) : undefined;
  const list = values.length === 1 ? values[0] : `one of ${values.join(", ")}`;
  return `must be ${list}, not ${shown(input)}${near === undefined ? "" : `: did you mean ${near}?`}`;
};

const tooSmall = (root: Schema, { path, origin, minimum }: Extract<Issue, { code: "too_small" }>): string => {
  if (origin === "array")
    return `must have at least ${minimum === 1 ? "one entry" : `${minimum} entries`}${written(root, path, ", such as ")}`;
  const example = written(root, path, ", such as ");
  return origin === "string"
    ? `must not be empty${example && `: write ${example.slice(10)}`}`
    : `must be at least ${minimum}${example}`;
};

const tooBig = ({ origin, maximum, input }: Extract<Issue, { code: "too_big" }>): string => {
  if (origin === "array") return `must have at most ${maximum} entries`;
  if (origin === "string") return `must have at most ${maximum} characters`;
  const isPercent = maximum === 1 && Number(input) >= 2 && Number(input) <= 100;
  return `must be at most ${maximum}${isPercent ? `: ${input} percent is written ${Number(input) / 100}` : ""}`;
};

/** The nearest of the names, or one that the text goes on from: `matchers` is `match`. */
const meantOf = (text: string, names: string[]): string | undefined =>
  nearest(text, names) ?? names.find((name) => name.length > 3 && text.startsWith(name));

/** A key that the map at `path` does not have: the one that was meant, or the place where it belongs. */
export const unknownKey = (
  root: Schema,
  path: PropertyKey[],
  key: string,
): { message: string; meant?: string; places: string[] } => {
  const near = meantOf(key, keysAt(root, path));
  const places = near === undefined ? placesOf(root, key) : [];
  const odd = /[^ -~]/u.exec(key)?.[0]?.codePointAt(0);
  if (odd !== undefined)
    return {
      places,
      message: `is not a setting: it has the character U+${odd.toString(16).toUpperCase().padStart(4, "0")}, which may look like a space or a letter; type the key anew`,
    };
  if (near !== undefined) return { places, meant: near, message: `is not a setting: did you mean ${near}?` };
  if (places.length > 0)
    return {
      places,
      message: `is not a setting here: it belongs to ${places.map((place) => (place === "" ? "the top of the file" : place)).join(" or ")}`,
    };
  const own = path.length === 0 ? `; a key of your own, for anchors, begins with x-, such as x-${key}` : "";
  return { places, message: `is not a setting: here stand ${keysAt(root, path).join(", ")}${own}` };
};
