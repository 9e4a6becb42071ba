import type { Hono } from "hono";
import { z } from "zod";
import { body, type Ctx, type Env, iso, notFound, paged, pageOf, refused } from "../answers.ts";
import { commitAt } from "../git/commits.ts";
import { typed } from "../git/objects.ts";
import { repoUrl } from "../json.ts";
import type { CheckRun, Github, Repo } from "../state.ts";

const status = z.enum(["queued", "in_progress", "completed"]);
const instant = z.iso.datetime({ offset: true });
const edit = z.object({
  status: status.optional(),
  conclusion: z.string().optional(),
  details_url: z.string().optional(),
  completed_at: instant.optional(),
});
const newRun = edit.extend({
  name: z.string("name wasn't supplied"),
  head_sha: z.string("head_sha wasn't supplied"),
  started_at: instant.optional(),
});

/** The latest run of each name at a commit. */
export const latestRuns = (repo: Repo, sha: string): CheckRun[] => [
  ...new Map(repo.checkRuns.filter((run) => run.sha === sha).map((run) => [run.name, run])).values(),
];

const runJson = (github: Github, repo: Repo, run: CheckRun) => ({
  id: run.id,
  node_id: `CR_${run.id}`,
  name: run.name,
  head_sha: run.sha,
  status: run.status,
  conclusion: run.conclusion,
  started_at: iso(run.startedAt),
  completed_at: run.completedAt === undefined ? null : iso(run.completedAt),
  url: `${repoUrl(github, repo)}/check-runs/${run.id}`,
  html_url: run.detailsUrl,
  details_url: run.detailsUrl,
  app: { id: github.app.id, slug: github.app.slug },
});

const conclude = (github: Github, run: CheckRun, given: z.infer<typeof edit>): void => {
  run.status = given.status ?? (given.conclusion === undefined ? run.status : "completed");
  run.conclusion = given.conclusion ?? run.conclusion;
  run.detailsUrl = given.details_url ?? run.detailsUrl;
  if (run.status !== "completed") return;
  if (run.conclusion === null) throw refused(422, "Invalid request.\n\nconclusion wasn't supplied.");
  run.completedAt = given.completed_at ? Date.parse(given.completed_at) : github.clock();
};

/** Check runs. The sandbox lets every token write them, as there is one App only. */
export const checkRoutes = (app: Hono<Env>, github: Github): void => {
  const tell = (c: Ctx, run: CheckRun): void => {
    const action = run.status === "completed" ? "completed" : "created";
    if (github.listening())
      github.emit(c.var.repo, "check_run", c.var.actor, {
        action,
        check_run: runJson(github, c.var.repo, run),
      });
  };

  app.post("/repos/:owner/:repo/check-runs", async (c) => {
    const repo = c.var.repo;
    const given = await body(c, newRun);
    const commit = await typed(repo, given.head_sha, "commit");
    if (!commit) throw refused(422, `No commit found for SHA: ${given.head_sha}`);
    const run: CheckRun = {
      ...{ id: github.nextId(), name: given.name, sha: commit.sha, status: "queued" },
      ...{ conclusion: null, detailsUrl: null },
      startedAt: given.started_at ? Date.parse(given.started_at) : github.clock(),
    };
    conclude(github, run, given);
    repo.checkRuns.push(run);
    tell(c, run);
    return c.json(runJson(github, repo, run), 201);
  });

  app.patch("/repos/:owner/:repo/check-runs/:id", async (c) => {
    const run = c.var.repo.checkRuns.find(({ id }) => id === Number(c.req.param("id")));
    if (run === undefined) throw notFound();
    conclude(github, run, await body(c, edit));
    tell(c, run);
    return c.json(runJson(github, c.var.repo, run));
  });

  app.get("/repos/:owner/:repo/commits/:ref{.+}/check-runs", async (c) => {
    const commit = await commitAt(c.var.repo, c.req.param("ref"));
    const runs = latestRuns(c.var.repo, commit.sha);
    const shown = paged(c, github.origin, runs, pageOf(c)).map((run) => runJson(github, c.var.repo, run));
    return c.json({ total_count: runs.length, check_runs: shown });
  });
};
