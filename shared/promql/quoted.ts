/** A value as a string of PromQL. */
export const quoted = (value: string): string => JSON.stringify(value.toWellFormed());

const named: Record<string, string> = { a: "\u0007", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };
const escapes = /(?:\\x[\da-fA-F]{2}|\\[0-7]{3})+|\\u([\da-fA-F]{4})|\\U([\da-fA-F]{8})|\\([abfnrtv\\'"])/g;
const byte = /\\x([\da-fA-F]{2})|\\([0-7]{3})/g;
const decoder = new TextDecoder();

/**
 * The value of a string of PromQL, or a name that needs no quotes. The escapes are Go's, and backticks know none:
 * https://prometheus.io/docs/prometheus/latest/querying/basics/#string-literals
 */
export const unquoted = (text: string): string => {
  if (text.startsWith("`")) return text.slice(1, -1);
  if (!/^["']/.test(text)) return text;
  return text.slice(1, -1).replace(escapes, (whole, short?: string, long?: string, name?: string) => {
    if (name !== undefined) return named[name] ?? name;
    const hex = short ?? long;
    return hex === undefined ? bytesOf(whole) : characterOf(Number.parseInt(hex, 16));
  });
};

/** Escapes of bytes side by side are one text in UTF-8. */
const bytesOf = (text: string): string => {
  const bytes = Array.from(text.matchAll(byte), ([, hex, octal]) =>
    hex === undefined ? Number.parseInt(octal ?? "", 8) : Number.parseInt(hex, 16),
  );
  return decoder.decode(new Uint8Array(bytes));
};

const characterOf = (point: number): string =>
  point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff) ? "\ufffd" : String.fromCodePoint(point);
