import { clip } from "../../text/format.ts";

/** A flag that was changed, as a tool tells it that knows no services. Without `environment` it is all of them. `at` is epoch ms. */
export type Toggled = { project: string; environment?: string; flag: string; change: string; at: number };

/** Characters of a flag's name, as the longest that the tools allow, and of what is kept of a change. */
export const maxFlag = 256;
export const maxChange = 200;

/** A tool's description of a change, as one short line. */
export const oneLine = (text: string): string =>
  clip(
    text
      .toWellFormed()
      .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
      .trim(),
    maxChange,
  );

/** Whether a body has all of these keys. */
export const has = (body: unknown, ...keys: string[]): boolean =>
  typeof body === "object" && body !== null && keys.every((key) => Object.hasOwn(body, key));
