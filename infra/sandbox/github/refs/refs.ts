import type { Hono } from "hono";
import { z } from "zod";
import { isRefName } from "../../git.ts";
import { body, type Env, notFound, refused } from "../answers.ts";
import { branchTip, commitJson, isAncestor, parseCommit } from "../git/commits.ts";
import { repoJson, repoUrl } from "../json.ts";
import type { Github, Repo } from "../state.ts";
import { refMoved } from "./ref-updates.ts";

const nothing = "0".repeat(40);
type Ref = { ref: string; sha: string; type: string };

const refJson = (github: Github, repo: Repo, { ref, sha, type }: Ref) => ({
  ref,
  node_id: `REF_${ref}`,
  url: `${repoUrl(github, repo)}/git/${ref}`,
  object: { sha, type, url: `${repoUrl(github, repo)}/git/${type}s/${sha}` },
});

/** Every ref of the repository, in git's order. */
export const allRefs = async (repo: Repo): Promise<Ref[]> => {
  const text = await repo.git.text(["for-each-ref", "--format=%(refname) %(objectname) %(objecttype)"]);
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [ref = "", sha = "", type = ""] = line.split(" ");
      return { ref, sha, type };
    });
};

const readRef = async (repo: Repo, ref: string): Promise<Ref | undefined> => {
  const object = isRefName(ref) ? await repo.git.object(ref) : undefined;
  return object && { ref, sha: object.sha, type: object.type };
};

/** Moves a ref from `before` to `after` if it still is at `before`, and lets everyone know. False when it is not. */
export const moveRef = async (
  github: Github,
  repo: Repo,
  move: Parameters<typeof refMoved>[2],
): Promise<boolean> => {
  const args = move.after === nothing ? ["-d", move.ref, move.before] : [move.ref, move.after, move.before];
  const ran = await repo.git.run(["update-ref", ...args]);
  if (ran.code === 0) await refMoved(github, repo, move);
  return ran.code === 0;
};

const shaSchema = z.string("wrong type");

const commitOf = async (repo: Repo, sha: string): Promise<string> => {
  if (!/^[0-9a-f]{40}$/.test(sha))
    throw refused(422, "The sha parameter must be exactly 40 characters and contain only [0-9a-f].");
  if (!(await repo.git.object(sha))) throw refused(422, "Object does not exist");
  return sha;
};

const readRoutes = (app: Hono<Env>, github: Github): void => {
  app.get("/repos/:owner/:repo/branches/:branch{.+}", async (c) => {
    const repo = c.var.repo;
    const name = c.req.param("branch");
    const sha = await branchTip(repo, name);
    const object = sha && (await repo.git.object(sha));
    if (!object) throw refused(404, "Branch not found");
    const contexts = [
      ...new Set([...repo.requiredStatuses, ...(repo.protection.get(name)?.checks?.contexts ?? [])]),
    ];
    const enabled = repo.protection.has(name) || contexts.length > 0;
    return c.json({
      name,
      commit: commitJson(github, repo, parseCommit(object)),
      protected: enabled || repo.rulesets.length > 0,
      protection: {
        enabled,
        required_status_checks: { enforcement_level: enabled ? "everyone" : "off", contexts, checks: [] },
      },
    });
  });

  app.get("/repos/:owner/:repo/git/ref/:ref{.+}", async (c) => {
    const found = await readRef(c.var.repo, `refs/${c.req.param("ref")}`);
    if (!found) throw notFound();
    return c.json(refJson(github, c.var.repo, found));
  });

  app.get("/repos/:owner/:repo/git/matching-refs/:prefix{.+}", async (c) => {
    const prefix = `refs/${c.req.param("prefix")}`;
    const found = (await allRefs(c.var.repo)).filter(({ ref }) => ref.startsWith(prefix));
    return c.json(found.map((ref) => refJson(github, c.var.repo, ref)));
  });

  app.get("/repos/:owner/:repo", async (c) => c.json(await repoJson(github, c.var.repo)));
};

const writeRoutes = (app: Hono<Env>, github: Github): void => {
  app.post("/repos/:owner/:repo/git/refs", async (c) => {
    const repo = c.var.repo;
    const { ref, sha } = await body(c, z.object({ ref: z.string("wrong type"), sha: shaSchema }));
    if (!/^refs\/[^/]+\/./.test(ref) || !isRefName(ref))
      throw refused(422, `${ref} is not a valid ref name.`);
    const after = await commitOf(repo, sha);
    if (await readRef(repo, ref)) throw refused(422, "Reference already exists");
    const by = c.var.actor;
    if (!(await moveRef(github, repo, { ref, before: nothing, after, by })))
      throw refused(
        422,
        (await readRef(repo, ref)) ? "Reference already exists" : "Reference cannot be created",
      );
    return c.json(refJson(github, repo, (await readRef(repo, ref))!), 201);
  });

  app.patch("/repos/:owner/:repo/git/refs/:ref{.+}", async (c) => {
    const repo = c.var.repo;
    const ref = `refs/${c.req.param("ref")}`;
    const { sha, force } = await body(c, z.object({ sha: shaSchema, force: z.boolean().optional() }));
    const after = await commitOf(repo, sha);
    const now = await readRef(repo, ref);
    if (!now) throw refused(422, "Reference does not exist");
    if (!force && !(await isAncestor(repo, now.sha, after)))
      throw refused(422, "Update is not a fast forward");
    if (!(await moveRef(github, repo, { ref, before: now.sha, after, by: c.var.actor })))
      throw refused(422, "Reference cannot be updated");
    return c.json(refJson(github, repo, { ...now, sha: after }));
  });

  app.delete("/repos/:owner/:repo/git/refs/:ref{.+}", async (c) => {
    const repo = c.var.repo;
    const ref = `refs/${c.req.param("ref")}`;
    const now = await readRef(repo, ref);
    if (!now) throw refused(422, "Reference does not exist");
    await moveRef(github, repo, { ref, before: now.sha, after: nothing, by: c.var.actor });
    return c.body(null, 204);
  });
};

export const refRoutes = (app: Hono<Env>, github: Github): void => {
  readRoutes(app, github);
  writeRoutes(app, github);
};
