import { array, iso, nullish, number, record, string, unknown } from "zod";
import { isRecord } from "../../records.ts";
import { clip } from "../../text/format.ts";

/** Characters of a name or an address in a payload, and of what is kept of a tool's message. */
const maxText = 1000;
const maxDetail = 300;
const maxImages = 50;

// The kinds of fields that the tools' payloads have. Go's encoders write null for what is not there.
export const text = nullish(string());
export const instant = nullish(iso.datetime({ offset: true }));
export const milliseconds = nullish(number().min(0));
export const texts = nullish(array(string()));
export const values = nullish(record(string(), unknown()));

/** The full ids of commits; a name of a branch or a chart's version is none. */
export const shaOf = (revision: string | null | undefined): string | undefined =>
  revision === null || revision === undefined || revision.length > maxText
    ? undefined
    : /(?:^|[@/:])([0-9a-f]{40})$/.exec(revision)?.[1];

/** The texts and numbers of a map of parameters. */
export const valuesOf = (map: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(isRecord(map) ? map : {}).flatMap(([key, value]) =>
      typeof value === "string" || typeof value === "number" || typeof value === "boolean"
        ? [[key, clip(String(value), maxText)]]
        : [],
    ),
  );

/** The name of an environment among parameters, as people call that parameter. */
export const environmentIn = (map: Record<string, string>): string | undefined =>
  Object.entries(map).find(([key, value]) => /^(environment|env)$/i.test(key) && value !== "")?.[1];

/** The message of a failure as one short line. */
export const detailOf = (message: string | null | undefined): { detail?: string } => {
  const line = (message ?? "")
    .slice(0, 10 * maxDetail)
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .trim();
  return line === "" ? {} : { detail: clip(line, maxDetail) };
};

/** A web address that people may follow. */
export const urlOf = (address: string | null | undefined): { url?: string } => {
  const parsed = address && address.length <= 2000 ? URL.parse(address) : null;
  return parsed?.protocol === "https:" || parsed?.protocol === "http:" ? { url: parsed.href } : {};
};

export const atOf = (...told: (string | number | null | undefined)[]): { at?: number } => {
  const [first] = told.filter((one) => one !== null && one !== undefined);
  return first === undefined ? {} : { at: typeof first === "number" ? first : Date.parse(first) };
};

export const imagesOf = (references: string[] | null | undefined): string[] =>
  (references ?? []).slice(0, maxImages);

/** Whether the body is an object that has these keys, so that a payload of another shape is not held against a form. */
export const has = (body: unknown, ...keys: string[]): body is Record<string, unknown> =>
  isRecord(body) && keys.every((key) => Object.hasOwn(body, key));
