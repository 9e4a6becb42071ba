/**
 * Whether a file is YAML of the simplest kind, told without parsing it: nested maps and lists of plain or quoted values, literal blocks,
 * comments. True is certain (a repeated key aside); false says nothing, and a parser is to be asked. Thirty times as fast as one.
 */
export const isSimple = (text: string): boolean => {
  const open: Level[] = [];
  let empty = true;
  let block: { above: number; indent?: number } | undefined;
  for (const line of text.replace(/^\uFEFF/, "").split("\n")) {
    const indent = leading(line);
    if (indent === line.length || line.charCodeAt(indent) === 13) continue;
    if (block) {
      block.indent ??= indent;
      if (indent > block.above && indent >= block.indent) continue;
      if (indent > block.above) return false;
      block = undefined;
    }
    if (line.charCodeAt(indent) === 35) continue;
    if (divider.test(line)) {
      open.length = 0;
      empty = true;
      continue;
    }
    const parts = entry.exec(line);
    if (!parts) return false;
    const [, , dashes = "", key, value = ""] = parts;
    if (key === undefined && dashes === "") return false;
    if (!fits(open, { indent, dashes, isKey: key !== undefined, empty })) return false;
    empty = value === "";
    if (/^[|>]/.test(value)) block = { above: open.at(-1)?.column ?? 0 };
  }
  return true;
};

type Level = { column: number; list: boolean };
/** `empty`: the entry before had no value, so this one may be it. */
type Entry = { indent: number; dashes: string; isKey: boolean; empty: boolean };

const divider = /^(---|\.\.\.)\s*(#.*)?$/;
const plainWord =
  String.raw`(?!(?:[-?:](?:\s|$)))[^\s#:{}\[\],&*!|>'"%@` +
  "`" +
  String.raw`\t](?:[^\s#:{}\[\],]|:(?=[^\s{}\[\],])|(?<=[^\s])#| (?=[^\s#]))*`;
const quoted = String.raw`"[^"\\\n]*"|'[^'\n]*'`;
const word = String.raw`[\w./][\w./-]*`;
const pair = `(?:[A-Za-z_][\\w./-]*|${quoted}): +(?:${word}|${quoted})`;
const flow = String.raw`\{\}|\[\]|\[ *(?:${word}|${quoted})(?:, *(?:${word}|${quoted}))* *\]|\{ *${pair}(?:, *${pair})* *\}`;
const scalar = `(?:${quoted}|${flow}|[|>][-+]?|${plainWord})`;
const entry = new RegExp(
  String.raw`^( *)((?:- +)*(?:-(?=\r?$))?)(?:([A-Za-z_][\w./-]*|"[^"\\\n]*"|'[^'\n]*') *:(?=\s|$))? *(${scalar})? *(?: #.*)?\r?$`,
);

const leading = (line: string): number => {
  let at = 0;
  while (line.charCodeAt(at) === 32) at++;
  return at;
};

/** Opens and closes levels for one entry; false when it cannot stand here. */
const fits = (open: Level[], { indent, dashes, isKey, empty }: Entry): boolean => {
  const deepest = open.length;
  while ((open.at(-1)?.column ?? -1) > indent) open.pop();
  const awaited = empty && open.length === deepest;
  const columns: Level[] = [];
  let column = indent;
  for (const dash of dashes.match(/- *|-$/g) ?? []) {
    columns.push({ column, list: true });
    column += dash.length;
  }
  if (isKey) columns.push({ column, list: false });
  const first = columns[0]!;
  const top = open.at(-1);
  const closes = !first.list && top?.list === true && top.column === indent;
  if (closes) open.pop();
  const now = open.at(-1);
  if (closes && now?.column !== indent) return false;
  const next = now !== undefined && now.column === indent && now.list === first.list;
  const starts =
    now === undefined ? indent === 0 && empty : awaited && (now.column < indent || (first.list && !now.list));
  if (!next && !starts) return false;
  open.push(...(next ? columns.slice(1) : columns));
  return true;
};
