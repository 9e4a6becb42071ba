import { createHash } from "node:crypto";
import type { FileChange, ListedChange, Tree } from "../../shared/git/model.ts";
import { blobId } from "../../shared/git/object-ids.ts";

/** Texts by path. */
export type Files = ReadonlyMap<string, string>;
export type Snapshot = {
  sha: string;
  parent: string | undefined;
  depth: number;
  message: string;
  author: string;
  at: number;
  files: Files;
};

/** Commits with their files, and one branch. Every commit has one parent: people merge by squashing. */
export type Repository = ReturnType<typeof createRepository>;

export const createRepository = (at: number, files: Files) => {
  const commits = new Map<string, Snapshot>();
  const blobs = new Map<string, string>();
  const ids = new Map<string, string>();
  const idOf = (text: string): string => {
    const known = ids.get(text);
    if (known !== undefined) return known;
    const id = blobId(Buffer.from(text));
    ids.set(text, id);
    blobs.set(id, text);
    return id;
  };
  const add = (commit: Omit<Snapshot, "sha" | "depth">): Snapshot => {
    const { parent, message, author } = commit;
    const depth = parent === undefined ? 0 : of(parent).depth + 1;
    const text = `${commits.size} ${parent} ${message} ${author} ${commit.at}`;
    const made = { ...commit, depth, sha: createHash("sha1").update(text).digest("hex") };
    for (const content of made.files.values()) idOf(content);
    commits.set(made.sha, made);
    return made;
  };
  const of = (sha: string): Snapshot => {
    const found = commits.get(sha);
    if (found === undefined) throw new Error(`no commit ${sha}`);
    return found;
  };
  let head = add({
    parent: undefined,
    message: "begin",
    author: "Ann",
    at,
    files,
  });
  /** From the newest back, without `until`. */
  const back = (from: Snapshot, until?: string): Snapshot[] => {
    const found: Snapshot[] = [];
    for (let one: Snapshot | undefined = from; one !== undefined && one.sha !== until; ) {
      found.push(one);
      one = one.parent === undefined ? undefined : of(one.parent);
    }
    return found;
  };
  const contains = (descendant: Snapshot, ancestor: Snapshot): boolean => {
    let one = descendant;
    while (one.depth > ancestor.depth && one.parent !== undefined) one = of(one.parent);
    return one.sha === ancestor.sha;
  };
  const trees = new Map<string, Tree>();
  const treeOf = ({ sha, files: all }: Snapshot): Tree => {
    const known = trees.get(sha);
    if (known !== undefined) return known;
    const tree: Tree = new Map([...all].map(([path, text]) => [path, { mode: "100644", sha: idOf(text) }]));
    trees.set(sha, tree);
    return tree;
  };
  return {
    add,
    of,
    find: (name: string) =>
      commits.get(name) ?? [...commits.values()].find(({ sha }) => sha.startsWith(name)),
    head: () => head,
    /** Puts a commit on the branch. */
    land: (commit: Omit<Snapshot, "sha" | "depth" | "parent">): Snapshot => {
      head = add({ ...commit, parent: head.sha });
      return head;
    },
    back,
    contains,
    idOf,
    text: (id: string) => blobs.get(id),
    treeOf,
    /** A name for the tree, as good as git's id of it. */
    treeId: ({ sha }: Snapshot): string => createHash("sha1").update(`tree of ${sha}`).digest("hex"),
    changed: (before: Files, after: Files): FileChange[] =>
      [...new Set([...before.keys(), ...after.keys()])]
        .filter((path) => before.get(path) !== after.get(path))
        .sort()
        .map((path) => ({
          path,
          ...textOf("before", before.get(path)),
          ...textOf("after", after.get(path)),
        })),
    listed: (changes: FileChange[]): ListedChange[] =>
      changes.map(({ path, before, after }) => ({
        path,
        status: before === undefined ? "added" : after === undefined ? "removed" : "modified",
        sha: idOf(after ?? before ?? ""),
      })),
  };
};

const textOf = (name: "before" | "after", text: string | undefined) =>
  text === undefined ? {} : { [name]: text };
