import { bare, isVersion, shapesOf } from "./version-lines.ts";

/** A rollback of ours: its change of one file, in GitHub's patch format. */
export type Rolled = { sha: string; url: string; patch: string };
/** A line with a version that a change brings back, and the rollback that took it out. */
export type KnownBad = { text: string; by: Rolled };

/** Whether a patch adds a line with a version at all. */
export const addsVersion = (patch: string): boolean =>
  linesOf(patch, "+").some(({ text }) => isVersion(text));

/**
 * The first line with a version that a patch of the file adds and a rollback removed from the same place: below the same lines.
 * `rollbacks` are in order, the newest first, as a later one may have put the version back. Lines are compared as text: a receiver has no
 * reader of YAML.
 */
export const knownBadIn = (patch: string, rollbacks: Rolled[]): KnownBad | undefined => {
  for (const line of linesOf(patch, "+").filter(({ text }) => isVersion(text))) {
    const by = takenOutBy(line, rollbacks);
    if (by !== undefined) return { text: line.text, by };
  }
  return undefined;
};

const takenOutBy = (line: Line, rollbacks: Rolled[]): Rolled | undefined => {
  for (const rolled of rollbacks) {
    const isIn = (sign: Sign) => linesOf(rolled.patch, sign).some((one) => isSame(one, line));
    if (isIn("+")) return undefined;
    if (isIn("-")) return rolled;
  }
  return undefined;
};

type Sign = "+" | "-";
/** A changed line, and the lines above it in the version of the file that has it. */
type Line = { text: string; above: string[] };

const context = 3;

const linesOf = (patch: string, sign: Sign): Line[] => {
  let above: string[] = [];
  return patch.split("\n").flatMap((line): Line[] => {
    if (line.startsWith("@@")) above = [];
    if (!line.startsWith(sign) && !line.startsWith(" ")) return [];
    const found = line.startsWith(sign) ? [{ text: bare(line.slice(1)).trim(), above }] : [];
    above = [...above, line.slice(1)].slice(-context);
    return found;
  });
};

/** The same text below the same lines, as far as both patches show them; versions among those may have moved. */
const isSame = (a: Line, b: Line): boolean => {
  const count = Math.min(a.above.length, b.above.length);
  const shape = (line: string) => shapesOf(line)[0];
  const last = ({ above }: Line) => (count === 0 ? [] : above.slice(-count).map(shape));
  return a.text === b.text && JSON.stringify(last(a)) === JSON.stringify(last(b));
};
