import { diff } from "./diff/histogram.ts";
import { intern } from "./diff/lines.ts";
import type { Hunk, Lines } from "./diff/model.ts";
import { isSubmodule } from "./model.ts";
import { blobId } from "./object-ids.ts";
import { isBinary } from "./three-way-merge.ts";

/** One file before and after; absent where it is not. A symbolic link's content is its target, a submodule's is `submoduleText`. */
export type Changed = { path: string; before?: Version; after?: Version };
export type Version = { mode: string; content: Uint8Array };

const context = 3;
const shortId = 12;
const noBlob = "0".repeat(shortId);

/** Prints the `git diff` of one file, so that `git apply` takes it; binary files are only named. */
export const patch = ({ path, before, after }: Changed): string => {
  if (before && after && before.mode.slice(0, 2) !== after.mode.slice(0, 2))
    return patch({ path, before }) + patch({ path, after });
  const name = quoted(path);
  const [from, to] = [idOf(before), idOf(after)];
  const head = [`diff --git ${quoted(`a/${path}`)} ${quoted(`b/${path}`)}`];
  if (!before && after) head.push(`new file mode ${after.mode}`);
  if (before && !after) head.push(`deleted file mode ${before.mode}`);
  if (before && after && before.mode !== after.mode)
    head.push(`old mode ${before.mode}`, `new mode ${after.mode}`);
  if (from === to) return `${head.join("\n")}\n`;
  const mode = before && after && before.mode === after.mode ? ` ${after.mode}` : "";
  head.push(`index ${from}..${to}${mode}`);
  const [old, fresh] = [before?.content ?? empty, after?.content ?? empty];
  if (isBinary(old) || isBinary(fresh)) return `${head.join("\n")}\nBinary file ${name} differs\n`;
  if (old.length + fresh.length === 0) return `${head.join("\n")}\n`;
  head.push(`--- ${before ? quoted(`a/${path}`) : "/dev/null"}`);
  head.push(`+++ ${after ? quoted(`b/${path}`) : "/dev/null"}`);
  return `${head.join("\n")}\n${body(old, fresh) ?? `Files differ in too many lines to show ${name}\n`}`;
};

const empty = new Uint8Array();
const idOf = (version: Version | undefined): string => {
  if (version === undefined) return noBlob;
  if (!isSubmodule(version)) return blobId(version.content).slice(0, shortId);
  return Buffer.from(version.content).toString().slice(subproject.length).slice(0, shortId);
};
const subproject = "Subproject commit ";

/** The line by which git shows a submodule's commit. */
export const submoduleText = (sha: string): Uint8Array => Buffer.from(`${subproject}${sha}\n`);
const quoted = (path: string) => (/["\\\u0000-\u001f]/.test(path) ? JSON.stringify(path) : path);

const body = (old: Uint8Array, fresh: Uint8Array): string | undefined => {
  const interned = intern([old, fresh]);
  if (!interned) return undefined;
  const [a, b] = interned.files;
  if (a === undefined || b === undefined) return undefined;
  const text = Array.from({ length: interned.size }, (_, line) =>
    Buffer.from(interned.bytes(line)).toString("latin1"),
  );
  const all: Hunk[] = [{ from: 0, removed: a.length, to: 0, added: b.length }];
  const latin = together(diff(a, b, interned.size) ?? all).map((group) => show(group, { a, b, text }));
  return Buffer.from(latin.join(""), "latin1").toString();
};

/** Hunks whose context would touch are shown as one. */
const together = (hunks: Hunk[]): Hunk[][] => {
  const groups: Hunk[][] = [];
  for (const hunk of hunks) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    const touches = last !== undefined && hunk.from - (last.from + last.removed) <= 2 * context;
    if (touches) group?.push(hunk);
    if (!touches) groups.push([hunk]);
  }
  return groups;
};

const show = (group: Hunk[], { a, b, text }: { a: Lines; b: Lines; text: string[] }): string => {
  const [first] = group;
  const last = group.at(-1);
  if (first === undefined || last === undefined) return "";
  const start = Math.max(0, first.from - context);
  const end = Math.min(a.length, last.from + last.removed + context);
  const out: string[] = [];
  const say = (sign: string, line: string) =>
    out.push(line.endsWith("\n") ? `${sign}${line}` : `${sign}${line}\n\\ No newline at end of file\n`);
  const lineOf = (file: Lines, index: number): string => text[file[index] ?? -1] ?? "";
  let at = start;
  let added = 0;
  for (const { from, removed, to, added: count } of group) {
    for (; at < from; at++) say(" ", lineOf(a, at));
    for (; at < from + removed; at++) say("-", lineOf(a, at));
    for (let i = to; i < to + count; i++) say("+", lineOf(b, i));
    added += count - removed;
  }
  for (; at < end; at++) say(" ", lineOf(a, at));
  const into = first.to - (first.from - start);
  return `@@ -${range(start, end - start)} +${range(into, end - start + added)} @@\n${out.join("")}`;
};

/** An empty range names the line before it; a range of one line goes without its length. */
const range = (from: number, count: number) =>
  count === 1 ? `${from + 1}` : `${count === 0 ? from : from + 1},${count}`;
