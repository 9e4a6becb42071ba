import { existsSync } from "node:fs";
import { connect } from "../../../shared/adapters/github/api/repository.ts";
import { readCommit } from "../../../shared/adapters/github/git/commits.ts";
import { readTree } from "../../../shared/adapters/github/git/trees.ts";
import { github, githubClient } from "../../../shared/adapters/github/github.ts";
import { UpstreamError } from "../../../shared/errors.ts";
import type { Tree } from "../../../shared/git/model.ts";
import type { Pull } from "../../../shared/incident/model.ts";
import type { Changes } from "../../../shared/ports/changes.ts";
import type { History } from "../../../shared/ports/history.ts";
import type { Proposal, Pulls } from "../../../shared/ports/pulls.ts";
import type { Service } from "../../../shared/ports/service.ts";
import type { Trees } from "../../../shared/ports/trees.ts";
import { blobOf, readLog, readPatch, treeOf } from "./log.ts";
import { changesOfClone, type RecordedChanges } from "./recorded-changes.ts";

type Env = Record<string, string | undefined>;
type Ports = { history: History; trees: Trees; pulls: Pulls; changes: Changes };
/** A repository as it was at an instant. Proposals are recorded; every other write is refused. */
export type Past = { ports: Ports; proposals: Proposal[]; isClone: boolean };
/** The reads that a clone and GitHub can both answer. */
type Reads = Pick<History, "commits" | "shas" | "commit"> &
  Pick<Trees, "blob"> & {
    tree(service: Service, sha: string): Promise<Tree>;
    changes: RecordedChanges;
    landed: History["landed"];
  };

/** DIR, a git clone, or OWNER/REPO on GitHub, as it was at `at`. Throws an error that says what is missing. */
export const pastOf = (repo: string, at: number, env: Env): Past => {
  const isClone = existsSync(repo);
  return { ...asOf(isClone ? cloneOf(repo) : onGithub(repo, env), at), isClone };
};

const asOf = (reads: Reads, at: number): Omit<Past, "isClone"> => {
  const proposals: Proposal[] = [];
  const shas = (service: Service) => reads.shas(service, { since: at - month, until: at });
  return {
    ports: {
      history: historyAt(reads, shas),
      trees: treesAt(reads, { shas, at }),
      pulls: recording(proposals),
      changes: readOnly<Changes>(reads.changes),
    },
    proposals,
  };
};

type Shas = (service: Service) => Promise<string[]>;

const historyAt = ({ commits, shas, commit, landed }: Reads, before: Shas): History =>
  readOnly<History>({
    ...{ commits, shas, commit },
    change: async (service, name) => {
      const [made, line] = await Promise.all([commit(service, name), before(service)]);
      const index = line.indexOf(made.sha);
      const later = await Promise.all(
        line.slice(Math.max(0, index - readLater), Math.max(0, index)).map((sha) => commit(service, sha)),
      );
      return { commit: made, since: { age: later.length, commits: later }, pulls: [] };
    },
    landed,
    dependents: async () => undefined,
  });

const treesAt = ({ blob, tree }: Reads, { shas, at }: { shas: Shas; at: number }): Trees =>
  readOnly<Trees>({
    blob,
    before: async (service, { commit: { sha, parents } }) => tree(service, parentOf(sha, parents[0])),
    changed: async (_, { commit, from }) => (from === undefined ? commit.files : undefined),
    sides: async (service, { commit: { sha, parents }, from = parents[0] }) => {
      const parent = parentOf(sha, from);
      const [base, theirs] = await Promise.all([tree(service, sha), tree(service, parent)]);
      return { base, theirs };
    },
    tip: async (service) => {
      const [head] = await shas(service);
      if (head === undefined) throw refused(`nothing had landed by ${new Date(at).toISOString()}`);
      return { head, headTree: head, ours: await tree(service, head) };
    },
  });

const parentOf = (sha: string, parent: string | undefined): string => {
  if (parent !== undefined) return parent;
  throw refused(`${sha} is the first commit, there is nothing to go back to`);
};

const recording = (proposals: Proposal[]): Pulls =>
  readOnly<Pulls>({
    findPull: async () => undefined,
    openPull: async ({ branch: base }, proposal) => {
      proposals.push(proposal);
      return { ...unopened, branch: proposal.branch, base, baseSha: proposal.snapshot.head };
    },
  });

/** Commits that landed after a change and are read for whether they took it back. */
const readLater = 50;
const month = 31 * 24 * 3_600_000;
/** A pull request that was never opened. */
const unopened: Pull = { number: 0, url: "", branch: "", head: "", base: "", baseSha: "", diff: "" };

const refused = (what: string) => new UpstreamError("github", `replay: ${what}`, { retryable: false });

const readOnly = <Port extends object>(methods: Partial<Port>): Port =>
  new Proxy(methods as Port, {
    get: (_, method) =>
      Reflect.get(methods, method) ??
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
    shas: async (_, range) => (await landed(range)).map(({ sha }) => sha),
    commit: async (_, sha) => {
      const [commit] = await readLog(directory, { limit: 1, from: sha });
      if (commit === undefined) throw refused(`${directory} has no commit ${sha}`);
      return commit;
    },
    tree: (_, sha) => treeOf(directory, sha),
    blob: (_, sha) => blobOf(directory, sha),
    changes: changesOfClone(directory),
    landed: async () => undefined,
  };
};

const onGithub = (repo: string, env: Env): Reads => {
  if (!/^[\w.-]+\/[\w.-]+$/.test(repo)) throw new Error(`${repo}: no such directory, and not OWNER/REPO`);
  const token = env.GITHUB_TOKEN?.trim();
  if (!token) throw new Error(`reading ${repo} on GitHub needs GITHUB_TOKEN`);
  const client = githubClient({ apiUrl: env.GITHUB_API_URL?.trim() || "https://api.github.com", token });
  const to = connect(client);
  const { commits, shas, blob, landed, ...ports } = github({ client });
  const { compare, ancestors, mergedPulls, touching, withFiles } = ports;
  return {
    ...{ commits, shas, blob, landed },
    changes: { compare, ancestors, mergedPulls, touching, withFiles },
    commit: (service, sha) => readCommit(to, service, sha),
    tree: (service, sha) => readTree(to, service, { name: sha }),
  };
};
