/** The added and removed lines of a patch with their headings, without context lines and line numbers: those are another change's words. */
export const changedLines = (patch: string): string => {
  const lines = patch.slice(0, longest).split("\n");
  if (!lines.some((line) => /^[-+]/.test(line))) return patch;
  return lines
    .filter((line) => !/^[ \\]/.test(line))
    .map((line) => line.replace(/^@@ -[\d,]+ \+[\d,]+ @@/, "@@"))
    .join("\n");
};
/** Characters read: more than any reader of it looks at. */
const longest = 60_000;
