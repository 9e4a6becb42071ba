import type { Commit, Edit, Service, Snapshot, Tree } from "../../ports.ts";
import { ask } from "./ask.ts";
import { readCommit } from "./commits.ts";
import { compare } from "./compare.ts";
import { inParallel } from "./remember.ts";
import { type Github, isSha, never, type Repo, repoOf } from "./repository.ts";

type Listing = { sha: string; tree: Tree };
const parallelBlobs = 10;

async function listTree(github: Github, service: Service, name: string): Promise<Listing> {
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
}

/** Every file of a commit or tree; a branch's may be another one in a moment and is not remembered. */
export const readTree = async (github: Github, service: Service, name: string): Promise<Tree> => {
  const read = async () => (await listTree(github, service, name)).tree;
  return isSha(name) ? github.trees.read(`${service.repository} ${name}`, read) : read();
};

/** The branch's head and its files: both at once, unless the branch moves between the two answers. */
async function readBranch(github: Github, service: Service) {
  const what = `read branch ${service.branch} of ${service.repository}`;
  const [branch, listed] = await Promise.all([
    ask(what, () => github.octokit.repos.getBranch({ ...repoOf(service), branch: service.branch })),
    listTree(github, service, service.branch),
  ]);
  const head = branch.commit.sha;
  const headTree = branch.commit.commit.tree.sha;
  const ours = [head, headTree].includes(listed.sha)
    ? listed.tree
    : await readTree(github, service, headTree);
  return { head, headTree, ours };
}

export async function snapshot(
  github: Github,
  service: Service,
  { sha, from }: { sha: string; from?: string },
): Promise<Snapshot> {
  const reading = readCommit(github, service, sha);
  const before =
    from === undefined ? readBefore(github, service, reading) : readFrom(github, service, { sha, from });
  const [commit, base, theirs, branch] = await Promise.all([
    reading,
    readTree(github, service, sha),
    before,
    readBranch(github, service),
  ]);
  const paths = [...new Set([...base.keys(), ...theirs.keys()])].filter(
    (path) =>
      base.get(path)?.sha !== theirs.get(path)?.sha || base.get(path)?.mode !== theirs.get(path)?.mode,
  );
  return { ...branch, commit: { ...commit, paths }, base, theirs };
}

async function readBefore(github: Github, service: Service, reading: Promise<Commit>): Promise<Tree> {
  const { sha, parents } = await reading;
  if (parents[0] !== undefined) return readTree(github, service, parents[0]);
  throw never(
    `revert ${sha} of ${service.repository}: it is the first commit, there is nothing to go back to`,
  );
}

async function readFrom(
  github: Github,
  service: Service,
  { sha, from }: { sha: string; from: string },
): Promise<Tree> {
  const [{ status }, tree] = await Promise.all([
    compare(github, service, { base: from, head: sha }),
    readTree(github, service, from),
  ]);
  if (status === "ahead") return tree;
  throw never(`revert ${from}..${sha} of ${service.repository}: the first is not before the second`);
}

export function readBlob(github: Github, service: Service, sha: string): Promise<Uint8Array> {
  return github.blobs.read(`${service.repository} ${sha}`, async () => {
    const { content } = await ask(`read blob ${sha} of ${service.repository}`, () =>
      github.octokit.git.getBlob({ ...repoOf(service), file_sha: sha }),
    );
    return Buffer.from(content, "base64");
  });
}

/** Writes the tree that is `base` with the edits made. The same again gives the same id. */
export async function writeTree(
  github: Github,
  service: Service,
  base: string,
  edits: Edit[],
): Promise<string> {
  const tree = await inParallel(parallelBlobs, edits, (edit) => entryOf(github, service, edit));
  const { sha } = await ask(`write a tree to ${service.repository}`, () =>
    github.octokit.git.createTree({ ...repoOf(service), base_tree: base, tree }),
  );
  return sha;
}

async function entryOf(github: Github, service: Service, edit: Edit) {
  if ("deleted" in edit)
    return { path: edit.path, mode: "100644" as const, type: "blob" as const, sha: null };
  const { path } = edit;
  const mode = edit.mode as "100644" | "100755" | "120000";
  const entry = { path, mode, type: "blob" as const };
  if ("sha" in edit) return { ...entry, sha: edit.sha };
  const content = asText(edit.content);
  if (content !== undefined) return { ...entry, content };
  return { ...entry, sha: await writeBlob(github, repoOf(service), edit.content) };
}

/** The tree API takes text only: what is not UTF-8 goes in as a blob first. */
function asText(content: Uint8Array): string | undefined {
  const text = Buffer.from(content).toString("utf8");
  const whole = Buffer.from(text, "utf8").equals(content) && !text.includes("\0");
  return whole && text !== "" ? text : undefined;
}

async function writeBlob(github: Github, repo: Repo, content: Uint8Array): Promise<string> {
  const { sha } = await ask(`write a blob to ${repo.owner}/${repo.repo}`, () =>
    github.octokit.git.createBlob({
      ...repo,
      content: Buffer.from(content).toString("base64"),
      encoding: "base64",
    }),
  );
  return sha;
}
