import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Account, Github, Repo } from "./state.ts";

export const repoUrl = (github: Github, repo: Repo): string =>
  `${github.origin}/github/repos/${repo.fullName}`;

export const accountJson = (github: Github, { login, id, type }: Account) => {
  return {
    login,
    id,
    node_id: `U_${id}`,
    avatar_url: "",
    url: `${github.origin}/github/users/${encodeURIComponent(login)}`,
    html_url: `${github.origin}/github/${encodeURIComponent(login)}`,
    type,
    site_admin: false,
  };
};

/** The branch HEAD names. Read from the file: it is asked for with every answer about a pull. */
export const defaultBranch = async (repo: Repo): Promise<string> => {
  const head = await readFile(join(repo.git.dir, "HEAD"), "utf8");
  return head.trim().replace(/^ref: refs\/heads\//, "");
};

export const repoJson = async (github: Github, repo: Repo) => {
  const page = `${github.origin}/github/${repo.fullName}`;
  const owner = { login: repo.owner, id: repo.id + 1, type: "Organization" as const };
  return {
    id: repo.id,
    node_id: `R_${repo.id}`,
    name: repo.name,
    full_name: repo.fullName,
    private: false,
    owner: accountJson(github, owner),
    html_url: page,
    url: repoUrl(github, repo),
    clone_url: `${page}.git`,
    git_url: `${page}.git`,
    fork: false,
    archived: repo.archived,
    disabled: false,
    visibility: "public",
    default_branch: await defaultBranch(repo),
    allow_merge_commit: repo.allows.methods.includes("merge"),
    allow_squash_merge: repo.allows.methods.includes("squash"),
    allow_rebase_merge: repo.allows.methods.includes("rebase"),
    allow_auto_merge: repo.allows.autoMerge,
    permissions: { admin: false, maintain: false, push: true, triage: true, pull: true },
  };
};
