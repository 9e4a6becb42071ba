import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import type { Hono } from "hono";
import { type Env, notFound } from "../answers.ts";
import type { Github, Repo } from "../state.ts";
import { resolve } from "./commits.ts";

/** The archive of a commit: a redirect to an address with a token of its own, as GitHub gives it on another host. */
export const archiveRoutes = (app: Hono<Env>, github: Github): void => {
  const given = new Map<string, { repo: Repo; sha: string }>();

  app.get("/repos/:owner/:repo/tarball/:ref{.+}", async (c) => {
    const { repo } = c.var;
    const commit = await resolve(repo, c.req.param("ref"));
    if (commit === undefined) throw notFound();
    const { sha } = commit;
    const token = randomUUID();
    given.set(token, { repo, sha });
    return c.redirect(
      `${github.origin}/github/codeload/${repo.fullName}/legacy.tar.gz/${sha}?token=${token}`,
      302,
    );
  });

  app.get("/codeload/*", (c) => {
    const found = given.get(c.req.query("token") ?? "");
    if (found === undefined) throw notFound();
    const { repo, sha } = found;
    const prefix = `${repo.fullName.replace("/", "-")}-${sha.slice(0, 7)}/`;
    const child = repo.git.spawn(["archive", "--format=tar.gz", `--prefix=${prefix}`, sha]);
    child.stderr.resume();
    return new Response(Readable.toWeb(child.stdout) as ReadableStream, {
      headers: { "Content-Type": "application/x-gzip" },
    });
  });
};
