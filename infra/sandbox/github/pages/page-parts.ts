import { html } from "hono/html";
import type { Html } from "../../layout.ts";
import { time } from "../../layout.ts";
import type { Commit } from "../git/commits.ts";
import type { PullRecord, Repo } from "../state.ts";

export const repoPath = (repo: Repo): string => `/github/${repo.fullName}`;

export const stateOf = (pull: PullRecord): "merged" | "open" | "closed" =>
  pull.merged ? "merged" : pull.state;

export const stateBadge = (pull: PullRecord): Html =>
  html`<span class="state ${stateOf(pull)}">${stateOf(pull)}</span>`;

export const breadcrumb = (repo: Repo, ...rest: Html[]): Html =>
  html`<nav aria-label="Breadcrumb"><a href="${repoPath(repo)}">${repo.fullName}</a>${rest.map((part) => html` <span class="dim">/</span> ${part}`)}</nav>`;

export const title = (commit: Commit): string => commit.message.split("\n")[0] || "(no message)";

export const commitList = (repo: Repo, commits: Commit[]): Html =>
  html`<ol class="commits">${commits.map(
    (commit) => html`<li><a href="${repoPath(repo)}/commit/${commit.sha}">${title(commit)}</a>
<span class="dim">${commit.author.name} · ${time(commit.committer.at)}</span> <code>${commit.sha.slice(0, 7)}</code></li>`,
  )}</ol>`;
