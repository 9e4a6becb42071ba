import { html } from "hono/html";
import { type Html, layout, time, topBar } from "../../layout.ts";
import { markdown } from "../../markdown.ts";
import { latestStatuses } from "../checks/statuses.ts";
import { listCommits } from "../git/commits.ts";
import { conditionsOf } from "../pulls/conditions.ts";
import { baseOf, follow, mergeability } from "../pulls/pull.ts";
import { pullFiles } from "../pulls/pulls.ts";
import type { Account, Github, PullRecord, Repo, Status } from "../state.ts";
import { diffHtml } from "./diffview.ts";
import { breadcrumb, commitList, repoPath, stateBadge, stateOf } from "./page-parts.ts";

const marks = { success: "✓", pending: "●", failure: "✕", error: "✕" };

const statusLine = ({ state, context, description }: Status): Html =>
  html`<li class="check ${state}"><span class="mark" aria-label="${state}">${marks[state]}</span> <strong>${context}</strong> <span class="dim">${description ?? state}</span></li>`;

const card = (
  id: string,
  { login, type }: Account,
  at: number,
  body: Html,
): Html => html`<article class="comment" id="${id}">
<header><strong>${login}</strong> ${type === "Bot" ? html`<span class="tag">bot</span>` : ""} <span class="dim">${time(at)}</span></header>
<div class="markdown">${body}</div></article>`;

const verdict = async (github: Github, repo: Repo, pull: PullRecord): Promise<Html> => {
  const commit = (sha: string) =>
    html`<a href="${repoPath(repo)}/commit/${sha}"><code>${sha.slice(0, 7)}</code></a>`;
  if (pull.merged)
    return html`<p class="verdict merged">Merged by ${pull.merged.by.login} as ${commit(pull.merged.sha)} · ${time(pull.merged.at)}</p>`;
  if (pull.state === "closed")
    return html`<p class="verdict closed">Closed without merging${pull.closedAt ? html` · ${time(pull.closedAt)}` : ""}</p>`;
  if ((await mergeability(github, repo, pull)) === false)
    return html`<p class="verdict closed">This branch has conflicts with ${pull.base}</p>`;
  const [missing] = await conditionsOf(github, repo, pull);
  return missing
    ? html`<p class="verdict waiting">${missing.message}</p>`
    : html`<p class="verdict open">This branch merges cleanly into ${pull.base}</p>`;
};

/** The page of a pull request: its body, its comments, its checks and its diff. */
export const pullPage = async (github: Github, repo: Repo, pull: PullRecord): Promise<Html> => {
  await follow(repo, pull);
  const commits = await listCommits(repo, [
    "--reverse",
    "--topo-order",
    `${baseOf(pull)}..${pull.headSha}`,
    "--",
  ]);
  const files = await pullFiles(repo, pull);
  const statuses = latestStatuses(repo, pull.headSha);
  const verb = stateOf(pull) === "merged" ? "merged" : "wants to merge";
  return layout(
    `${pull.title} · #${pull.number} · ${repo.fullName}`,
    "github",
    html`${topBar(breadcrumb(repo, html`pull ${pull.number}`))}
<main id="pull" data-live>
<h1>${pull.title} <span class="dim">#${pull.number}</span></h1>
<p class="under">${stateBadge(pull)} <span><strong>${pull.user.login}</strong> ${verb} ${commits.length} ${commits.length === 1 ? "commit" : "commits"} into <code>${pull.base}</code> from <code>${pull.head}</code></span></p>
${pull.labels.length > 0 ? html`<ul class="labels" aria-label="Labels">${pull.labels.map((name) => html`<li class="label">${name}</li>`)}</ul>` : ""}
<h2>Conversation</h2>
${card("description", pull.user, pull.createdAt, pull.body ? markdown(pull.body) : html`<p class="dim">No description.</p>`)}
${pull.comments.map((comment) => card(`issuecomment-${comment.id}`, comment.user, comment.createdAt, markdown(comment.body)))}
<section class="checks" aria-label="Checks">${await verdict(github, repo, pull)}${statuses.length > 0 ? html`<ul>${statuses.map(statusLine)}</ul>` : ""}</section>
<h2>Commits</h2>${commitList(repo, commits)}
${diffHtml(files)}
</main>`,
  );
};
