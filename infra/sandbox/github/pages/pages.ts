import type { Context, Hono } from "hono";
import { html } from "hono/html";
import { type Html, layout, time, topBar } from "../../layout.ts";
import { type Commit, listCommits, resolve } from "../git/commits.ts";
import { changedFiles } from "../git/diff.ts";
import type { Github, Repo } from "../state.ts";
import { diffHtml } from "./diffview.ts";
import { breadcrumb, commitList, repoPath, stateBadge, title } from "./page-parts.ts";
import { pullPage } from "./pull-page.ts";

/** The newest commits of the default branch; none in an empty repository. */
export const recentCommits = async (repo: Repo, limit: number): Promise<Commit[]> =>
  (await resolve(repo, "HEAD")) ? listCommits(repo, [`--max-count=${limit}`, "HEAD", "--"]) : [];

const commitPage = (repo: Repo, commit: Commit, files: Html): Html => {
  const rest = commit.message.split("\n").slice(1).join("\n").trim();
  return layout(
    `${title(commit)} · ${repo.fullName}`,
    "github",
    html`${topBar(breadcrumb(repo, html`<a href="${repoPath(repo)}/commits">commits</a>`))}
<main><h1>${title(commit)}</h1>
<p class="dim">${commit.author.name} · ${time(commit.author.at)} · <code>${commit.sha}</code></p>
${rest && html`<pre class="message">${rest}</pre>`}
<p class="dim">${commit.parents.length > 1 ? "Merge of" : "Parent"} ${commit.parents.map(
      (sha) => html`<a href="${repoPath(repo)}/commit/${sha}"><code>${sha.slice(0, 7)}</code></a> `,
    )}</p>
${files}</main>`,
  );
};

const pictureIn = async (repo: Repo, sha: string, file: string) => {
  if (!/^[0-9a-f]{40}$/.test(sha) || !file.endsWith(".png")) return undefined;
  const blob = await repo.git.object(`${sha}:${file}`);
  return blob?.type === "blob" ? new Uint8Array(blob.content) : undefined;
};

type Find = (c: Context) => Repo | undefined;

const historyPages = (app: Hono, repoOf: Find): void => {
  app.get("/github/:owner/:repo/commits", async (c, next) => {
    const repo = repoOf(c);
    if (!repo) return next();
    const commits = await recentCommits(repo, 200);
    return c.html(
      layout(
        `Commits · ${repo.fullName}`,
        "github",
        html`${topBar(breadcrumb(repo, html`commits`))}
<main id="commits" data-live><h1>Commits</h1>${commitList(repo, commits)}</main>`,
      ),
    );
  });

  app.get("/github/:owner/:repo/commit/:sha", async (c, next) => {
    const repo = repoOf(c);
    const commit = repo && (await resolve(repo, c.req.param("sha")));
    if (!repo || !commit) return next();
    return c.html(
      commitPage(repo, commit, diffHtml(await changedFiles(repo, commit.parents[0], commit.sha))),
    );
  });
};

/** Pages of repositories, at the addresses GitHub has them. */
export const pageRoutes = (app: Hono, github: Github): void => {
  const repoOf: Find = (c) =>
    github.repos.get(`${c.req.param("owner")}/${c.req.param("repo")}`.toLowerCase());
  historyPages(app, repoOf);

  app.get("/github/:owner/:repo/raw/:sha/:file", async (c, next) => {
    const repo = repoOf(c);
    const picture = repo && (await pictureIn(repo, c.req.param("sha"), c.req.param("file")));
    return picture === undefined ? next() : c.body(picture, 200, { "Content-Type": "image/png" });
  });

  app.get("/github/:owner/:repo/pull/:number", async (c, next) => {
    const repo = repoOf(c);
    const pull = repo?.pulls.get(Number(c.req.param("number")));
    return repo && pull ? c.html(await pullPage(github, repo, pull)) : next();
  });

  for (const path of ["/github/:owner/:repo", "/github/:owner/:repo/pulls"])
    app.get(path, async (c, next) => {
      const repo = repoOf(c);
      if (!repo) return next();
      const pulls = [...repo.pulls.values()].reverse();
      return c.html(
        layout(
          repo.fullName,
          "github",
          html`${topBar(breadcrumb(repo))}
<main id="repo" data-live><h1>${repo.fullName}</h1><p><code>git clone ${github.origin}${repoPath(repo)}.git</code></p>
<h2>Pull requests</h2>${pulls.length === 0 ? html`<p class="dim">None yet.</p>` : ""}
<ul class="pulls">${pulls.map((pull) => html`<li>${stateBadge(pull)} <a href="${repoPath(repo)}/pull/${pull.number}">${pull.title}</a> <span class="dim">#${pull.number}</span></li>`)}</ul>
<h2>Commits</h2>${commitList(repo, await recentCommits(repo, 20))}</main>`,
        ),
      );
    });
};
