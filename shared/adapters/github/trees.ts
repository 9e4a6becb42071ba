import type { Edit, Tree } from "../../git/model.ts";
import type { Service } from "../../ports/service.ts";
import { inParallel } from "./cache.ts";
import { ask } from "./call.ts";
import { type Github, isSha, never, type Repo, repoOf } from "./repository.ts";

type Listing = { sha: string; tree: Tree };
const parallelBlobs = 10;

export const listTree = async (github: Github, service: Service, name: string): Promise<Listing> => {
  const what = `read the tree of ${name} of ${service.repository}`;
  const data = await ask(what, () =>
    github.octokit.git.getTree({ ...repoOf(service), tree_sha: name, recursive: "1" }),
  );
  if (data.truncated) throw never(`${what}: it is too large for GitHub to list whole`);
  const files = data.tree.filter(({ type }) => type !== "tree");
  return {
    sha: data.sha,
    tree: new Map(
      files.map(({ path, mode, sha, size }) => [path, { mode, sha, ...(size !== undefined && { size }) }]),
    ),
  };
};

/** Every file of a commit, tree or branch. A branch moves, so its files are not remembered. */
export const readTree = async (github: Github, service: Service, name: string): Promise<Tree> => {
  if (isSha(name)) return treeOnce(github, service, name, async () => undefined);
  return (await listTree(github, service, name)).tree;
};

/** The files of the commit or tree `sha`: derived, or else as GitHub lists them. */
export const treeOnce = (
  github: Github,
  service: Service,
  sha: string,
  derive: () => Promise<Tree | undefined>,
): Promise<Tree> =>
  github.trees.read(
    `${service.repository} ${sha}`,
    async () => (await derive()) ?? (await listTree(github, service, sha)).tree,
  );

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
