import type { FileChange } from "../../git/model.ts";
import { type Bump, putBack } from "./bumps.ts";

/** A version that moved together with others and that putting those back leaves as it is. `line` is counted after the change, from 1. */
export type Remaining = { path: string; line: number; text: string };

/**
 * The lines with a version that a change moved beside these bumps: a `?ref=`, an `appVersion`, a custom resource definition. Put back alone,
 * the bumps make a set of versions that never ran together.
 */
export const remaining = (files: FileChange[], bumps: Bump[]): Remaining[] =>
  files.flatMap(({ path, before, after }) => {
    if (before === undefined || after === undefined || before === after) return [];
    const back = putBack(
      path,
      after,
      bumps.filter((bump) => bump.path === path),
    );
    const left = "text" in back ? back.text.split("\n") : after.split("\n");
    const former = new Set(before.split("\n"));
    const moved = left.flatMap((text, at) =>
      former.has(text) ? [] : [{ path, line: at + 1, text: text.trim() }],
    );
    if (/^kind: *["']?CustomResourceDefinition\b/m.test(after)) return moved.slice(0, 1);
    return moved.filter(({ text }) => isVersion(text));
  });

/** A key that says a version, with a number in its value. */
const named = /(?:version|tag|image|ref|revision|digest|chart|sha)["']?\s*[:=].*\d/i;
const valued =
  /[?&]ref=|@sha256:|(?<![\w.-])v?\d+\.\d+\.\d+(?![.\d])|\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{7,40}\b/;
const isVersion = (text: string): boolean =>
  !/^(#|$|-?\s*["']?apiVersion["']?\s*:)/.test(text) && (named.test(text) || valued.test(text));

const shown = 8;

/** One sentence a line, for the people who decide. */
export const remainingNotes = (left: Remaining[]): string[] => [
  ...left
    .slice(0, shown)
    .map(
      ({ path, line, text }) => `${path}:${line} moved in the same change and stays: ${text.slice(0, 120)}`,
    ),
  ...(left.length > shown ? [`${left.length - shown} more lines moved in the same change and stay`] : []),
];
