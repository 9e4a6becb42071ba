import type { Git } from "../git.ts";

export type Account = { login: string; id: number; type: "User" | "Bot" | "Organization" };
/** The caller of a request. `repositories` is set for an installation token that is limited to some. */
export type Actor = Account & { installation?: number; repositories?: string[]; expiresAt?: number };

export type Comment = { id: number; body: string; user: Account; createdAt: number; updatedAt: number };
export type Review = {
  id: number;
  user: Account;
  state: "APPROVED" | "CHANGES_REQUESTED" | "COMMENTED" | "DISMISSED" | "PENDING";
  body: string;
  head: string;
  at: number;
};
export type Status = {
  id: number;
  sha: string;
  state: "error" | "failure" | "pending" | "success";
  context: string;
  description: string | null;
  targetUrl: string | null;
  creator: Account;
  createdAt: number;
};
export type DeploymentStatus = {
  id: number;
  state: string;
  description: string;
  targetUrl: string;
  environmentUrl: string;
  creator: Account;
  createdAt: number;
};
export type Deployment = {
  id: number;
  sha: string;
  ref: string;
  task: string;
  environment: string;
  payload: unknown;
  description: string | null;
  creator: Account;
  createdAt: number;
  statuses: DeploymentStatus[];
};
/** A ref that somebody moved. */
export type Push = { id: number; ref: string; before: string; after: string; by: Account; at: number };
export type PullRecord = {
  id: number;
  number: number;
  title: string;
  body: string | null;
  draft: boolean;
  state: "open" | "closed";
  /** Branch names. */
  head: string;
  base: string;
  /** Kept as GitHub does: the head follows its branch while open, the base is refreshed when the head moves. */
  headSha: string;
  baseSha: string;
  user: Account;
  labels: string[];
  comments: Comment[];
  reviews: Review[];
  createdAt: number;
  updatedAt: number;
  closedAt?: number;
  closedBy?: Account;
  /** It is merged once nothing stands against it. */
  autoMerge?: { method: MergeMethod; by: Account; at: number };
  /** Each time somebody opened it again. */
  reopenings?: { at: number; by: Account }[];
  /** `before` is where the base branch was until then. */
  merged?: { at: number; by: Account; sha: string; before: string };
  /** The test merge of the shas it names. */
  trial?: { key: string; mergeable: boolean; sha: string | null };
};

export type MergeMethod = "merge" | "squash" | "rebase";
/** A rule as GitHub's rulesets write it. */
export type Rule = { type: string; parameters?: Record<string, unknown> };
export type Ruleset = {
  id: number;
  name: string;
  enforcement: "active" | "evaluate" | "disabled";
  /** Names of branches, `~DEFAULT_BRANCH` or `~ALL`, as the body said them. */
  include: string[];
  exclude: string[];
  rules: Rule[];
};
/** Classic protection of one branch. */
export type Protection = {
  reviews?: { count: number; codeOwners: boolean };
  checks?: { contexts: string[]; strict: boolean };
  linear: boolean;
  conversations: boolean;
  signatures: boolean;
};
export type CheckRun = {
  id: number;
  name: string;
  sha: string;
  status: "queued" | "in_progress" | "completed";
  conclusion: string | null;
  detailsUrl: string | null;
  startedAt: number;
  completedAt?: number;
};
/** A run of a workflow of GitHub Actions. */
export type WorkflowRun = {
  id: number;
  number: number;
  /** The workflow's name and file. */
  name: string;
  path: string;
  title: string;
  event: string;
  branch: string;
  headSha: string;
  inputs: Record<string, string>;
  actor: Account;
  status: "queued" | "in_progress" | "completed";
  conclusion: string | null;
  createdAt: number;
  startedAt: number;
  updatedAt: number;
};
/** A place in a merge queue, and the commit that its group would leave on the branch. */
export type QueueEntry = {
  id: number;
  number: number;
  base: string;
  /** The head that was enqueued. */
  head: string;
  by: Account;
  at: number;
  group: { sha: string; ref: string; on: string };
};
/** An issue that is not a pull request. */
export type Issue = {
  id: number;
  number: number;
  title: string;
  body: string | null;
  state: "open" | "closed";
  user: Account;
  labels: string[];
  comments: Comment[];
  createdAt: number;
  updatedAt: number;
  closedAt?: number;
  closedBy?: Account;
};

export type Repo = {
  id: number;
  owner: string;
  name: string;
  fullName: string;
  git: Git;
  numbers: number;
  pulls: Map<number, PullRecord>;
  statuses: Status[];
  deployments: Deployment[];
  pushes: Push[];
  requiredStatuses: string[];
  rulesets: Ruleset[];
  /** Keyed by the name of the branch. */
  protection: Map<string, Protection>;
  checkRuns: CheckRun[];
  workflowRuns: WorkflowRun[];
  /** In the order of the queue. */
  queue: QueueEntry[];
  issues: Map<number, Issue>;
  allows: { autoMerge: boolean; methods: MergeMethod[] };
  /** Nobody may write to it any more. */
  archived: boolean;
  /** Runs writes one after the other. */
  serially<T>(write: () => Promise<T>): Promise<T>;
};

export type App = {
  id: number;
  slug: string;
  installationId: number;
  publicKey?: string;
  /** Those that the installation has been granted; without it, all that Countersteer asks for. */
  permissions?: Record<string, string>;
};
/** An installation token as it was asked for. */
export type Issued = {
  token: string;
  installation: number;
  repositories?: string[];
  permissions?: Record<string, string>;
  expiresAt: number;
};

export type Github = {
  /** `http://127.0.0.1:P`, without a path. */
  origin: string;
  clock: () => number;
  repos: Map<string, Repo>;
  actors: Map<string, Actor>;
  app: App;
  /** Logins by `org/team`, in lower case. */
  teams: Map<string, string[]>;
  issued: Issued[];
  treeLimit: number;
  /** Bytes of a blob; GitHub hands out 100 MB and no more. */
  blobLimit: number;
  /** The first look at a pull's mergeability answers null, as GitHub does while it computes. */
  lazyMergeable: boolean;
  nextId(): number;
  /** Whether anyone gets the events. */
  listening(): boolean;
  emit(repo: Repo, event: string, by: Account, payload: Record<string, unknown>): void;
};

export const account = (login: string, type: Account["type"] = "User"): Account => ({
  login,
  id: numberOf(login),
  type,
});

/** A number that stays the same for a name. */
export const numberOf = (name: string): number => {
  let hash = 2166136261;
  for (const char of name) hash = Math.imul(hash ^ char.codePointAt(0)!, 16777619) >>> 0;
  return (hash % 90_000_000) + 10_000_000;
};

export const newRepo = (fullName: string, git: Git, requiredStatuses: string[]): Repo => {
  const [owner = "", name = ""] = fullName.split("/");
  let last: Promise<unknown> = Promise.resolve();
  const serially = <T>(write: () => Promise<T>): Promise<T> => {
    const result = last.then(write, write);
    last = result.catch(() => {});
    return result;
  };
  return {
    id: numberOf(fullName),
    owner,
    name,
    fullName,
    git,
    numbers: 0,
    requiredStatuses,
    serially,
    archived: false,
    ...{ rulesets: [], protection: new Map(), checkRuns: [], workflowRuns: [], queue: [], issues: new Map() },
    allows: { autoMerge: false, methods: ["merge", "squash", "rebase"] },
    pulls: new Map(),
    statuses: [],
    deployments: [],
    pushes: [],
  };
};
