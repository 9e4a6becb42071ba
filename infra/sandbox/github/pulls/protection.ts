import type { Hono } from "hono";
import { z } from "zod";
import { body, type Ctx, type Env, notFound, refused } from "../answers.ts";
import { branchTip } from "../git/commits.ts";
import { defaultBranch, repoJson, repoUrl } from "../json.ts";
import type { Github, MergeMethod, Protection, Repo, Rule, Ruleset } from "../state.ts";

/** Everything that a branch asks of a merge, by its rulesets and its classic protection together. */
export type Requirements = {
  reviews: number;
  codeOwners: boolean;
  checks: string[];
  /** The head must hold the whole base branch. */
  strict: boolean;
  linear: boolean;
  conversations: boolean;
  signatures: boolean;
  methods: MergeMethod[];
  queue?: { method: MergeMethod };
};

const names = z.array(z.string()).default([]);
const ruleset = z.object({
  name: z.string("name wasn't supplied"),
  target: z.literal("branch").default("branch"),
  enforcement: z.enum(["active", "evaluate", "disabled"]),
  conditions: z
    .object({ ref_name: z.object({ include: names, exclude: names }) })
    .default({ ref_name: { include: [], exclude: [] } }),
  rules: z
    .array(z.object({ type: z.string(), parameters: z.record(z.string(), z.unknown()).optional() }))
    .default([]),
});
const classic = z.object({
  required_status_checks: z
    .object({
      strict: z.boolean().default(false),
      contexts: names,
      checks: z.array(z.object({ context: z.string() })).default([]),
    })
    .nullish(),
  required_pull_request_reviews: z
    .object({
      required_approving_review_count: z.number().default(1),
      require_code_owner_reviews: z.boolean().default(false),
    })
    .nullish(),
  required_linear_history: z.boolean().nullish(),
  required_conversation_resolution: z.boolean().nullish(),
});
const settings = z
  .object({
    allow_auto_merge: z.boolean(),
    allow_merge_commit: z.boolean(),
    allow_squash_merge: z.boolean(),
    allow_rebase_merge: z.boolean(),
  })
  .partial();

const applies = async (repo: Repo, branch: string, { include, exclude, enforcement }: Ruleset) => {
  if (enforcement !== "active") return false;
  const main = await defaultBranch(repo);
  const names = (one: string): boolean =>
    one === "~ALL" ||
    (one === "~DEFAULT_BRANCH" && branch === main) ||
    new RegExp(
      `^(?:refs/heads/)?${one
        .replace(/^refs\/heads\//, "")
        .replace(/[.+?^${}()|[\]\\]/g, "\\$&")
        .replaceAll("**", ".*")
        .replace(/(?<!\.)\*/g, "[^/]*")}$`,
    ).test(branch);
  return include.some(names) && !exclude.some(names);
};

/** The rules of the active rulesets that apply to a branch. */
const rulesOf = async (repo: Repo, branch: string): Promise<{ rule: Rule; from: Ruleset }[]> => {
  const found: { rule: Rule; from: Ruleset }[] = [];
  for (const from of repo.rulesets)
    if (await applies(repo, branch, from)) found.push(...from.rules.map((rule) => ({ rule, from })));
  return found;
};

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const contextsOf = ({ required_status_checks: checks }: Record<string, unknown>): string[] =>
  Array.isArray(checks) ? checks.map((check: { context?: unknown }) => text(check.context)) : [];

const everything: MergeMethod[] = ["merge", "squash", "rebase"];
const isMethod = (value: string): value is MergeMethod => everything.some((one) => one === value);

const ofRule = (known: Requirements, { type, parameters = {} }: Rule): Requirements => {
  switch (type) {
    case "pull_request": {
      const count = Number(parameters.required_approving_review_count ?? 0);
      const methods = Array.isArray(parameters.allowed_merge_methods)
        ? parameters.allowed_merge_methods.map(text)
        : known.methods;
      return {
        ...known,
        reviews: Math.max(known.reviews, count),
        codeOwners: known.codeOwners || parameters.require_code_owner_review === true,
        conversations: known.conversations || parameters.required_review_thread_resolution === true,
        methods: known.methods.filter((one) => methods.includes(one)),
      };
    }
    case "required_status_checks":
      return {
        ...known,
        checks: [...new Set([...known.checks, ...contextsOf(parameters)])],
        strict: known.strict || parameters.strict_required_status_checks_policy === true,
      };
    case "required_linear_history":
      return { ...known, linear: true };
    case "required_signatures":
      return { ...known, signatures: true };
    case "merge_queue": {
      const method = text(parameters.merge_method).toLowerCase();
      return { ...known, queue: { method: isMethod(method) ? method : "merge" } };
    }
    default:
      return known;
  }
};

export const requirementsOf = async (repo: Repo, branch: string): Promise<Requirements> => {
  const own = repo.protection.get(branch);
  const first: Requirements = {
    reviews: own?.reviews?.count ?? 0,
    codeOwners: own?.reviews?.codeOwners ?? false,
    checks: [...new Set([...repo.requiredStatuses, ...(own?.checks?.contexts ?? [])])],
    strict: own?.checks?.strict ?? false,
    linear: own?.linear ?? false,
    conversations: own?.conversations ?? false,
    signatures: own?.signatures ?? false,
    methods: repo.allows.methods,
  };
  const all = (await rulesOf(repo, branch)).reduce((known, { rule }) => ofRule(known, rule), first);
  return all.linear ? { ...all, methods: all.methods.filter((one) => one !== "merge") } : all;
};

