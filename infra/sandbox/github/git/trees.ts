import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hono } from "hono";
import { z } from "zod";
import { body, type Env, notFound, refused } from "../answers.ts";
import { repoUrl } from "../json.ts";
import type { Github, Repo } from "../state.ts";
import { resolve } from "./commits.ts";
import { writeBlob } from "./objects.ts";

const entry = z.object({
  path: z.string("path wasn't supplied").min(1),
  mode: z.enum(["100644", "100755", "040000", "160000", "120000"], "mode is not valid"),
  type: z.enum(["blob", "tree", "commit"], "type is not valid").optional(),
  sha: z.string().nullish(),
  content: z.string().optional(),
});
type Entry = z.infer<typeof entry>;
type Listed = { path: string; mode: string; type: string; sha: string; size?: number };

/** GitHub's second limit of a recursive listing. It does not say what it measures: here the path, the id and the mode. */
const maxListedBytes = 7 * 1024 * 1024;
const entryBytes = ({ path }: Listed): number => path.length + 50;

/** The entries that GitHub gives of a recursive listing: https://docs.github.com/en/rest/git/trees#get-a-tree. */
const capped = (listed: Listed[], limit: number): Listed[] => {
  let bytes = 0;
  const end = listed.slice(0, limit).findIndex((entry) => {
    bytes += entryBytes(entry);
    return bytes > maxListedBytes;
  });
  return listed.slice(0, end < 0 ? limit : end);
};

const listTree = async (repo: Repo, sha: string, recursive: boolean): Promise<Listed[]> => {
  const text = await repo.git.text([
    "ls-tree",
    "-z",
    "-l",
    "--full-tree",
    ...(recursive ? ["-r", "-t"] : []),
    sha,
  ]);
  return text
    .split("\0")
    .filter(Boolean)
    .map((line) => {
      const [head = "", path = ""] = [line.slice(0, line.indexOf("\t")), line.slice(line.indexOf("\t") + 1)];
      const [mode = "", type = "", object = "", size = ""] = head.split(/ +/);
      return { path, mode, type, sha: object, ...(type === "blob" && { size: Number(size) }) };
    });
};

/** The tree a sha, its ancestor (`<sha>~1`), a branch or a tag names: commits are peeled. */
const treeSha = async (repo: Repo, name: string): Promise<string | undefined> => {
  if (/^[0-9a-f]{40}$|^[0-9a-f]{7,40}~\d+$/.test(name)) return (await repo.git.object(`${name}^{tree}`))?.sha;
  return (await resolve(repo, name))?.tree;
};

const unsafe = /^\/|\/$|\/\/|\0|(^|\/)(\.|\.\.|\.git)(\/|$)/i;

/** The tree that holds `base` with the entries applied, written through an index of its own. */
const writeTree = async (repo: Repo, base: string | undefined, entries: Entry[]): Promise<string> => {
  const index = { GIT_INDEX_FILE: join(tmpdir(), `sandbox-index-${randomUUID()}`) };
  const git: IndexGit = (args, input) =>
    repo.git.text(args, { env: index, ...(input !== undefined && { input }) });
  try {
    await git(["read-tree", base ?? "--empty"]);
    const removed = await linesToRemove(git, entries.filter(replacesPath));
    const added = await Promise.all(entries.filter((entry) => !replacesPath(entry)).map(lineToAdd(repo)));
    await git(["update-index", "--replace", "-z", "--index-info"], [...removed, ...added].join(""));
    for (const { path, mode, sha } of entries)
      if (mode === "040000" && sha) await git(["read-tree", `--prefix=${path}/`, sha]);
    return await git(["write-tree"]);
  } finally {
    await rm(index.GIT_INDEX_FILE, { force: true });
  }
};

type IndexGit = (args: string[], input?: string) => Promise<string>;

/** A deletion and a whole directory take everything at their path away first. */
const replacesPath = ({ sha, mode }: Entry): boolean => sha === null || mode === "040000";

/** The input by which `git update-index` removes every file at or below the entries' paths. */
const linesToRemove = async (git: IndexGit, entries: Entry[]): Promise<string[]> => {
  if (entries.length === 0) return [];
  const files = (await git(["ls-files", "-z"])).split("\0");
  return entries.flatMap(({ path, sha }) => {
    const gone = files.filter((name) => name === path || name.startsWith(`${path}/`));
    if (sha === null && gone.length === 0) throw refused(422, "GitRPC::BadObjectState");
    return gone.map((name) => `0 ${"0".repeat(40)}\t${name}\0`);
  });
};

const lineToAdd =
  (repo: Repo) =>
  async ({ path, mode, sha, content }: Entry): Promise<string> =>
    `${mode} ${content === undefined ? sha : await writeBlob(repo, content)}\t${path}\0`;

const checkEntry = async (repo: Repo, one: Entry): Promise<void> => {
  if (unsafe.test(one.path)) throw refused(422, "tree.path contains a malformed path component");
  if (one.sha != null && one.content !== undefined)
    throw refused(
      422,
      "Must supply either tree.sha or tree.content. Request will be rejected if both are present.",
    );
  if (one.sha === undefined && one.content === undefined)
    throw refused(422, "Must supply tree.sha or tree.content");
  const type = one.mode === "040000" ? "tree" : one.mode === "160000" ? "commit" : "blob";
  if (one.type && one.type !== type)
    throw refused(422, `tree.mode ${one.mode} does not go with tree.type ${one.type}`);
  if (one.sha == null || type === "commit") return;
  const object = /^[0-9a-f]{40}$/.test(one.sha) ? await repo.git.object(one.sha) : undefined;
  if (object?.type !== type) throw refused(422, `tree.sha ${one.sha} is not a valid ${type}`);
};

export const treeRoutes = (app: Hono<Env>, github: Github): void => {
  const treeJson = (repo: Repo, sha: string, { listed, given }: { listed: Listed[]; given: Listed[] }) => ({
    sha,
    url: `${repoUrl(github, repo)}/git/trees/${sha}`,
    tree: given.map((one) => ({ ...one, url: `${repoUrl(github, repo)}/git/${one.type}s/${one.sha}` })),
    truncated: given.length < listed.length,
  });

  app.get("/repos/:owner/:repo/git/trees/:tree{.+}", async (c) => {
    const sha = await treeSha(c.var.repo, c.req.param("tree"));
    if (!sha) throw notFound();
    const recursive = c.req.query("recursive") !== undefined;
    const listed = await listTree(c.var.repo, sha, recursive);
    const given = recursive ? capped(listed, github.treeLimit) : listed;
    return c.json(treeJson(c.var.repo, sha, { listed, given }));
  });

  app.post("/repos/:owner/:repo/git/trees", async (c) => {
    const repo = c.var.repo;
    const given = await body(c, z.object({ base_tree: z.string().nullish(), tree: z.array(entry) }));
    if (given.tree.length === 0) throw refused(422, "Invalid tree info");
    const base = given.base_tree ? await treeSha(repo, given.base_tree) : undefined;
    if (given.base_tree && !base) throw refused(422, "base_tree is not a valid tree oid");
    for (const one of given.tree) await checkEntry(repo, one);
    const sha = await writeTree(repo, base, given.tree);
    const listed = await listTree(repo, sha, false);
    return c.json(treeJson(repo, sha, { listed, given: listed }), 201);
  });
};
