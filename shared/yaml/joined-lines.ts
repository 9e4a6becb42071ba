/**
 * The text with each quoted scalar and flow collection on one line, of the same length: line ends and comments inside of them become
 * spaces. libyaml, which Kubernetes tools and Helm read with, takes any indentation there; the YAML specification and the parser do not.
 */
export const joinedLines = (text: string): string => {
  const scan: Scan = { text, blank: [], index: 0 };
  while (scan.index < text.length) scan.index = afterLine(scan);
  let out = "";
  let from = 0;
  for (const [start, end] of scan.blank.sort(([a], [b]) => a - b)) {
    if (start < from) continue;
    out += text.slice(from, start) + " ".repeat(end - start);
    from = end;
  }
  return out + text.slice(from);
};

type Scan = { text: string; blank: [number, number][]; index: number };

const opening = /(?:^|(?<=[:?-][ \t]))[ \t]*(?:[!&]\S+[ \t]+)*$/;
const blockHeader = /(?:^|[:?-][ \t]+)(?:[!&]\S+[ \t]+)*[|>][-+\d]*[ \t]*(?:#.*)?$/;

/** The index behind a line and all that begins on it: a block scalar, or scalars and collections that go on below. */
const afterLine = (scan: Scan): number => {
  const { text } = scan;
  let start = scan.index;
  let end = lineEnd(text, start);
  const line = text.slice(start, end).replace(/\r$/, "");
  const indent = line.length - line.trimStart().length;
  if (blockHeader.test(near(line.slice(indent)))) return afterBlock(scan, end, indent);
  start += indent;
  for (let at = start; at < end; at++) {
    if (!/["'[{#]/.test(text[at] ?? "")) continue;
    const before = near(text.slice(Math.max(start, at - window - 1), at));
    if (text[at] === "#" && /(?:^|\s)$/.test(before)) break;
    if (!opening.test(before)) continue;
    const to = spanEnd(text, at, scan.blank);
    // A scalar or collection that does not end is a fault for every reader.
    if (to === undefined) return text.length;
    if (before === "" && !/^[ \t]*:/.test(text.slice(to, to + window))) joinToKey(scan, scan.index);
    blankLineEnds(scan, at, to);
    if (to > end) start = text.lastIndexOf("\n", to - 1) + 1;
    end = lineEnd(text, to);
    at = to - 1;
  }
  return end + 1;
};

/** The last characters of a line. A letter stands for those that are cut off, so that the line does not seem to begin there. */
const near = (before: string): string => (before.length > window ? `x${before.slice(-window)}` : before);
const window = 300;

const lineEnd = (text: string, from: number): number => {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
};

const afterBlock = ({ text }: Scan, headerEnd: number, indent: number): number => {
  let at = headerEnd + 1;
  while (at < text.length) {
    const end = lineEnd(text, at);
    const line = text.slice(at, end);
    if (line.trim() !== "" && line.length - line.trimStart().length <= indent) break;
    at = end + 1;
  }
  return at;
};

/** A value at its key's own indentation: the line end after `key:` goes. */
const joinToKey = (scan: Scan, start: number): void => {
  const from = Math.max(0, start - window);
  const before = /:[ \t]*(?:#[^\n]*)?\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*$/.exec(scan.text.slice(from, start));
  if (before) scan.blank.push([from + before.index + 1, start]);
};

/** Past the end of a quoted scalar or flow collection; undefined when it does not end. Comments inside go to `blank`. */
const spanEnd = (text: string, start: number, blank: [number, number][]): number | undefined => {
  if (text[start] === '"' || text[start] === "'") return quoteEnd(text, start);
  const comments: [number, number][] = [];
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const char = text[at] ?? "";
    const opens = /[\s[{,:]/.test(text[at - 1] ?? " ");
    if ((char === '"' || char === "'") && opens) {
      const end = quoteEnd(text, at);
      if (end === undefined) return undefined;
      at = end - 1;
    } else if (char === "#" && /\s/.test(text[at - 1] ?? "")) {
      comments.push([at, lineEnd(text, at)]);
      at = lineEnd(text, at);
    } else if (char === "[" || char === "{") depth++;
    else if (char === "]" || char === "}") depth--;
    if (depth > 0) continue;
    blank.push(...comments);
    return at + 1;
  }
  return undefined;
};

const quoteEnd = (text: string, start: number): number | undefined => {
  const quoted = text[start] === '"' ? /"(?:[^"\\]|\\[\s\S])*"/y : /'(?:[^']|'')*'/y;
  quoted.lastIndex = start;
  return quoted.test(text) ? quoted.lastIndex : undefined;
};

const blankLineEnds = (scan: Scan, from: number, to: number): void => {
  for (let at = from; at < to; at++)
    if (scan.text[at] === "\n" || scan.text[at] === "\r") scan.blank.push([at, at + 1]);
};
