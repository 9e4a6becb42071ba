import type { Octokit } from "@octokit/rest";
import { UpstreamError } from "../../errors.ts";
import type { Commit, Service, Tree } from "../../ports.ts";
import type { GithubClient } from "./client.ts";
import type { Comparison } from "./compare.ts";
import { type Memory, remember } from "./remember.ts";

/** Where the calls go, and what is known already because it cannot change. */
export type Github = {
  octokit: Octokit;
  login: () => Promise<string>;
  commits: Memory<Commit>;
  trees: Memory<Tree>;
  blobs: Memory<Uint8Array>;
  comparisons: Memory<Comparison>;
  mergeMethods: Memory<MergeMethod>;
};
export type MergeMethod = "squash" | "merge" | "rebase";

/** How many of each are kept. A tree may hold 100,000 paths. */
const kept = { commits: 1000, trees: 12, blobs: 60, comparisons: 100, mergeMethods: 200 };

export const connect = ({ octokit, login }: GithubClient): Github => ({
  octokit,
  login,
  commits: remember(kept.commits),
  trees: remember(kept.trees),
  blobs: remember(kept.blobs),
  comparisons: remember(kept.comparisons),
  mergeMethods: remember(kept.mergeMethods),
});

export type Repo = { owner: string; repo: string };

/** The repository of a service, as Octokit's parameters. */
export const repoOf = ({ repository }: Pick<Service, "repository">): Repo => {
  const [owner = "", repo = ""] = repository.split("/");
  return { owner, repo };
};

export const never = (message: string): UpstreamError =>
  new UpstreamError("github", message, { retryable: false });

export const isSha = (name: string): boolean => /^[0-9a-f]{40}$/.test(name);