/** Only people administer: the App has no such permission. */
const administering = (c: Ctx): void => {
  if (c.var.actor.type === "Bot") throw refused(403, "Resource not accessible by integration");
};

const rulesetJson = ({ include, exclude, ...own }: Ruleset) => ({
  ...own,
  target: "branch",
  conditions: { ref_name: { include, exclude } },
  bypass_actors: [],
});

const protectionJson = (own: Protection) => ({
  ...(own.checks && {
    required_status_checks: {
      ...own.checks,
      checks: own.checks.contexts.map((context) => ({ context, app_id: null })),
    },
  }),
  ...(own.reviews && {
    required_pull_request_reviews: {
      required_approving_review_count: own.reviews.count,
      require_code_owner_reviews: own.reviews.codeOwners,
      dismiss_stale_reviews: false,
    },
  }),
  required_linear_history: { enabled: own.linear },
  required_conversation_resolution: { enabled: own.conversations },
  required_signatures: { enabled: own.signatures },
});

const rulesetRoutes = (app: Hono<Env>, github: Github): void => {
  app.get("/repos/:owner/:repo/rules/branches/:branch{.+}", async (c) => {
    const found = await rulesOf(c.var.repo, c.req.param("branch"));
    return c.json(
      found.map(({ rule, from }) => ({
        ...rule,
        ruleset_source_type: "Repository",
        ruleset_source: c.var.repo.fullName,
        ruleset_id: from.id,
      })),
    );
  });

  app.get("/repos/:owner/:repo/rulesets", (c) => c.json(c.var.repo.rulesets.map(rulesetJson)));

  app.post("/repos/:owner/:repo/rulesets", async (c) => {
    administering(c);
    const given = await body(c, ruleset);
    const { name, enforcement, rules } = given;
    const made: Ruleset = {
      ...{ id: github.nextId(), name, enforcement, ...given.conditions.ref_name },
      rules: rules.map(({ type, parameters }) => ({ type, ...(parameters && { parameters }) })),
    };
    c.var.repo.rulesets.push(made);
    return c.json(rulesetJson(made), 201);
  });

  app.delete("/repos/:owner/:repo/rulesets/:id", async (c) => {
    administering(c);
    const { repo } = c.var;
    const kept = repo.rulesets.filter(({ id }) => id !== Number(c.req.param("id")));
    if (kept.length === repo.rulesets.length) throw notFound();
    repo.rulesets = kept;
    return c.body(null, 204);
  });
};

const known = async (c: Ctx): Promise<string> => {
  const branch = c.req.param("branch") ?? "";
  if ((await branchTip(c.var.repo, branch)) === undefined) throw refused(404, "Branch not found");
  return branch;
};

const classicRoutes = (app: Hono<Env>, github: Github): void => {
  const path = "/repos/:owner/:repo/branches/:branch{.+}/protection";
  app.get(path, async (c) => {
    administering(c);
    const own = c.var.repo.protection.get(await known(c));
    if (own === undefined) throw refused(404, "Branch not protected");
    const url = `${repoUrl(github, c.var.repo)}/branches/${c.req.param("branch")}/protection`;
    return c.json({ url, ...protectionJson(own) });
  });

  app.put(path, async (c) => {
    administering(c);
    const branch = await known(c);
    const given = await body(c, classic);
    const { required_status_checks: checks, required_pull_request_reviews: reviews } = given;
    const own: Protection = {
      ...(checks && {
        checks: {
          contexts: [...new Set([...checks.contexts, ...checks.checks.map(({ context }) => context)])],
          strict: checks.strict,
        },
      }),
      ...(reviews && {
        reviews: {
          count: reviews.required_approving_review_count,
          codeOwners: reviews.require_code_owner_reviews,
        },
      }),
      linear: given.required_linear_history ?? false,
      conversations: given.required_conversation_resolution ?? false,
      signatures: false,
    };
    c.var.repo.protection.set(branch, own);
    return c.json(protectionJson(own));
  });

  app.delete(path, async (c) => {
    administering(c);
    if (!c.var.repo.protection.delete(await known(c))) throw refused(404, "Branch not protected");
    return c.body(null, 204);
  });
};

/** Rulesets, classic protection, and the settings of a repository. */
export const protectionRoutes = (app: Hono<Env>, github: Github): void => {
  rulesetRoutes(app, github);
  classicRoutes(app, github);

  app.patch("/repos/:owner/:repo", async (c) => {
    administering(c);
    const { repo } = c.var;
    const given = await body(c, settings);
    const wanted: Record<MergeMethod, boolean | undefined> = {
      merge: given.allow_merge_commit,
      squash: given.allow_squash_merge,
      rebase: given.allow_rebase_merge,
    };
    repo.allows = {
      autoMerge: given.allow_auto_merge ?? repo.allows.autoMerge,
      methods: everything.filter((one) => wanted[one] ?? repo.allows.methods.includes(one)),
    };
    return c.json(await repoJson(github, repo));
  });
};
