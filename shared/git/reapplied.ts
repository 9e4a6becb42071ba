type Patched = { path: string; previous?: string; patch?: string };

/** The share of a revert's lines that a later change must put back to undo it. */
const enough = 0.8;
/** Shorter lines (a brace, a comma) are in every change. */
const minLine = 3;

/**
 * The paths in which the later change puts back what the revert took out, and takes out what it put back.
 * A file without a patch (binary, or too large for GitHub to list) is not judged here.
 */
export const broughtBack = (revert: Patched[], later: Patched[]): string[] => {
  const byPath = new Map(
    later.flatMap((file) => [file.path, file.previous ?? ""].map((path) => [path, file])),
  );
  return revert.flatMap(({ path, patch }) => {
    const after = byPath.get(path)?.patch;
    return patch !== undefined && after !== undefined && undoes(patch, after) ? [path] : [];
  });
};

const undoes = (revert: string, later: string): boolean => {
  const [taken, given] = [linesOf(revert, "-"), linesOf(revert, "+")];
  const [back, gone] = [linesOf(later, "+"), linesOf(later, "-")];
  if (taken.length + given.length === 0) return false;
  return shareOf(taken, back) >= enough && shareOf(given, gone) >= enough;
};

/** The part of `lines` that `others` has too, each counted once. No lines at all are wholly there. */
const shareOf = (lines: string[], others: string[]): number => {
  const left = [...others];
  const found = lines.filter((line) => {
    const index = left.indexOf(line);
    if (index >= 0) left.splice(index, 1);
    return index >= 0;
  });
  return lines.length === 0 ? 1 : found.length / lines.length;
};

const linesOf = (patch: string, sign: "+" | "-"): string[] =>
  patch
    .split("\n")
    .filter((line) => line.startsWith(sign))
    .map((line) => line.slice(1).trim())
    .filter((line) => line.length >= minLine);

const reapplied = /^(?:Reapply "|Revert "Revert ")/;

/** Whether a commit message says that it brings back what `sha` took out. */
export const saysBroughtBack = (message: string, { sha, title }: { sha: string; title: string }): boolean => {
  const named = /This reverts commit ([0-9a-f]{7,40})/.exec(message)?.[1];
  if (named !== undefined) return sha.startsWith(named);
  const [first = ""] = message.split("\n");
  const reverted = title.replace(/^Revert "(.*)".*$/, "$1");
  return reapplied.test(first) && first.includes(`"${reverted}"`);
};
