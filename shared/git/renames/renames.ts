import { directories, parents } from "../directories.ts";
import { folderMode, type Tree } from "../model.ts";
import { directoryHint } from "./directory-hint.ts";
import { exact, type File, isRegular, nameOf } from "./exact.ts";
import { comparable, maxScore, type Spans, similarity, spansOf } from "./similarity.ts";

/** The renames from `base` to `side`, as far as they matter to the changes of `other`. */
export type Renames = {
  /** From the old path to the new one. */
  to: Map<string, string>;
  /** Folders that `side` emptied and `other` added files to; git may move those files. */
  emptied: Set<string>;
};
export type Sides = { base: Tree; side: Tree; other: Tree };
type ReadBlob = (sha: string) => Promise<Uint8Array>;
type Measured = { size: number; spans: Spans };
type Search = { sources: File[]; targets: File[]; found: Map<string, string>; measure: Measure };
type Measure = (file: File) => Promise<Measured>;

/** Half, and three quarters for a file that kept its name (diffcore-rename.c). */
const least = maxScore / 2;
const leastNamed = maxScore * 0.75;
/** Candidates that one target keeps, and blobs that one search reads at most. */
const keptCandidates = 4;
const maxReads = 400;
const emptyBlob = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";

/** Why the renames cannot be told as git would tell them, as a sentence. */
export type Unclear = { unclear: string };

/** The renames that git finds (merge-ort over diffcore-rename.c). Where git's own pick hangs on the order it reads files in, it is unclear. */
export const renames = async (sides: Sides, readBlob: ReadBlob): Promise<Renames | Unclear> => {
  const { base, side } = sides;
  const deleted = filesOf(base, side);
  const added = filesOf(side, base);
  const emptied = emptiedFolders(sides);
  const relevant = new Set(
    deleted.filter(({ path }) => matters(path, sides, emptied)).map(({ path }) => path),
  );
  const found = new Map<string, string>();
  if (relevant.size === 0 || added.length === 0) return { to: found, emptied };
  if (!exact(deleted, added, { found, relevant })) return { unclear: several };
  const taken = new Set(found.values());
  const search: Search = {
    sources: deleted.filter(({ path }) => !found.has(path)),
    targets: added.filter(({ path }) => !taken.has(path)),
    ...{ found, measure: measuring(readBlob) },
  };
  if (search.sources.filter(({ path }) => relevant.has(path)).length > maxReads) return { unclear: tooMany };
  try {
    await byName(search, relevant);
    await bySimilarity(search, relevant);
  } catch (error) {
    if (error !== tooMany && error !== several) throw error;
    return { unclear: error };
  }
  return { to: found, emptied };
};

/** Files of the one that the other lacks, by path; empty files are never renamed. */
const filesOf = (tree: Tree, other: Tree): File[] =>
  [...tree]
    .filter(([path, { mode, sha }]) => !other.has(path) && sha !== emptyBlob && mode !== folderMode)
    .map(([path, entry]) => ({ path, ...entry }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));

/** Folders of `base` that `side` has no more, to which `other` alone adds a file. */
const emptiedFolders = ({ base, side, other }: Sides): Set<string> => {
  const homes = new Set<string>();
  for (const path of other.keys())
    if (!base.has(path) && !side.has(path)) homes.add(path.slice(0, Math.max(0, path.lastIndexOf("/"))));
  homes.delete("");
  if (homes.size === 0) return homes;
  const [before, now] = [directories(base.keys()), directories(side.keys())];
  return new Set([...homes].filter((home) => before.has(home) && !now.has(home)));
};

const matters = (path: string, { base, other }: Sides, emptied: Set<string>): boolean => {
  const [was, is] = [base.get(path), other.get(path)];
  if (was?.sha !== is?.sha || was?.mode !== is?.mode) return true;
  return emptied.size > 0 && parents(path).some((folder) => emptied.has(folder));
};

