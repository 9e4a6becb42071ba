import { folderMode, type Tree } from "../../../git/model.ts";
import type { Service } from "../../../ports/service.ts";
import { inParallel } from "../api/cache.ts";
import { graphql } from "../api/graphql.ts";
import { type Github, never, repoOf } from "../api/repository.ts";

type Entry = { name: string; mode: number; oid: string; size: number };
type Answer = { repository: Record<string, { entries?: Entry[] | null } | null> | null };

/** Folders that one request reads, and requests at once. */
const perRequest = 100;
const parallel = 5;

/** The entries of these folders of a commit or tree. Every other folder stands for its files. */
export const readFolders = async (
  github: Github,
  service: Service,
  { sha, folders }: { sha: string; folders: string[] },
): Promise<Tree> => {
  const what = `read folders of ${sha} of ${service.repository}`;
  const parts = Array.from({ length: Math.ceil(folders.length / perRequest) }, (_, at) =>
    folders.slice(at * perRequest, (at + 1) * perRequest),
  );
  const lists = await inParallel(parallel, parts, (names) =>
    listFolders(github, service, { what, sha, names }),
  );
  const tree: Tree = new Map();
  for (const [folder, entries] of lists.flat())
    for (const { name, mode, oid, size } of entries) {
      const path = folder === "" ? name : `${folder}/${name}`;
      const octal = mode.toString(8).padStart(6, "0");
      tree.set(path, { mode: octal, sha: oid, ...(octal.startsWith("100") && { size }) });
    }
  if (tree.size === 0 && folders.includes("")) throw never(`${what}: there are none`);
  for (const [folder] of lists.flat()) if (tree.get(folder)?.mode === folderMode) tree.delete(folder);
  return tree;
};

/** One request; the folders that are there. */
const listFolders = async (
  github: Github,
  service: Service,
  { what, sha, names }: { what: string; sha: string; names: string[] },
): Promise<[string, Entry[]][]> => {
  const variables = names.map((name, at) => [`f${at}`, `${sha}:${name}`] as const);
  const declared = variables.map(([key]) => `$${key}: String!`).join(", ");
  const asked = variables.map(([key]) => `${key}: object(expression: $${key}) { ...folder }`).join("\n    ");
  const query = `query ($owner: String!, $name: String!, ${declared}) {
  repository(owner: $owner, name: $name) {
    ${asked}
  }
}
fragment folder on GitObject { ... on Tree { entries { name mode oid size } } }`;
  const { owner, repo } = repoOf(service);
  const { repository } = await graphql<Answer>(github, service, {
    ...{ what, query },
    variables: { ...Object.fromEntries(variables), owner, name: repo },
  });
  return names.flatMap((name, at): [string, Entry[]][] => {
    const entries = repository?.[`f${at}`]?.entries;
    return entries ? [[name, entries]] : [];
  });
};

/** Folders that a comparison of two large trees reads at most. */
const maxCompared = 2000;

/** The paths that differ between two commits, found by the ids of folders. Throws a final error where they are in too many folders. */
export const differingPaths = async (
  github: Github,
  service: Service,
  [before, after]: [string, string],
): Promise<string[]> => {
  const found: string[] = [];
  let read = 0;
  for (let folders = [""]; folders.length > 0; ) {
    read += folders.length;
    if (read > maxCompared)
      throw never(`compare ${before} and ${after} of ${service.repository}: they differ in too many folders`);
    const [was, is] = await Promise.all([
      readFolders(github, service, { sha: before, folders }),
      readFolders(github, service, { sha: after, folders }),
    ]);
    const differ = [...new Set([...was.keys(), ...is.keys()])].filter(
      (path) => was.get(path)?.sha !== is.get(path)?.sha || was.get(path)?.mode !== is.get(path)?.mode,
    );
    const isFolder = (path: string) => [was, is].some((tree) => tree.get(path)?.mode === folderMode);
    const isFile = (path: string) =>
      [was, is].some((tree) => (tree.get(path)?.mode ?? folderMode) !== folderMode);
    found.push(...differ.filter(isFile));
    folders = differ.filter(isFolder);
  }
  return found;
};
