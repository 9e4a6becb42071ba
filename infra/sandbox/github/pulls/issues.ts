import type { Hono } from "hono";
import { z } from "zod";
import { body, type Ctx, type Env, invalid, iso, notFound, paged } from "../answers.ts";
import { accountJson, repoUrl } from "../json.ts";
import { emitPull } from "../refs/ref-updates.ts";
import type { Comment, Github, Issue, PullRecord, Repo } from "../state.ts";
import { labelJson, pullOf, pullPage } from "./pull.ts";
import { maxText } from "./pull-writes.ts";

/** Every pull request is an issue, too; both share their numbers. */
type Either = Issue | PullRecord;

/** GitHub's limit on the name of a label. */
const maxLabel = 50;
const labelName = z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)]);
const labelBody = z.union([
  z.array(labelName),
  z.object({ labels: z.array(labelName) }).transform(({ labels }) => labels),
]);
const newIssue = z.object({
  title: z.string("title wasn't supplied").min(1),
  body: z.string().max(maxText).nullish(),
  labels: z.array(labelName).default([]),
});
const issueEdit = z
  .object({
    title: z.string(),
    body: z.string().max(maxText).nullable(),
    state: z.enum(["open", "closed"]),
    labels: z.array(labelName),
  })
  .partial();

const commentText = async (c: Ctx): Promise<string> => {
  const { body: text } = await body(c, z.object({ body: z.string("body wasn't supplied") }));
  const because = (message: string) =>
    invalid({ resource: "IssueComment", code: "unprocessable", field: "data", message });
  if (text.trim() === "") throw because("Body cannot be blank");
  if (text.length > maxText) throw because(`Body is too long (maximum is ${maxText} characters)`);
  return text;
};

const isPull = (one: Either): one is PullRecord => "headSha" in one;

const eitherOf = async (c: Ctx): Promise<Either> =>
  c.var.repo.issues.get(Number(c.req.param("number"))) ?? pullOf(c);

const findComment = (repo: Repo, id: number): { on: Either; comment: Comment } => {
  for (const on of [...repo.pulls.values(), ...repo.issues.values()]) {
    const comment = on.comments.find((one) => one.id === id);
    if (comment) return { on, comment };
  }
  throw notFound();
};

const commentJson = (github: Github, repo: Repo, on: Either, comment: Comment) => ({
  id: comment.id,
  node_id: `IC_${comment.id}`,
  url: `${repoUrl(github, repo)}/issues/comments/${comment.id}`,
  html_url: `${isPull(on) ? pullPage(github, repo, on.number) : issuePage(github, repo, on.number)}#issuecomment-${comment.id}`,
  issue_url: `${repoUrl(github, repo)}/issues/${on.number}`,
  user: accountJson(github, comment.user),
  created_at: iso(comment.createdAt),
  updated_at: iso(comment.updatedAt),
  author_association: "CONTRIBUTOR",
  body: comment.body,
});

const issuePage = (github: Github, repo: Repo, number: number): string =>
  `${github.origin}/github/${repo.fullName}/issues/${number}`;

const issueJson = (github: Github, repo: Repo, one: Either) => ({
  ...{ id: one.id, node_id: `I_${one.id}`, number: one.number, state: one.state, title: one.title },
  url: `${repoUrl(github, repo)}/issues/${one.number}`,
  html_url: isPull(one) ? pullPage(github, repo, one.number) : issuePage(github, repo, one.number),
  user: accountJson(github, one.user),
  body: one.body,
  labels: one.labels.map((name) => labelJson(github, repo, name)),
  comments: one.comments.length,
  created_at: iso(one.createdAt),
  updated_at: iso(one.updatedAt),
  closed_at: one.closedAt ? iso(one.closedAt) : null,
  closed_by: one.closedBy ? accountJson(github, one.closedBy) : null,
  ...(isPull(one) && { pull_request: { html_url: pullPage(github, repo, one.number) } }),
});

/** Tells of a change: a pull request's own event, or `issues`. */
const tell = async (
  c: Ctx,
  github: Github,
  on: Either,
  { action, ...more }: { action: string; [name: string]: unknown },
): Promise<void> => {
  if (!github.listening()) return;
  const { repo, actor } = c.var;
  if (isPull(on)) return emitPull(github, repo, on, action, actor, more);
  github.emit(repo, "issues", actor, { action, issue: issueJson(github, repo, on), ...more });
};

/** Gives the issue exactly these labels, and tells of each that came or went. */
const setLabels = async (c: Ctx, github: Github, on: Either, wanted: string[]): Promise<void> => {
  if (wanted.some((name) => name.trim() === "" || name.length > maxLabel))
    throw invalid({ resource: "Label", code: "invalid", field: "name" });
  const before = on.labels;
  on.labels = [...new Set(wanted)];
  const label = (name: string) => ({ label: labelJson(github, c.var.repo, name) });
  for (const name of on.labels)
    if (!before.includes(name)) await tell(c, github, on, { action: "labeled", ...label(name) });
  for (const name of before)
    if (!on.labels.includes(name)) await tell(c, github, on, { action: "unlabeled", ...label(name) });
};

const openIssue = async (c: Ctx, github: Github): Promise<Issue> => {
  const { repo, actor } = c.var;
  const { title, body: text, labels } = await body(c, newIssue);
  const at = github.clock();
  const issue: Issue = {
    ...{ id: github.nextId(), number: ++repo.numbers, title, body: text ?? null, state: "open" },
    ...{ user: actor, labels: [], comments: [], createdAt: at, updatedAt: at },
  };
  repo.issues.set(issue.number, issue);
  await tell(c, github, issue, { action: "opened" });
  await setLabels(c, github, issue, labels);
  return issue;
};

