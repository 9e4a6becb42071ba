import { type File, type Files, file } from "../support/git.ts";

/** A repeatable source of numbers in [0, n): mulberry32. */
export type Random = (n: number) => number;
export const seeded = (seed: number): Random => {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) % n;
  };
};
const one = <T>(random: Random, list: readonly T[]): T => list[random(list.length)]!;

const folders = ["", "", "app/", "app/", "app/web/", "lib/", "k8s/"];
const names = ["a", "b", "c", "d", "app", "main.ts", "x.yaml"];
const words = ["", "", "}", "return", "limit: 1", "limit: 2", "import a", "import b", "fee()", "é", "end"];
const ends = ["\n", "\n", "\n", "\n", "\r\n"];

const line = (random: Random) =>
  one(random, words) + (random(3) ? "" : String(random(9))) + one(random, ends);
/** Text of a few or of many lines, seldom without an end of line, seldom binary or empty. */
export function text(random: Random): Buffer {
  const lines = Array.from({ length: random(4) ? random(12) : random(60) }, () => line(random));
  const last = random(5) ? "" : "no newline";
  if (random(40) === 0) return Buffer.from([1, 0, 2, random(256)]);
  return Buffer.from(lines.join("") + last, random(8) ? "utf8" : "latin1");
}

/** A few lines changed, removed, added or moved. */
export function edited(random: Random, content: Buffer): Buffer {
  const lines = content
    .toString("latin1")
    .split(/(?<=\n)/)
    .filter((part) => part !== "");
  for (let times = 1 + random(3); times > 0; times--) {
    const at = random(lines.length + 1);
    const count = random(3);
    const fresh = Array.from({ length: random(3) }, () => Buffer.from(line(random)).toString("latin1"));
    if (random(6) === 0) fresh.push(...lines.slice(at, at + 3));
    lines.splice(at, count, ...fresh);
  }
  return Buffer.from(lines.join(""), "latin1");
}

const modes = ["100644", "100644", "100644", "100644", "100755", "120000"];
const made = (random: Random): File => {
  const mode = one(random, modes);
  return mode === "120000" ? file(one(random, names), mode) : file(text(random), mode);
};

/** Puts a file where a path is free of clashes with folders, or does nothing. */
function put(tree: Files, path: string, entry: File): void {
  for (const other of tree.keys()) if (other.startsWith(`${path}/`) || path.startsWith(`${other}/`)) return;
  tree.set(path, entry);
}

const newPath = (random: Random) => one(random, folders) + one(random, names);

/** Another commit's worth of changes to the tree. */
export function changed(random: Random, before: Files, drastic: boolean): Files {
  const tree: Files = new Map(before);
  for (let times = 1 + random(4); times > 0; times--) {
    const path = tree.size > 0 ? one(random, [...tree.keys()]) : undefined;
    const entry = path === undefined ? undefined : tree.get(path)!;
    const act = random(drastic ? 20 : 12);
    if (path === undefined || entry === undefined || act === 0) put(tree, newPath(random), made(random));
    else if (act <= 9)
      tree.set(
        path,
        entry.mode === "120000"
          ? file(one(random, names), "120000")
          : { ...entry, content: edited(random, entry.content) },
      );
    else if (act === 10) tree.delete(path);
    else if (act === 11) tree.set(path, { ...entry, mode: entry.mode === "100644" ? "100755" : "100644" });
    else if (act <= 14) rename(random, tree, path, entry);
    else if (act <= 16) renameFolder(random, tree);
    else if (act === 17) tree.set(path, made(random));
    else if (act === 18) foldOrUnfold(random, tree, path, entry);
    else put(tree, newPath(random), entry);
  }
  return tree;
}

function rename(random: Random, tree: Files, path: string, entry: File): void {
  tree.delete(path);
  const content = random(2) || entry.mode === "120000" ? entry.content : edited(random, entry.content);
  const to = newPath(random);
  put(tree, tree.has(to) ? `${path}2` : to, { ...entry, content });
}

function renameFolder(random: Random, tree: Files): void {
  const from = one(random, ["app/", "app/web/", "lib/", "k8s/"]);
  const to = one(random, ["moved/", "lib/app/", "k8s/", "deep/er/", ""]);
  for (const [path, entry] of [...tree].filter(([path]) => path.startsWith(from))) {
    tree.delete(path);
    put(tree, to + path.slice(from.length), entry);
  }
}

function foldOrUnfold(random: Random, tree: Files, path: string, entry: File): void {
  tree.delete(path);
  const slash = path.lastIndexOf("/");
  if (slash > 0)
    for (const other of [...tree.keys()]) if (other.startsWith(path.slice(0, slash + 1))) tree.delete(other);
  put(tree, slash > 0 ? path.slice(0, slash) : `${path}/${one(random, names)}`, entry);
}

/** A tree, the change to revert, and what came after it. */
export function history(random: Random): { theirs: Files; base: Files; ours: Files } {
  const drastic = random(3) === 0;
  let theirs: Files = new Map();
  for (let size = 1 + random(7); size > 0; size--) put(theirs, newPath(random), made(random));
  if (random(4) === 0) theirs = changed(random, theirs, drastic);
  const base = changed(random, theirs, drastic);
  let ours = base;
  for (let since = random(4); since > 0; since--)
    ours = random(8) ? changed(random, ours, drastic) : mix(random, ours, theirs);
  return { theirs, base, ours };
}

/** Some files put back as they were. */
function mix(random: Random, ours: Files, theirs: Files): Files {
  const tree: Files = new Map(ours);
  for (const [path, entry] of theirs) {
    if (random(2)) continue;
    tree.delete(path);
    put(tree, path, entry);
  }
  return tree;
}
