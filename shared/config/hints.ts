// Ends of a sentence about a value: how that value is written rightly, where that can be seen.

type Input = { input: unknown };
const nothing = "";

/** A message that ends with how the value is to be written, where `right` knows. */
export const withHint =
  (message: string, right: (text: string) => string | undefined) =>
  ({ input }: Input): string => {
    const written = typeof input === "string" ? right(input) : undefined;
    return written === undefined ? message : `${message}: write ${written}`;
  };

const durationForm = /^(\d+(ms|[smhdw]))+$/;
const words: [RegExp, string][] = [
  [/months?|mo$/g, "×30d"],
  [/years?|y$/g, "×365d"],
  [/minutes?|mins?/g, "m"],
  [/seconds?|secs?/g, "s"],
  [/hours?|hrs?/g, "h"],
  [/days?/g, "d"],
  [/weeks?/g, "w"],
];

/** `5min`, `5 Minutes`, `PT5M`, `1.5h`, `1y` as a duration of this file. */
export const asDuration = (text: string): string | undefined => {
  let plain = text
    .trim()
    .toLowerCase()
    .replaceAll(/\s+|,|and/g, "");
  if (/^p(\d+[wd])?(t(\d+[hms])*)?$/.test(plain)) plain = plain.replaceAll(/[pt]/g, "");
  for (const [word, unit] of words) plain = plain.replaceAll(word, unit);
  plain = plain.replaceAll(/(\d+)×(\d+)d/g, (_, count, days) => `${Number(count) * Number(days)}d`);
  const [, count, unit] = /^(\d+\.\d+)([mhd])$/.exec(plain) ?? [];
  if (count !== undefined && unit !== undefined) plain = inParts(Number(count), unit);
  return durationForm.test(plain) ? plain : undefined;
};

const smaller: Record<string, { unit: string; parts: number }> = {
  m: { unit: "s", parts: 60 },
  h: { unit: "m", parts: 60 },
  d: { unit: "h", parts: 24 },
};

const inParts = (count: number, unit: string): string => {
  const { unit: next, parts } = smaller[unit] ?? { unit, parts: 1 };
  const rest = Math.round((count % 1) * parts);
  return [Math.floor(count), unit, rest, next].join("").replace(/^0[mhd]/, "");
};

export const repositoryForm = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})\/[A-Za-z0-9._-]{1,100}$/;

/** A repository from its address, as people copy it from a browser or from `git remote`. */
export const asRepository = (text: string): string | undefined => {
  const host = /^\s*([a-z+]+:\/\/([^/@]+@)?[^/]+\/|[\w.-]+@[^:/]+:)/;
  const plain = text
    .replace(host, nothing)
    .trim()
    .replaceAll("\\", "/")
    .replace(/^\/+|(\.git)?\/*$/g, nothing);
  const [owner = "", name = "", ...more] = plain.split("/");
  const short = `${owner}/${name}`;
  const isWhole = more.length === 0 || host.test(text);
  return repositoryForm.test(short) && isWhole ? short : undefined;
};

export const nameForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

export const asName = (text: string): string | undefined => {
  const plain = text
    .trim()
    .replaceAll(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+|-+$/g, nothing);
  return nameForm.test(plain) ? plain : undefined;
};

/** The number that a text or a percentage was meant to be: `50%`, `0,5`, `"0.5"`. */
export const numberHint = (input: unknown): string => {
  if (typeof input !== "string") return nothing;
  const percent = /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(input)?.[1];
  if (percent !== undefined) return `: ${percent} percent is written ${Number(percent) / 100}`;
  if (/^\d+,\d+$/.test(input)) return `: write ${input.replace(",", ".")}, with a dot`;
  return /^-?\d+(\.\d+)?$/.test(input) ? `: write ${input}, without quotes` : nothing;
};

/** YAML 1.2 reads only `true` and `false`; YAML 1.1 took more words. */
export const booleanHint = (input: unknown): string => {
  const word = typeof input === "string" ? input.toLowerCase() : nothing;
  if (["yes", "on", "true", "y"].includes(word)) return ": write true";
  return ["no", "off", "false", "n"].includes(word) ? ": write false" : nothing;
};

export const schemeHint = (input: unknown): string =>
  typeof input === "string" && /^[\w.-]+(:\d+)?(\/|$)/.test(input)
    ? ": write https:// or http:// before it"
    : nothing;

/** Placeholders that other programs fill in, and this one does not. */
export const placeholderHint = (input: unknown): string => {
  if (typeof input === "object" && input !== null && Object.keys(input)[0]?.startsWith("{"))
    return ": {{ … }} is not filled in here: write the value";
  if (typeof input !== "string") return nothing;
  if (input.includes("{name}")) return ": {name} is filled in only in an entry that has each";
  const [placeholder] = /\$\{[^}]*\}|\$\([^)]*\)|\{\{.*?\}\}|^\$\w+$/.exec(input) ?? [];
  return placeholder === undefined ? nothing : `: ${placeholder} is not filled in here: write the value`;
};
