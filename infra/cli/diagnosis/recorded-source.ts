import { existsSync } from "node:fs";
import { readCommit } from "../../../shared/adapters/github/commits.ts";
import { github, githubClient } from "../../../shared/adapters/github/github.ts";
import { connect } from "../../../shared/adapters/github/repository.ts";
import { readTree } from "../../../shared/adapters/github/trees.ts";
import { UpstreamError } from "../../../shared/errors.ts";
import type { Tree } from "../../../shared/git/model.ts";
import type { Pull } from "../../../shared/incident/model.ts";
import type { Service } from "../../../shared/ports/service.ts";
import type { Proposal, Source } from "../../../shared/ports/source.ts";
import { blobOf, readLog, readPatch, treeOf } from "./log.ts";

type Env = Record<string, string | undefined>;
/** A repository as it was at a moment: it takes down what would be proposed, and refuses everything else that would write. */
export type Past = { source: Source; proposals: Proposal[]; isClone: boolean };
/** What is read of a repository; a commit is its sha. */
type Reads = Pick<Source, "commits" | "history" | "blob" | "commit"> & {
  tree(service: Service, sha: string): Promise<Tree>;
};

/** DIR, a git clone, or OWNER/REPO on GitHub, as it was at `at`. Throws an error that says what is missing. */
export const pastOf = (repo: string, at: number, env: Env): Past => {
  const isClone = existsSync(repo);
  return { ...asOf(isClone ? cloneOf(repo) : onGithub(repo, env), at), isClone };
};

const asOf = (reads: Reads, at: number): Omit<Past, "isClone"> => {
  const proposals: Proposal[] = [];
  const { commits, history, blob, commit, tree } = reads;
  const line = (service: Service) => history(service, { since: at - month, until: at });
  const source = readOnly({
    ...{ commits, history, blob, commit },
    change: async (service, name) => {
      const [made, known] = await Promise.all([commit(service, name), line(service)]);
      const place = known.indexOf(made.sha);
      const later = await Promise.all(
        known.slice(Math.max(0, place - readLater), Math.max(0, place)).map((sha) => commit(service, sha)),
      );
      return { commit: made, since: { age: later.length, commits: later }, pulls: [] };
    },
    landed: async () => undefined,
    dependents: async () => undefined,
    before: async (service, { sha, parents }) => {
      if (parents[0] !== undefined) return tree(service, parents[0]);
      throw refused(`${sha} is the first commit, there is nothing to go back to`);
    },
    sides: async (service, { commit: { sha, parents }, from = parents[0] }) => {
      if (from === undefined) throw refused(`${sha} is the first commit, there is nothing to go back to`);
      const [base, theirs] = await Promise.all([tree(service, sha), tree(service, from)]);
      return { base, theirs };
    },
    tip: async (service) => {
      const [head] = await line(service);
      if (head === undefined) throw refused(`nothing had landed by ${new Date(at).toISOString()}`);
      return { head, headTree: head, ours: await tree(service, head) };
    },
    findPull: async () => undefined,
    openPull: async ({ branch: base }, proposal) => {
      proposals.push(proposal);
      return { ...nothing, branch: proposal.branch, base, baseSha: proposal.snapshot.head };
    },
  });
  return { source, proposals };
};

/** Commits that landed after a change and are read for whether they took it back. */
const readLater = 50;
const month = 31 * 24 * 3_600_000;
/** A pull request that was never opened. */
const nothing: Pull = { number: 0, url: "", branch: "", head: "", base: "", baseSha: "", diff: "" };

const refused = (what: string) => new UpstreamError("github", `replay: ${what}`, { retryable: false });

const readOnly = (known: Partial<Source>): Source =>
  new Proxy(known as Source, {
    get: (_, method) =>
      known[method as keyof Source] ??
      (async () => {
        throw refused(`${String(method)} is not done in a replay`);
      }),
  });

const cloneOf = (directory: string): Reads => {
  const landed = async ({ since, until }: { since: number; until: number }) =>
    readLog(directory, { since, until, limit: 5000 });
  return {
    commits: async ({ paths }, { limit, ...range }) => {
      const own = (await landed(range)).filter(
        (commit) =>
          paths.length === 0 || commit.paths.some((path) => paths.some((prefix) => path.startsWith(prefix))),
      );
      return Promise.all(
        own
          .slice(0, limit)
          .map(async (commit) => ({ ...commit, patch: await readPatch(directory, commit.sha) })),
      );
    },
    history: async (_, range) => (await landed(range)).map(({ sha }) => sha),
    commit: async (_, sha) => (await readLog(directory, { limit: 1, from: sha }))[0]!,
    tree: (_, sha) => treeOf(directory, sha),
    blob: (_, sha) => blobOf(directory, sha),
  };
};

const onGithub = (repo: string, env: Env): Reads => {
  if (!/^[\w.-]+\/[\w.-]+$/.test(repo)) throw new Error(`${repo}: no such directory, and not OWNER/REPO`);
  const token = env.GITHUB_TOKEN?.trim();
  if (!token) throw new Error(`reading ${repo} on GitHub needs GITHUB_TOKEN`);
  const client = githubClient({ apiUrl: env.GITHUB_API_URL?.trim() || "https://api.github.com", token });
  const to = connect(client);
  const { commits, history, blob } = github({ client });
  return {
    ...{ commits, history, blob },
    commit: (service, sha) => readCommit(to, service, sha),
    tree: (service, sha) => readTree(to, service, sha),
  };
};
