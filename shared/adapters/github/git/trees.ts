import type { RestEndpointMethodTypes } from "@octokit/rest";
import { UpstreamError } from "../../../errors.ts";
import { type Edit, isSubmodule, type Tree } from "../../../git/model.ts";
import type { Service } from "../../../ports/service.ts";
import { readText } from "../../http/response-text.ts";
import { inParallel } from "../api/cache.ts";
import { ask } from "../api/call.ts";
import { type Github, isSha, never, type Repo, repoOf } from "../api/repository.ts";
import { isStream } from "../api/stream.ts";
import { readFolders } from "./folders.ts";

type Listing = { sha: string; tree: Tree };
const parallelBlobs = 10;
/** Bytes of a listing: about 28,000 files. Of more, the folders that matter are read, which costs less time and memory. */
const maxListing = 8 * 1024 * 1024;

/** Every file. Throws a final error where GitHub does not list them whole, or only in an answer too large to read. */
export const listTree = async (github: Github, service: Service, name: string): Promise<Listing> => {
  if (isLarge(github, service)) throw tooLarge(service, name);
  return listWhole(github, service, { name, max: maxListing });
};

/** Every file, of an answer of at most `max` bytes; also where a listing was cut before. */
export const listWhole = async (
  github: Github,
  service: Service,
  { name, max }: { name: string; max: number },
): Promise<Listing> => {
  const { sha, tree, truncated } = await recursive(github, service, { name, max });
  if (truncated) throw cut(github, service, name);
  const files = tree.filter(({ type }) => type !== "tree");
  return {
    sha,
    tree: new Map(
      files.map(({ path, mode, sha, size }) => [path, { mode, sha, ...(size !== undefined && { size }) }]),
    ),
  };
};

type Listed = RestEndpointMethodTypes["git"]["getTree"]["response"]["data"];

/** GitHub's answer. It is read only as far as it may be large. */
const recursive = async (
  github: Github,
  service: Service,
  { name, max }: { name: string; max: number },
): Promise<Listed> => {
  const what = reading(service, name);
  const unread = (why: string, cause?: unknown) =>
    new UpstreamError("github", `${what}: ${why}`, { retryable: true, cause });
  const data: unknown = await ask(what, () =>
    github.octokit.git.getTree({
      ...{ ...repoOf(service), tree_sha: name, recursive: "1" },
      request: { parseSuccessResponseBody: false },
    }),
  );
  if (!isStream(data)) throw unread("the answer could not be read");
  const text = await readText(new Response(data), max, (why, cause) =>
    cause === undefined ? cut(github, service, name) : unread(why, cause),
  );
  try {
    const listed: Listed = JSON.parse(text);
    return listed;
  } catch (cause) {
    throw unread("the answer could not be read", cause);
  }
};

/** Remembers that the repository is not listed whole. */
const cut = (github: Github, service: Service, name: string): UpstreamError => {
  github.large.add(service.repository);
  return tooLarge(service, name);
};

/** Whether GitHub has cut a listing of this repository. */
export const isLarge = ({ large }: Github, { repository }: Service): boolean => large.has(repository);
const reading = ({ repository }: Service, name: string) => `read the tree of ${name} of ${repository}`;
const tooLarge = (service: Service, name: string) =>
  never(`${reading(service, name)}: it is too large for GitHub to list whole`);

/** Every file of a commit, tree or branch; where GitHub does not list them whole, those in `folders`. A branch moves, so its files are not remembered. */
export const readTree = async (
  github: Github,
  service: Service,
  { name, folders }: { name: string; folders?: string[] | undefined },
): Promise<Tree> => {
  if (isSha(name)) return treeOnce(github, service, { sha: name, folders, derive: async () => undefined });
  return (await listTree(github, service, name)).tree;
};

type Reading = { sha: string; folders?: string[] | undefined; derive: () => Promise<Tree | undefined> };

/** The files of the commit or tree `sha`: derived, or else as GitHub lists them. */
export const treeOnce = async (github: Github, service: Service, reading: Reading): Promise<Tree> => {
  const { sha, folders, derive } = reading;
  const key = `${service.repository} ${sha}`;
  if (folders === undefined || !isLarge(github, service)) {
    const whole = github.trees.read(
      key,
      async () => (await derive()) ?? (await listTree(github, service, sha)).tree,
    );
    const read = await whole.catch((error: unknown) => {
      if (folders === undefined || !isLarge(github, service)) throw error;
    });
    if (read !== undefined) return read;
  }
  const names = folders ?? [];
  return github.trees.read(
    [key, ...names].join("\n"),
    async () => (await derive()) ?? readFolders(github, service, { sha, folders: names }),
  );
};

export const readBlob = (github: Github, service: Service, sha: string): Promise<Uint8Array> => {
  return github.blobs.read(`${service.repository} ${sha}`, async () => {
    const { content } = await ask(`read blob ${sha} of ${service.repository}`, () =>
      github.octokit.git.getBlob({ ...repoOf(service), file_sha: sha }),
    );
    return Buffer.from(content, "base64");
  });
};

/** Writes the tree `base` with the edits applied. The same edits give the same id. */
export const writeTree = async (
  github: Github,
  service: Service,
  base: string,
  edits: Edit[],
): Promise<string> => {
  const tree = await inParallel(parallelBlobs, edits, (edit) => entryOf(github, service, edit));
  const { sha } = await ask(`write a tree to ${service.repository}`, () =>
    github.octokit.git.createTree({ ...repoOf(service), base_tree: base, tree }),
  );
  return sha;
};

const entryOf = async (github: Github, service: Service, edit: Edit) => {
  if ("deleted" in edit)
    return { path: edit.path, mode: "100644" as const, type: "blob" as const, sha: null };
  const { path } = edit;
  if ("sha" in edit && isSubmodule(edit))
    return { path, mode: "160000" as const, type: "commit" as const, sha: edit.sha };
  const mode = edit.mode as "100644" | "100755" | "120000";
  const entry = { path, mode, type: "blob" as const };
  if ("sha" in edit) return { ...entry, sha: edit.sha };
  const content = asText(edit.content);
  if (content !== undefined) return { ...entry, content };
  return { ...entry, sha: await writeBlob(github, repoOf(service), edit.content) };
};

/** The tree API takes text only; other bytes must be written as a blob first. */
const asText = (content: Uint8Array): string | undefined => {
  const text = Buffer.from(content).toString("utf8");
  const whole = Buffer.from(text, "utf8").equals(content) && !text.includes("\0");
  return whole && text !== "" ? text : undefined;
};

const writeBlob = async (github: Github, repo: Repo, content: Uint8Array): Promise<string> => {
  const { sha } = await ask(`write a blob to ${repo.owner}/${repo.repo}`, () =>
    github.octokit.git.createBlob({
      ...repo,
      content: Buffer.from(content).toString("base64"),
      encoding: "base64",
    }),
  );
  return sha;
};
