import type { Octokit } from "@octokit/rest";
import { UpstreamError } from "../../../errors.ts";
import type { Tree } from "../../../git/model.ts";
import type { Commit } from "../../../ports/history.ts";
import type { Service } from "../../../ports/service.ts";
import { type Cache, createCache } from "./cache.ts";
import type { GithubClient } from "./client.ts";

/** The client, and caches of objects that never change. */
export type Github = {
  octokit: Octokit;
  login: () => Promise<string>;
  commits: Cache<Commit>;
  trees: Cache<Tree>;
  blobs: Cache<Uint8Array>;
  comparisons: Cache<Comparison>;
  mergeMethods: Cache<MergeMethod[]>;
  /** Repositories of which GitHub has cut a listing. */
  large: Set<string>;
  /** The credential may write objects and refs, so that comments can have pictures. */
  keepsPictures: boolean;
};
export type MergeMethod = "squash" | "merge" | "rebase";

/** The cached entries of each kind, and their size: characters of patches, files of trees, bytes of blobs. */
const kept = { commits: 1000, trees: 12, blobs: 200, comparisons: 100, mergeMethods: 200 };
const room = { commits: 20_000_000, trees: 300_000, blobs: 32_000_000, comparisons: 8_000_000 };

export const connect = ({ octokit, login }: GithubClient, keepsPictures = true): Github => ({
  keepsPictures,
  octokit,
  login,
  commits: createCache(kept.commits, {
    room: room.commits,
    weigh: ({ patch, message, files = [] }) => (patch?.length ?? 0) + message.length + patchesOf(files),
  }),
  trees: createCache(kept.trees, { room: room.trees, weigh: ({ size }) => size }),
  blobs: createCache(kept.blobs, { room: room.blobs, weigh: ({ length }) => length }),
  comparisons: createCache(kept.comparisons, {
    room: room.comparisons,
    weigh: ({ files }) => patchesOf(files),
  }),
  mergeMethods: createCache(kept.mergeMethods),
  large: new Set(),
});

const patchesOf = (files: { path: string; patch?: string }[]): number =>
  files.reduce((sum, { path, patch = "" }) => sum + path.length + patch.length, 0);

export type Repo = { owner: string; repo: string };

/** The repository of a service, as Octokit's parameters. */
export const repoOf = ({ repository }: Pick<Service, "repository">): Repo => {
  const [owner = "", repo = ""] = repository.split("/");
  return { owner, repo };
};

export const never = (message: string): UpstreamError =>
  new UpstreamError("github", message, { retryable: false });

export const isSha = (name: string): boolean => /^[0-9a-f]{40}$/.test(name);

type File = { path: string; status: string; sha: string; previous: string; patch?: string };

/** The changes of `head` since it left `base`: GitHub's three-dot comparison. */
export type Comparison = {
  status: "ahead" | "behind" | "identical" | "diverged";
  mergeBase: string;
  files: File[];
};
