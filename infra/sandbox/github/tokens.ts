import { createVerify, randomBytes } from "node:crypto";
import type { Hono } from "hono";
import { z } from "zod";
import { body, type Ctx, type Env, iso, notFound, refused } from "./answers.ts";
import { accountJson, repoJson } from "./json.ts";
import { type Actor, account, type Github, type Repo } from "./state.ts";

/** Lifetimes GitHub grants, in ms: an installation token, and the most a JWT may ask for, with some room for clocks. */
const lifetimes = { token: 3_600_000, jwt: 660_000, skew: 60_000 };
const asked = z.object({
  repositories: z.array(z.string()).optional(),
  repository_ids: z.array(z.number()).optional(),
  permissions: z.record(z.string(), z.string()).optional(),
});

/** The credential of an `Authorization` header: `token x`, `Bearer x`, or the password of Basic. */
export const credential = (header = ""): string | undefined => {
  const [scheme = "", value = ""] = header.split(" ");
  if (/^(token|bearer)$/i.test(scheme)) return value;
  if (/^basic$/i.test(scheme)) return Buffer.from(value, "base64").toString().split(":").slice(1).join(":");
  return undefined;
};

/** The holder of the token; undefined once it has expired. */
export const actorOf = (github: Github, header: string | undefined): Actor | undefined => {
  const actor = github.actors.get(credential(header) ?? "");
  return actor?.expiresAt !== undefined && actor.expiresAt <= github.clock() ? undefined : actor;
};

/** Refuses a request that does not carry an App's JWT, as GitHub words it. */
const checkJwt = (c: Ctx, github: Github): void => {
  const jwt = credential(c.req.header("Authorization"));
  const [head, claims, signature] = jwt?.split(".") ?? [];
  const unreadable = refused(401, "A JSON web token could not be decoded");
  if (!head || !claims || !signature) throw unreadable;
  let payload: { iss?: unknown; exp?: unknown };
  try {
    if (JSON.parse(Buffer.from(head, "base64url").toString()).alg !== "RS256") throw unreadable;
    payload = JSON.parse(Buffer.from(claims, "base64url").toString());
  } catch {
    throw unreadable;
  }
  const { publicKey } = github.app;
  const verified =
    !publicKey ||
    createVerify("RSA-SHA256").update(`${head}.${claims}`).verify(publicKey, signature, "base64url");
  if (!verified) throw unreadable;
  const exp = typeof payload.exp === "number" ? payload.exp * 1000 : 0;
  if (exp <= github.clock())
    throw refused(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  if (exp > github.clock() + lifetimes.jwt + lifetimes.skew)
    throw refused(401, "'Expiration time' claim ('exp') is too far in the future");
  if (String(payload.iss) !== String(github.app.id)) throw refused(404, "Integration not found");
};

const grantedByDefault = {
  actions: "write",
  contents: "write",
  deployments: "write",
  pull_requests: "write",
  statuses: "write",
  checks: "read",
  issues: "write",
  members: "read",
  metadata: "read",
};

const issue = (github: Github, given: z.infer<typeof asked>) => {
  const { installationId, slug } = github.app;
  const byId = [...github.repos.values()]
    .filter(({ id }) => given.repository_ids?.includes(id))
    .map(({ name }) => name);
  const granted: Record<string, string> = github.app.permissions ?? grantedByDefault;
  const refusedOnes = Object.entries(given.permissions ?? {}).filter(
    ([name, level]) => granted[name] === undefined || (level === "write" && granted[name] !== "write"),
  );
  if (refusedOnes.length > 0)
    throw refused(422, "The permissions requested are not granted to this installation.");
  const repositories = given.repositories ?? (given.repository_ids && byId);
  const known = [...github.repos.values()].map(({ name }) => name.toLowerCase());
  if (repositories?.some((name) => !known.includes(name.toLowerCase())))
    throw refused(
      422,
      "There is at least one repository that does not exist or is not accessible to the parent installation.",
    );
  const token = `ghs_${randomBytes(18).toString("hex")}`;
  const expiresAt = github.clock() + lifetimes.token;
  const scope = { ...(repositories && { repositories }), expiresAt };
  github.actors.set(token, { ...account(`${slug}[bot]`, "Bot"), installation: installationId, ...scope });
  github.issued.push({
    token,
    installation: installationId,
    ...scope,
    ...(given.permissions && { permissions: given.permissions }),
  });
  return { token, expiresAt, repositories };
};

const installationJson = (github: Github, repo?: Repo) => ({
  id: github.app.installationId,
  app_id: github.app.id,
  app_slug: github.app.slug,
  ...(repo && {
    account: accountJson(github, account(repo.owner, "Organization")),
    target_type: "Organization",
  }),
  repository_selection: "all",
  access_tokens_url: `${github.origin}/github/app/installations/${github.app.installationId}/access_tokens`,
  permissions: github.app.permissions ?? grantedByDefault,
  events: ["deployment_status", "pull_request", "push"],
  suspended_at: null,
});

const identityRoutes = (app: Hono<Env>, github: Github): void => {
  app.get("/user", (c) => {
    const actor = actorOf(github, c.req.header("Authorization"));
    if (!actor) throw refused(401, "Bad credentials");
    if (actor.installation) throw refused(403, "Resource not accessible by integration");
    return c.json({ ...accountJson(github, actor), name: actor.login });
  });

  app.get("/app", (c) => {
    checkJwt(c, github);
    const { id, slug } = github.app;
    return c.json({
      id,
      slug,
      node_id: `A_${id}`,
      name: slug,
      permissions: installationJson(github).permissions,
      events: installationJson(github).events,
    });
  });
};

const installationRoutes = (app: Hono<Env>, github: Github): void => {
  app.get("/repos/:owner/:repo/installation", (c) => {
    checkJwt(c, github);
    const repo = github.repos.get(`${c.req.param("owner")}/${c.req.param("repo")}`.toLowerCase());
    if (!repo) throw notFound();
    return c.json(installationJson(github, repo));
  });

  app.get("/orgs/:org/installation", (c) => {
    checkJwt(c, github);
    const org = c.req.param("org").toLowerCase();
    const repo = [...github.repos.values()].find(({ owner }) => owner.toLowerCase() === org);
    if (!repo) throw notFound();
    return c.json(installationJson(github, repo));
  });

  app.post("/app/installations/:id/access_tokens", async (c) => {
    checkJwt(c, github);
    if (Number(c.req.param("id")) !== github.app.installationId) throw notFound();
    const given = await body(c, asked);
    const { token, expiresAt, repositories } = issue(github, given);
    const chosen = [...github.repos.values()].filter(({ name }) =>
      repositories?.some((one) => one.toLowerCase() === name.toLowerCase()),
    );
    return c.json(
      {
        token,
        expires_at: iso(expiresAt),
        permissions: given.permissions ?? installationJson(github).permissions,
        repository_selection: repositories ? "selected" : "all",
        ...(repositories && {
          repositories: await Promise.all(chosen.map((repo) => repoJson(github, repo))),
        }),
      },
      201,
    );
  });
};

export const tokenRoutes = (app: Hono<Env>, github: Github): void => {
  identityRoutes(app, github);
  installationRoutes(app, github);
};
