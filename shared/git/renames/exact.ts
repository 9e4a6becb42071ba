/** A file that left a tree, or came to one. */
export type File = { path: string; mode: string; sha: string; size?: number };

export const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
export const isRegular = ({ mode }: File) => mode.startsWith("100");

/** Files moved as they were. False when one that matters could be one of several. */
export const exact = (
  deleted: File[],
  added: File[],
  { found, relevant }: { found: Map<string, string>; relevant: Set<string> },
): boolean => {
  const kind = (file: File) => `${file.sha} ${isRegular(file) ? "" : file.mode}`;
  const targets = Map.groupBy(added, kind);
  for (const [key, sources] of Map.groupBy(deleted, kind)) {
    const into = targets.get(key);
    if (!into) continue;
    const pairs = paired(sources, into);
    const matters = into.length > sources.length || sources.some(({ path }) => relevant.has(path));
    if (!pairs && matters) return false;
    for (const [from, to] of pairs ?? sources.map((source, at) => [source, into[at]] as const))
      if (to) found.set(from.path, to.path);
  }
  return true;
};

/** Pairs files of equal content by their names; undefined when the names leave a choice. */
const paired = (sources: File[], targets: File[]): [File, File][] | undefined => {
  const [[source], [target]] = [sources, targets];
  if (source && target && sources.length === 1 && targets.length === 1) return [[source, target]];
  const pairs = targets.map((target): [File | undefined, File] => {
    const named = sources.filter(({ path }) => nameOf(path) === nameOf(target.path));
    return [named.length === 1 ? named[0] : undefined, target];
  });
  const taken = new Set(pairs.map(([source]) => source));
  return taken.has(undefined) || taken.size < pairs.length ? undefined : (pairs as [File, File][]);
};
