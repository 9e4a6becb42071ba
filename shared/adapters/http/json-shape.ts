/** Limits of a JSON text, so that parsing it stays cheap. */
export const maxDepth = 64;
export const maxValues = 400_000;

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const opens = new Set([0x5b, 0x7b]);
const closes = new Set([0x5d, 0x7d]);

/** Why bytes must not be parsed as JSON; undefined when they may. Looks at brackets, commas and colons outside of strings only. */
export const jsonExcess = (body: Uint8Array): string | undefined => {
  let depth = 0;
  let values = 1;
  for (let index = 0; index < body.length; index++) {
    const byte = body[index] ?? 0;
    if (byte === quote) index = endOfString(body, index);
    else if (byte === comma || byte === colon) values++;
    else if (opens.has(byte)) depth++;
    else if (closes.has(byte)) depth--;
    if (depth > maxDepth) return `the JSON is nested more than ${maxDepth} deep`;
    if (values > maxValues) return `the JSON holds more than ${maxValues} values`;
  }
  return undefined;
};

/** The index of the quote that closes the string opened at `start`; the last index where nothing closes it. */
const endOfString = (body: Uint8Array, start: number): number => {
  let end = start;
  do {
    end = body.indexOf(quote, end + 1);
    if (end === -1) return body.length - 1;
  } while (isEscaped(body, end));
  return end;
};

const isEscaped = (body: Uint8Array, index: number): boolean => {
  let backslashes = 0;
  while (body[index - 1 - backslashes] === backslash) backslashes++;
  return backslashes % 2 === 1;
};