/** Files that kept their name, when only one that left and one that came have it, or when their folder shows the way. */
const byName = async ({ sources, targets, found, measure }: Search, relevant: Set<string>): Promise<void> => {
  const leaving = Map.groupBy(sources, ({ path }) => nameOf(path));
  const coming = Map.groupBy(targets, ({ path }) => nameOf(path));
  const taken = new Set<string>();
  const folders = directoryHint(found);
  for (const source of sources) {
    const name = nameOf(source.path);
    const alike = coming.get(name);
    if (!relevant.has(source.path) || !alike) continue;
    const unique = alike.length === 1 && leaving.get(name)?.length === 1;
    const likely = unique ? alike : alike.filter(({ path }) => folders(source.path).includes(path));
    if (likely.length > 1) throw several;
    const [target] = likely;
    if (!target || taken.has(target.path)) continue;
    if ((await score(source, target, { least: leastNamed, measure })) < leastNamed) continue;
    taken.add(target.path);
    found.set(source.path, target.path);
  }
};

type Pair = { source: File; target: File; score: number; named: boolean };

/** Every file that left against every one that came; the most similar pairs first. */
const bySimilarity = async (
  { sources, targets, found, measure }: Search,
  relevant: Set<string>,
): Promise<void> => {
  const taken = new Set(found.values());
  const leaving = sources.filter(({ path }) => relevant.has(path) && !found.has(path));
  const arriving = targets.filter(({ path }) => !taken.has(path));
  if (readsOf(leaving, arriving) > maxReads) throw tooMany;
  const compare = async (source: File, target: File): Promise<Pair> => {
    const named = nameOf(source.path) === nameOf(target.path);
    return { source, target, named, score: await score(source, target, { least, measure }) };
  };
  const rows = await Promise.all(
    arriving.map((target) => Promise.all(leaving.map((source) => compare(source, target)))),
  );
  const pairs = rows.flatMap((row) => row.sort(better).slice(0, keptCandidates));
  pairs.sort(better);
  const free = ({ source, target }: Pair) => !found.has(source.path) && !taken.has(target.path);
  for (const [at, pair] of pairs.entries()) {
    const { source, target, score } = pair;
    if (score < least) break;
    if (!free(pair)) continue;
    for (let index = at + 1; ; index++) {
      const next = pairs[index];
      if (next === undefined || better(pair, next) !== 0) break;
      if (free(next) && (next.source === source || next.target === target)) throw several;
    }
    found.set(source.path, target.path);
    taken.add(target.path);
  }
};

/** The number of blobs that a comparison of all files reads. */
const readsOf = (leaving: File[], arriving: File[]): number => {
  const near = ({ size = 0 }: File) =>
    leaving.some((source) => size === 0 || comparable(source.size ?? size, size, least));
  return leaving.length === 0 ? 0 : leaving.length + arriving.filter(near).length;
};

const better = (a: Pair, b: Pair) => b.score - a.score || Number(b.named) - Number(a.named);

const score = async (
  source: File,
  target: File,
  { least, measure }: { least: number; measure: Measure },
): Promise<number> => {
  if (!isRegular(source) || !isRegular(target)) return 0;
  const [a, b] = [source.size, target.size];
  if (a !== undefined && b !== undefined && !comparable(a, b, least)) return 0;
  const [from, to] = await Promise.all([measure(source), measure(target)]);
  return comparable(from.size, to.size, least) ? similarity(from, to) : 0;
};

const tooMany = "too many files came and went since to tell where it went";
const several = "several files alike could be where it went";

const measuring = (readBlob: ReadBlob): Measure => {
  const known = new Map<string, Promise<Measured>>();
  const read = async (sha: string) => {
    const content = await readBlob(sha);
    return { size: content.length, spans: spansOf(content) };
  };
  return ({ sha }) => {
    const reading = known.get(sha) ?? read(sha);
    known.set(sha, reading);
    return reading;
  };
};
