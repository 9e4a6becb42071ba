/** The lines of a literal block at `range` without their indentation, ends kept; `outer` is where an offset of them is in the text. */
export const unindented = (text: string, [start = 0, , end = 0]: readonly number[]) => {
  const lines: { inner: number; outer: number }[] = [];
  let out = "";
  let from = text.indexOf("\n", start) + 1;
  let indent: number | undefined;
  while (from > 0 && from < end) {
    const next = text.indexOf("\n", from);
    const to = next < 0 || next >= end ? end : next + 1;
    const line = text.slice(from, to);
    const spaces = (/^ */.exec(line)?.[0] ?? "").length;
    if (indent === undefined && line.trim() !== "") indent = spaces;
    const cut = Math.min(spaces, indent ?? 0);
    lines.push({ inner: out.length, outer: from + cut });
    out += line.slice(cut);
    from = to;
  }
  const outer = (offset: number) => {
    const line = lines.findLast(({ inner }) => inner <= offset);
    return line === undefined ? start : line.outer + offset - line.inner;
  };
  return { text: out, outer };
};
