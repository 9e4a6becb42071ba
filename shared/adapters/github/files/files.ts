import { posix } from "node:path";
import { folderMode, type Tree } from "../../../git/model.ts";
import { blobId } from "../../../git/object-ids.ts";
import type { Service } from "../../../ports/service.ts";
import type { Selection, Trees } from "../../../ports/trees.ts";
import { type Github, never } from "../api/repository.ts";
import { textOf } from "../api/text.ts";
import { readFolders } from "../git/folders.ts";
import { isLarge, listWhole } from "../git/trees.ts";
import { readBranchHead } from "../history/change.ts";
import { readArchive } from "./archive.ts";
import { readTexts } from "./blob-texts.ts";

type Read = Awaited<ReturnType<Trees["files"]>>;

/** More files are read out of the archive: two requests, whatever their number. */
const maxSingle = 1600;
/** People write no file larger than this. */
const maxBytes = 5 * 1024 * 1024;
/** Bytes of a listing: GitHub lists 100,000 entries at most. */
const maxListing = 48 * 1024 * 1024;

/** The branch as it is now with the text of the wanted files. Links and files that are not UTF-8 are left out. */
export const files = async (
  github: Github,
  service: Service,
  { wanted, limit }: Selection,
): Promise<Read> => {
  const { sha, tree } = await readBranchHead(github, service);
  const { ours, only } = await listed(github, service, tree);
  const found = new Map(
    [...ours].filter(
      ([path, { mode, size = 0 }]) => mode.startsWith("100") && size <= maxBytes && wanted(path),
    ),
  );
  if (found.size > limit)
    throw never(
      `${service.repository} has ${found.size} files that may say it, more than the ${limit} that are read over GitHub`,
    );
  const texts = await textsOf(github, service, { sha, found });
  const read = [...found].flatMap(([path, { mode, sha }]) => {
    const text = texts.get(sha);
    return text === undefined ? [] : [[path, { mode, sha, text }] as const];
  });
  if (only) mustStayWithin(service, only, read);
  return { head: sha, headTree: tree, files: new Map(read), ...(only && { only }) };
};

/** Every file; of a repository that GitHub does not list whole, those in the outermost folders of the service's paths. */
const listed = async (
  github: Github,
  service: Service,
  tree: string,
): Promise<{ ours: Tree; only?: string[] }> => {
  const listing = async (name: string) => (await listWhole(github, service, { name, max: maxListing })).tree;
  const only = [...new Set(service.paths.map(outermost))];
  try {
    return { ours: await github.trees.read(`${service.repository} ${tree}`, () => listing(tree)) };
  } catch (error) {
    if (!isLarge(github, service) || only.length === 0 || only.includes("")) throw error;
  }
  const root = await readFolders(github, service, { sha: tree, folders: [""] });
  const parts = await Promise.all(
    only.map(async (folder) => {
      const entry = root.get(folder);
      const files = entry?.mode === folderMode ? await listing(entry.sha) : [];
      return [...files].map(([path, file]) => [`${folder}/${path}`, file] as const);
    }),
  );
  return { ours: new Map(parts.flat()), only };
};

const outermost = (path: string): string =>
  path
    .replace(/^\.?\/+/, "")
    .split("/", 1)
    .join("");

/** Throws where a kustomization takes something from a folder that was not read. */
const mustStayWithin = (
  { repository }: Service,
  only: string[],
  read: (readonly [string, { text: string }])[],
): void => {
  for (const [path, { text }] of read) {
    if (!/(^|\/)kustomization(\.ya?ml)?$/i.test(path)) continue;
    for (const [reference] of text.matchAll(/(?:\.\.\/)+[\w.-]+/g)) {
      const folder = outermost(posix.join(posix.dirname(path), reference));
      if (!only.includes(folder))
        throw never(
          `${path} takes ${reference}, which is not read: GitHub does not list ${repository} whole, and the paths name ${only.join(", ")}`,
        );
    }
  }
};

/** The texts by the ids of their blobs: few by themselves, many out of the archive, which may have changed or left out some. */
const textsOf = async (
  github: Github,
  service: Service,
  { sha, found }: { sha: string; found: Tree },
): Promise<Map<string, string>> => {
  const blobs = [...new Map([...found.values()].map((entry) => [entry.sha, entry])).values()];
  if (blobs.length <= maxSingle) return readTexts(github, service, blobs);
  const archived = await readArchive(github, service, { sha, wanted: (path) => found.has(path) });
  const texts = new Map<string, string>();
  const known = new Set<string>();
  for (const [path, bytes] of archived) {
    const id = blobId(bytes);
    if (found.get(path)?.sha !== id) continue;
    known.add(id);
    const text = textOf(bytes);
    if (text !== undefined) texts.set(id, text);
  }
  const rest = blobs.filter(({ sha: id }) => !known.has(id));
  return new Map([...texts, ...(await readTexts(github, service, rest))]);
};
