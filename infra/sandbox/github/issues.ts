import type { Hono } from "hono";
import { z } from "zod";
import { body, type Ctx, type Env, invalid, notFound, paged } from "./answers.ts";
import { accountJson } from "./json.ts";
import { commentJson, labelJson, pullOf } from "./pull.ts";
import { maxText } from "./pull-writes.ts";
import type { Comment, Github, PullRecord, Repo } from "./state.ts";

/** GitHub's limit on the name of a label. */
const maxLabel = 50;
const labelName = z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)]);
const labelBody = z.union([
  z.array(labelName),
  z.object({ labels: z.array(labelName) }).transform(({ labels }) => labels),
]);

const commentText = async (c: Ctx): Promise<string> => {
  const { body: text } = await body(c, z.object({ body: z.string("body wasn't supplied") }));
  const because = (message: string) =>
    invalid({ resource: "IssueComment", code: "unprocessable", field: "data", message });
  if (text.trim() === "") throw because("Body cannot be blank");
  if (text.length > maxText) throw because(`Body is too long (maximum is ${maxText} characters)`);
  return text;
};

const findComment = (repo: Repo, id: number): { pull: PullRecord; comment: Comment } => {
  for (const pull of repo.pulls.values()) {
    const comment = pull.comments.find((one) => one.id === id);
    if (comment) return { pull, comment };
  }
  throw notFound();
};

/** The part of an issue that its pull request does not tell. */
const issueJson = (github: Github, { number, state, title, closedAt, closedBy }: PullRecord) => ({
  ...{ number, state, title },
  closed_at: closedAt ? new Date(closedAt).toISOString() : null,
  closed_by: closedBy ? accountJson(github, closedBy) : null,
});

export const issueRoutes = (app: Hono<Env>, github: Github): void => {
  app.get("/repos/:owner/:repo/issues/:number", async (c) => c.json(issueJson(github, await pullOf(c))));

  app.get("/repos/:owner/:repo/issues/:number/events", async (c) => {
    const { number, reopenings = [] } = await pullOf(c);
    const events = reopenings.map(({ at, by }, index) => ({
      ...{ id: number * 1000 + index, event: "reopened", actor: accountJson(github, by) },
      created_at: new Date(at).toISOString(),
    }));
    return c.json(paged(c, github.origin, events));
  });

  app.get("/repos/:owner/:repo/issues/:number/labels", async (c) => {
    const { labels } = await pullOf(c);
    return c.json(paged(c, github.origin, labels).map((name) => labelJson(github, c.var.repo, name)));
  });

  app.post("/repos/:owner/:repo/issues/:number/labels", async (c) => {
    const pull = await pullOf(c);
    const names = await body(c, labelBody);
    if (names.some((name) => name.trim() === "" || name.length > maxLabel))
      throw invalid({ resource: "Label", code: "invalid", field: "name" });
    pull.labels = [...new Set([...pull.labels, ...names])];
    return c.json(pull.labels.map((name) => labelJson(github, c.var.repo, name)));
  });

  app.delete("/repos/:owner/:repo/issues/:number/labels/:name", async (c) => {
    const pull = await pullOf(c);
    if (!pull.labels.includes(c.req.param("name"))) throw notFound();
    pull.labels = pull.labels.filter((name) => name !== c.req.param("name"));
    return c.json(pull.labels.map((name) => labelJson(github, c.var.repo, name)));
  });

  app.get("/repos/:owner/:repo/issues/:number/comments", async (c) => {
    const pull = await pullOf(c);
    const since = Date.parse(c.req.query("since") ?? "") || 0;
    const comments = pull.comments.filter((comment) => comment.updatedAt >= since);
    return c.json(
      paged(c, github.origin, comments).map((comment) => commentJson(github, c.var.repo, pull, comment)),
    );
  });

  app.post("/repos/:owner/:repo/issues/:number/comments", async (c) => {
    const pull = await pullOf(c);
    const at = github.clock();
    const comment = {
      id: github.nextId(),
      body: await commentText(c),
      user: c.var.actor,
      createdAt: at,
      updatedAt: at,
    };
    pull.comments.push(comment);
    pull.updatedAt = at;
    const json = commentJson(github, c.var.repo, pull, comment);
    if (github.listening())
      github.emit(c.var.repo, "issue_comment", c.var.actor, {
        ...{ action: "created", comment: json },
        issue: { ...issueJson(github, pull), pull_request: {} },
      });
    return c.json(json, 201);
  });

  app.get("/repos/:owner/:repo/issues/comments/:id", (c) => {
    const { pull, comment } = findComment(c.var.repo, Number(c.req.param("id")));
    return c.json(commentJson(github, c.var.repo, pull, comment));
  });

  app.patch("/repos/:owner/:repo/issues/comments/:id", async (c) => {
    const { pull, comment } = findComment(c.var.repo, Number(c.req.param("id")));
    Object.assign(comment, { body: await commentText(c), updatedAt: github.clock() });
    return c.json(commentJson(github, c.var.repo, pull, comment));
  });
};
