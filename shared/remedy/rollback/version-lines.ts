/** A key that says a version, with a number in its value. */
const named = /(?:version|tag|image|ref|revision|digest|chart|sha)["']?\s*[:=].*\d/i;
const valued =
  /[?&]ref=|@sha256:|(?<![\w.-])v?\d+\.\d+\.\d+(?![.\d])|\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{7,40}\b/;

/** Whether a line says a version. */
export const isVersion = (text: string): boolean =>
  !/^(#|$|-?\s*["']?(apiVersion|description|summary|title)["']?\s*:)/.test(text) &&
  (named.test(text) || valued.test(text));

/** A line without the comment behind it. */
export const bare = (text: string): string => text.replace(/\s+#.*$/, "");

/** A line without its versions and its comment, and its key where that says a version. Both stay the same when a version moves. */
export const shapesOf = (text: string): string[] => {
  const line = bare(text).trim();
  const key = /^-?\s*["']?[\w./-]*(?:tag|version|ref|revision|digest|sha)["']?\s*[:=]/i.exec(line)?.[0];
  const shape = line.replace(/(?:sha\d+:)?\b[\da-f]{7,64}\b|v?\d[\w.+-]*/gi, "#");
  return key === undefined ? [shape] : [shape, key];
};
