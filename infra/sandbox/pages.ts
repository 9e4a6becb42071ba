import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Hono } from "hono";
import { html } from "hono/html";
import { secureHeaders } from "hono/secure-headers";
import { commitList, repoPath, stateBadge } from "./github/pages/page-parts.ts";
import { recentCommits } from "./github/pages/pages.ts";
import type { Github, PullRecord } from "./github/state.ts";
import { type Html, layout } from "./layout.ts";
import type { Slack } from "./slack/state.ts";

const assets = { "/style.css": "text/css; charset=utf-8", "/live.js": "text/javascript; charset=utf-8" };

/** A place to look at, and what is seen there. */
export type Step = { name: string; url: string; text: string };
type Shown = { github: Github; slack: Slack; guide: Step[] };

/** The first page, and what all pages share: their style, their script and a policy that allows no other. */
export const sharedPages = (app: Hono, shown: Shown): void => {
  for (const [path, type] of Object.entries(assets))
    app.get(path, async (c) =>
      c.body(await readFile(join(import.meta.dirname, path), "utf8"), 200, { "Content-Type": type }),
    );
  const policy = secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      connectSrc: ["'self'"],
      imgSrc: ["'self'", "data:"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
    strictTransportSecurity: false,
  });
  for (const path of ["/", "/slack", "/slack/:channel", "/github/:owner/:repo", "/github/:owner/:repo/*"])
    app.get(path, (c, next) => (c.req.path.startsWith("/github/repos/") ? next() : policy(c, next)));
  app.get("/", async (c) => c.html(await indexPage(shown)));
};

const messageCount = (slack: Slack, channel: string): string => {
  const count = slack.messages.filter(
    (one) => one.channel === channel && !one.onlyFor && !one.threadTs,
  ).length;
  return count === 1 ? "1 message" : `${count} messages`;
};

const guideOf = (steps: Step[]): Html | "" =>
  steps.length === 0
    ? ""
    : html`<section><h2>Look at it in this order</h2>
<ol>${steps.map(({ name, url, text }) => html`<li><a href="${url}">${name}</a>: ${text}</li>`)}</ol></section>`;

const indexPage = async ({ github, slack, guide }: Shown): Promise<Html> => {
  const repos = await Promise.all(
    [...github.repos.values()].map(async (repo) => ({ repo, commits: await recentCommits(repo, 5) })),
  );
  const pullLine = (path: string, pull: PullRecord) =>
    html`<li>${stateBadge(pull)} <a href="${path}/pull/${pull.number}">${pull.title}</a> <span class="dim">#${pull.number}</span></li>`;
  return layout(
    "Sandbox",
    "index",
    html`<main id="index" data-live>
<h1>Sandbox</h1>
<p class="lead">GitHub over real git repositories, and Slack, on this machine.</p>
${guideOf(guide)}
<section><h2>Slack</h2>
<ul class="cards">${slack.channels.map(
      ({ id, name }) => html`<li><a class="card" href="/slack/${id}"><strong># ${name}</strong>
<span class="dim">${messageCount(slack, id)}</span></a></li>`,
    )}</ul></section>
${repos.map(
  ({ repo, commits }) => html`<section><h2><a href="${repoPath(repo)}">${repo.fullName}</a></h2>
${repo.pulls.size === 0 ? html`<p class="dim">No pull requests yet.</p>` : html`<ul class="pulls">${[...repo.pulls.values()].reverse().map((pull) => pullLine(repoPath(repo), pull))}</ul>`}
${commitList(repo, commits)}
<p><a href="${repoPath(repo)}/commits">All commits</a> · <code>git clone ${github.origin}${repoPath(repo)}.git</code></p></section>`,
)}
</main>`,
  );
};
