import { isRecord, ownValue } from "../../records.ts";
import { type Key, parseYaml, plain } from "../../yaml/document.ts";
import { dotted, type Found, locationOf, positionOf } from "../../yaml/locate.ts";
import { maskedTemplates } from "../../yaml/masked-templates.ts";
import { type Refused, refuse } from "../../yaml/refused.ts";

/** A value that one splice can change: its text from `start` to `end` of the file, and how it is quoted there. */
export type ValueLocation = {
  file: string;
  line: number;
  path: string;
  value: string;
  start: number;
  end: number;
  quote: string;
  /** Says what is wrong with the file once the value is changed, if anything is. */
  verifyEdit: (before: string, after: string, value: string) => string | undefined;
};

/** The value as something to be spliced, or why it cannot be. */
export const valueLocationOf = (found: Found): ValueLocation | Refused => {
  const { source, scalar, keys } = found;
  const where = locationOf(source, scalar);
  const wrong = source.parsed.errors.find(({ document }) => document === source.document);
  if (wrong) return refuse(`${source.parsed.file}:${wrong.line}: ${wrong.message}`);
  const problem = unfit(found);
  if (problem) return refuse(`${where}: ${dotted(keys)} ${problem}`);
  const [from, to] = scalar.range!;
  const { inside } = source;
  const start = (inside ? inside.outer(from) : from) + (inside?.source ?? source).parsed.skipped;
  const end = start + to - from;
  const { file, line } = positionOf(source, from);
  const prefix = inside ? dotted([...inside.source.keys, ...keys]) : dotted(keys);
  return {
    ...{ file, line, start, end, path: prefix },
    value: String(scalar.source ?? scalar.value),
    quote: scalar.type === "QUOTE_DOUBLE" ? '"' : scalar.type === "QUOTE_SINGLE" ? "'" : "",
    verifyEdit: (before, after, value) => verifyYamlEdit(found, before, after, value),
  };
};

const unfit = ({ source, scalar }: Found): string | undefined => {
  const raw = source.parsed.text.slice(scalar.range![0], scalar.range![1]);
  if (scalar.type === "BLOCK_LITERAL" || scalar.type === "BLOCK_FOLDED") return "is a block scalar (| or >)";
  if (/\{\{|\$\{|\$\(/.test(raw)) return `is templated (${raw.trim().slice(0, 40)})`;
  if (raw === "" || scalar.value === null || scalar.value === "") return "is empty";
  if (raw.includes("\n")) return "runs over several lines";
  if (scalar.tag?.startsWith("!") === true) return `has a tag of its own (${scalar.tag})`;
  return shared({ source, scalar });
};

/** An anchored value is also that of every alias of it. */
const shared = ({ source, scalar }: Pick<Found, "source" | "scalar">): string | undefined => {
  const { anchor } = scalar;
  if (anchor === undefined) return undefined;
  const used = new RegExp(`\\*${anchor.replace(/[^\w-]/g, "\\$&")}(?![\\w-])`).exec(source.parsed.text);
  return used
    ? `is anchored (&${anchor}) and used again in line ${positionOf(source, used.index).line}`
    : undefined;
};

/** Re-parses both texts: exactly one path differs, and it holds the value. */
const verifyYamlEdit = ({ source, keys }: Found, before: string, after: string, value: string) => {
  const { file } = source.parsed;
  const changed = differences(file, before, after);
  if ("wrong" in changed) return changed.wrong;
  const block = source.inside?.source;
  const expected = JSON.stringify([block?.document ?? source.document, ...(block?.keys ?? keys)]);
  const [only, another] = changed.paths;
  if (!only || another || JSON.stringify(only.keys) !== expected)
    return `${changed.paths.length} paths of ${file} would change`;
  if (!block) return String(only.now) === value ? undefined : `${file} would say ${String(only.now)}`;
  const isMasked = source.parsed.errors.length === 0 && parseYaml(file, String(only.was)).errors.length > 0;
  const read = (text: unknown) => (isMasked ? maskedTemplates(String(text)) : undefined) ?? String(text);
  const inner = differences(file, read(only.was), read(only.now));
  if ("wrong" in inner) return inner.wrong;
  const [sole, more] = inner.paths;
  const exact = sole && !more && JSON.stringify(sole.keys) === JSON.stringify([source.document, ...keys]);
  return exact && String(sole.now) === value
    ? undefined
    : `more than ${dotted(keys)} of ${file} would change`;
};

type Difference = { keys: Key[]; was: unknown; now: unknown };

/** Every path, its document first, whose value is another. */
export const differences = (
  file: string,
  before: string,
  after: string,
): { paths: Difference[] } | { wrong: string } => {
  const [a, b] = [parseYaml(file, before), parseYaml(file, after)];
  if (b.errors.length > a.errors.length) return { wrong: `${file} would not be YAML any more` };
  if (a.documents.length !== b.documents.length) return { wrong: `${file} would have other documents` };
  const values = ({ documents }: typeof a) => documents.map((document) => plain(document, document));
  return { paths: unequal(values(a), values(b), []) };
};

export const unequal = (was: unknown, now: unknown, keys: Key[]): Difference[] => {
  if (Object.is(was, now)) return [];
  const [a, b] = [entriesOf(was), entriesOf(now)];
  if (a && b && Array.isArray(was) === Array.isArray(now)) {
    const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return names.flatMap((name) =>
      unequal(ownValue(a, name), ownValue(b, name), [...keys, Array.isArray(was) ? Number(name) : name]),
    );
  }
  return [{ keys, was, now }];
};

/** A map's or a list's values, by key or index. */
const entriesOf = (value: unknown): Record<string, unknown> | undefined => {
  if (Array.isArray(value)) return { ...value };
  return isRecord(value) ? value : undefined;
};