const editIssue = async (c: Ctx, github: Github, issue: Issue): Promise<void> => {
  const { state, labels, ...text } = await body(c, issueEdit);
  const changed = Object.entries(text).filter(([, value]) => value !== undefined);
  Object.assign(issue, Object.fromEntries(changed), { updatedAt: github.clock() });
  if (labels !== undefined) await setLabels(c, github, issue, labels);
  if (state === undefined || state === issue.state) return;
  issue.state = state;
  delete issue.closedAt;
  delete issue.closedBy;
  if (state === "closed") Object.assign(issue, { closedAt: github.clock(), closedBy: c.var.actor });
  await tell(c, github, issue, { action: state === "closed" ? "closed" : "reopened" });
};

const plainRoutes = (app: Hono<Env>, github: Github): void => {
  app.post("/repos/:owner/:repo/issues", async (c) => {
    const issue = await c.var.repo.serially(() => openIssue(c, github));
    return c.json(issueJson(github, c.var.repo, issue), 201);
  });

  app.get("/repos/:owner/:repo/issues", (c) => {
    const { state = "open" } = c.req.query();
    const all = [...c.var.repo.issues.values(), ...c.var.repo.pulls.values()]
      .filter((one) => state === "all" || one.state === state)
      .sort((a, b) => b.number - a.number);
    return c.json(paged(c, github.origin, all).map((one) => issueJson(github, c.var.repo, one)));
  });

  app.get("/repos/:owner/:repo/issues/:number", async (c) =>
    c.json(issueJson(github, c.var.repo, await eitherOf(c))),
  );

  app.patch("/repos/:owner/:repo/issues/:number", async (c) => {
    const one = c.var.repo.issues.get(Number(c.req.param("number")));
    if (one === undefined) throw notFound();
    await c.var.repo.serially(() => editIssue(c, github, one));
    return c.json(issueJson(github, c.var.repo, one));
  });

  app.get("/repos/:owner/:repo/issues/:number/events", async (c) => {
    const { number, reopenings = [] } = await pullOf(c);
    const events = reopenings.map(({ at, by }, index) => ({
      ...{ id: number * 1000 + index, event: "reopened", actor: accountJson(github, by) },
      created_at: new Date(at).toISOString(),
    }));
    return c.json(paged(c, github.origin, events));
  });
};

const labelRoutes = (app: Hono<Env>, github: Github): void => {
  const path = "/repos/:owner/:repo/issues/:number/labels";
  const listed = (c: Ctx, { labels }: Either) => labels.map((name) => labelJson(github, c.var.repo, name));

  app.get(path, async (c) => c.json(paged(c, github.origin, listed(c, await eitherOf(c)))));

  app.post(path, async (c) => {
    const on = await eitherOf(c);
    await setLabels(c, github, on, [...on.labels, ...(await body(c, labelBody))]);
    return c.json(listed(c, on));
  });

  app.put(path, async (c) => {
    const on = await eitherOf(c);
    await setLabels(c, github, on, await body(c, labelBody));
    return c.json(listed(c, on));
  });

  app.delete(`${path}/:name`, async (c) => {
    const on = await eitherOf(c);
    const name = c.req.param("name");
    if (!on.labels.includes(name)) throw notFound();
    await setLabels(
      c,
      github,
      on,
      on.labels.filter((one) => one !== name),
    );
    return c.json(listed(c, on));
  });
};

const commentRoutes = (app: Hono<Env>, github: Github): void => {
  app.get("/repos/:owner/:repo/issues/:number/comments", async (c) => {
    const on = await eitherOf(c);
    const since = Date.parse(c.req.query("since") ?? "") || 0;
    const comments = on.comments.filter((comment) => comment.updatedAt >= since);
    return c.json(
      paged(c, github.origin, comments).map((comment) => commentJson(github, c.var.repo, on, comment)),
    );
  });

  app.post("/repos/:owner/:repo/issues/:number/comments", async (c) => {
    const on = await eitherOf(c);
    const at = github.clock();
    const comment = {
      ...{ id: github.nextId(), body: await commentText(c), user: c.var.actor },
      ...{ createdAt: at, updatedAt: at },
    };
    on.comments.push(comment);
    on.updatedAt = at;
    const json = commentJson(github, c.var.repo, on, comment);
    if (github.listening())
      github.emit(c.var.repo, "issue_comment", c.var.actor, {
        ...{ action: "created", comment: json },
        issue: issueJson(github, c.var.repo, on),
      });
    return c.json(json, 201);
  });

  app.get("/repos/:owner/:repo/issues/comments/:id", (c) => {
    const { on, comment } = findComment(c.var.repo, Number(c.req.param("id")));
    return c.json(commentJson(github, c.var.repo, on, comment));
  });

  app.patch("/repos/:owner/:repo/issues/comments/:id", async (c) => {
    const { on, comment } = findComment(c.var.repo, Number(c.req.param("id")));
    Object.assign(comment, { body: await commentText(c), updatedAt: github.clock() });
    return c.json(commentJson(github, c.var.repo, on, comment));
  });
};

export const issueRoutes = (app: Hono<Env>, github: Github): void => {
  plainRoutes(app, github);
  labelRoutes(app, github);
  commentRoutes(app, github);
};
