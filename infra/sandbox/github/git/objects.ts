import type { Hono } from "hono";
import { z } from "zod";
import { body, type Env, iso, notFound, refused } from "../answers.ts";
import { repoUrl } from "../json.ts";
import type { Account, Github, Repo } from "../state.ts";
import { type Commit, parseCommit, unsigned } from "./commits.ts";

const person = z.object({ name: z.string(), email: z.string(), date: z.string().optional() });
const newCommit = z.object({
  message: z.string("message wasn't supplied"),
  tree: z.string("tree wasn't supplied"),
  parents: z.array(z.string()).default([]),
  author: person.optional(),
  committer: person.optional(),
});

/** The e-mail address GitHub gives to whoever hides theirs. */
export const noreply = ({ login, id }: Account): string => `${id}+${login}@users.noreply.github.com`;

const signature = (given: z.infer<typeof person>, now: number): string => {
  const at = given.date === undefined ? now : Date.parse(given.date);
  if (Number.isNaN(at)) throw refused(422, `Invalid request.\n\nInvalid date "${given.date}".`);
  const clean = (text: string) => text.replace(/[<>\n\0]/g, "").trim();
  return `${clean(given.name)} <${clean(given.email)}> ${Math.floor(at / 1000)} +0000`;
};

type NewCommit = { tree: string; parents: string[]; message: string; author: string; committer: string };

/** Writes a commit object and returns its sha. */
export const writeCommit = async (repo: Repo, commit: NewCommit): Promise<string> => {
  const lines = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${commit.author}`,
    `committer ${commit.committer}`,
    "",
    commit.message,
  ];
  return repo.git.write("commit", Buffer.from(lines.join("\n")));
};

/** GitHub's own committer line, for the commits it makes itself. */
export const webFlow = (github: Github): string =>
  signature({ name: "GitHub", email: "noreply@github.com" }, github.clock());
export const signedBy = (github: Github, by: Account): string =>
  signature({ name: by.login, email: noreply(by) }, github.clock());

export const typed = async (repo: Repo, name: string, type: string) => {
  const object = /^[0-9a-f]{40}$/.test(name) ? await repo.git.object(name) : undefined;
  return object?.type === type ? object : undefined;
};

const gitCommit = (github: Github, repo: Repo, commit: Commit) => ({
  sha: commit.sha,
  node_id: `C_${commit.sha}`,
  url: `${repoUrl(github, repo)}/git/commits/${commit.sha}`,
  html_url: `${github.origin}/github/${repo.fullName}/commit/${commit.sha}`,
  author: { name: commit.author.name, email: commit.author.email, date: iso(commit.author.at) },
  committer: { name: commit.committer.name, email: commit.committer.email, date: iso(commit.committer.at) },
  tree: { sha: commit.tree, url: `${repoUrl(github, repo)}/git/trees/${commit.tree}` },
  message: commit.message,
  parents: commit.parents.map((parent) => ({
    sha: parent,
    url: `${repoUrl(github, repo)}/git/commits/${parent}`,
  })),
  verification: unsigned,
});

const gitCommitRoutes = (app: Hono<Env>, github: Github): void => {
  app.get("/repos/:owner/:repo/git/commits/:sha", async (c) => {
    const object = await typed(c.var.repo, c.req.param("sha"), "commit");
    if (!object) throw notFound();
    return c.json(gitCommit(github, c.var.repo, parseCommit(object)));
  });

  app.post("/repos/:owner/:repo/git/commits", async (c) => {
    const repo = c.var.repo;
    const given = await body(c, newCommit);
    if (!(await typed(repo, given.tree, "tree"))) throw refused(422, "Tree SHA does not exist");
    for (const parent of given.parents)
      if (!(await typed(repo, parent, "commit")))
        throw refused(422, "Parent SHA does not exist or is not a commit object");
    const me = { name: c.var.actor.login, email: noreply(c.var.actor) };
    const author = given.author ?? given.committer ?? me;
    const committer = given.committer ?? given.author ?? { name: "GitHub", email: "noreply@github.com" };
    const made = await writeCommit(repo, {
      tree: given.tree,
      parents: given.parents,
      message: given.message,
      author: signature(author, github.clock()),
      committer: signature(committer, github.clock()),
    });
    return c.json(gitCommit(github, repo, parseCommit((await repo.git.object(made))!)), 201);
  });
};

const blobRoutes = (app: Hono<Env>, github: Github): void => {
  app.get("/repos/:owner/:repo/git/blobs/:sha", async (c) => {
    const blob = await typed(c.var.repo, c.req.param("sha"), "blob");
    if (!blob) throw notFound();
    if (blob.content.length > github.blobLimit)
      throw refused(
        403,
        "This API returns blobs up to 100 MB in size. The requested blob is too large to fetch via the API, but you can always clone the repository via Git in order to request the blob.",
        [{ resource: "Blob", field: "data", code: "too_large" }],
      );
    const raw = /application\/vnd\.github\.(v3\.)?raw/.test(c.req.header("Accept") ?? "");
    if (raw)
      return c.body(new Uint8Array(blob.content), 200, { "Content-Type": "application/vnd.github.raw" });
    return c.json({
      sha: blob.sha,
      node_id: `B_${blob.sha}`,
      size: blob.content.length,
      url: `${repoUrl(github, c.var.repo)}/git/blobs/${blob.sha}`,
      content: blob.content.toString("base64").replace(/.{60}/g, "$&\n"),
      encoding: "base64",
    });
  });

  app.post("/repos/:owner/:repo/git/blobs", async (c) => {
    const { content, encoding } = await body(
      c,
      z.object({
        content: z.string("content wasn't supplied"),
        encoding: z.enum(["utf-8", "base64"]).default("utf-8"),
      }),
    );
    const input = Buffer.from(content, encoding === "base64" ? "base64" : "utf8");
    const made = await writeBlob(c.var.repo, input);
    return c.json({ sha: made, url: `${repoUrl(github, c.var.repo)}/git/blobs/${made}` }, 201);
  });
};

export const writeBlob = (repo: Repo, input: string | Uint8Array): Promise<string> =>
  repo.git.write("blob", Buffer.from(input));

/** Git's own objects: commits and blobs. */
export const objectRoutes = (app: Hono<Env>, github: Github): void => {
  gitCommitRoutes(app, github);
  blobRoutes(app, github);
};
