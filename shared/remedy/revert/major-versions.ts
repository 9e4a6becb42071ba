/** A version as manifests write it; `v2` at the end of a Go module's path is one. */
const version = /(?<![\w.])v?(\d+)(?:\.(\d+))?(?:\.\d+)?(?:[-+][\w.+-]+)?(?![\w.])/g;

/** The first dependency whose major version the removed and added lines tell apart; below 1 the minor counts as major. */
export const majorMove = (lines: string[]): string | undefined => {
  const signed = (sign: string): string[] =>
    lines.filter((line) => line.startsWith(sign)).map((line) => line.slice(1));
  const [removed, added] = [signed("-"), signed("+")];
  const before = new Map(removed.map((line) => [nameOf(line), line]));
  for (const line of added) {
    const was = before.get(nameOf(line));
    if (was !== undefined && majors(was) !== majors(line)) return nameOf(line);
  }
  return undefined;
};

/** The line without its versions. */
const nameOf = (line: string): string =>
  line
    .replace(/\/\/.*$/, "")
    .replace(version, "")
    .replace(/[^\w@./-]+/g, " ")
    .replace(/\/+(?= |$)/g, "")
    .trim();

const majors = (line: string): string =>
  [...line.replace(/\/\/.*$/, "").matchAll(version)]
    .map(([, major, minor]) => (major === "0" ? `0.${minor ?? ""}` : major))
    .join(" ");
