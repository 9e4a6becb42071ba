import type { FileChange } from "../../git/model.ts";
import { type Bump, putBack } from "./bumps.ts";
import { bare, isVersion, shapesOf } from "./version-lines.ts";

/**
 * A version that a change moved, or brought (`isNew`), together with others and that putting those back leaves as it is. `line` is counted
 * after the change, from 1.
 */
export type Remaining = { path: string; line: number; text: string; isNew?: true };

/**
 * The lines with a version that a change moved beside these bumps: a `?ref=`, an `appVersion`, a custom resource definition. Put back alone,
 * the bumps make a set of versions that never ran together.
 */
export const remaining = (files: FileChange[], bumps: Bump[]): Remaining[] =>
  files.flatMap(({ path, before, after }) => {
    if (before === undefined || after === undefined || before === after || isIndex(path, after)) return [];
    const back = putBack(
      path,
      after,
      bumps.filter((bump) => bump.path === path),
    );
    const left = "text" in back ? back.text.split("\n") : after.split("\n");
    const former = new Set(before.split("\n").map(bare));
    const now = new Set(left.map(bare));
    const gone = new Set([...former].filter((text) => !now.has(text)).flatMap(shapesOf));
    const moved = left.flatMap((text, at): Remaining[] => {
      if (former.has(bare(text))) return [];
      const isNew = !shapesOf(text).some((shape) => gone.has(shape));
      return [{ path, line: at + 1, text: text.trim(), ...(isNew && { isNew }) }];
    });
    if (/^kind: *["']?CustomResourceDefinition\b/m.test(after))
      return moved.filter(({ text }) => !/^#|\bversion:/.test(text)).slice(0, 1);
    return moved.filter(({ text }) => isVersion(text));
  });

/** The index of a repository of charts: it lists every version, and none of them runs for that. */
const isIndex = (path: string, text: string): boolean =>
  /(^|\/)index\.yaml$/.test(path) && /^entries:/m.test(text) && /^generated:/m.test(text);

const shown = 8;

/** One sentence a line, for the people who decide. */
export const remainingNotes = (left: Remaining[]): string[] => [
  ...left
    .slice(0, shown)
    .map(
      ({ path, line, text, isNew }) =>
        `${path}:${line} ${isNew ? "came with" : "moved in"} the same change and stays: ${text.slice(0, 120)}`,
    ),
  ...(left.length > shown ? [`${left.length - shown} more lines of the same change stay`] : []),
];
