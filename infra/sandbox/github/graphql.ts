import type { Hono } from "hono";
import { z } from "zod";
import { body, type Env, iso, refused } from "./answers.ts";
import { type Field, parseOperation, SyntaxFault } from "./graphql-document.ts";
import { disableAutoMerge, enableAutoMerge, isQueued, stateNow, Unprocessable } from "./pulls/auto-merge.ts";
import { conditionsOf, reviewDecision } from "./pulls/conditions.ts";
import { dequeue, enqueue } from "./pulls/merge-queue.ts";
import { requirementsOf } from "./pulls/protection.ts";
import { follow, pullPage } from "./pulls/pull.ts";
import type { Actor, Github, MergeMethod, PullRecord, QueueEntry, Repo } from "./state.ts";
import { actorOf } from "./tokens.ts";

/** A node: its fields as values, or as functions of their arguments. */
type Node = { [name: string]: unknown };
type Resolver = (args: Record<string, unknown>) => unknown;

class Fault extends Error {
  readonly type: string;
  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

const project = async (value: unknown, fields: Field[]): Promise<unknown> => {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return Promise.all(value.map((one) => project(one, fields)));
  if (fields.length === 0) return value;
  const node = value as Node;
  const entries: [string, unknown][] = [];
  for (const { name, alias, args, fields: inner } of fields) {
    const found = node[name];
    if (found === undefined)
      throw new Fault("undefinedField", `Field '${name}' doesn't exist on type '${node.__typename}'`);
    const got = typeof found === "function" ? await (found as Resolver)(args) : found;
    entries.push([alias, await project(got, inner)]);
  }
  return Object.fromEntries(entries);
};

const account = (login: string): Node => ({ __typename: "Actor", login });
const methodOf = (text: unknown): MergeMethod => {
  const method = String(text ?? "MERGE").toLowerCase();
  return method === "squash" || method === "rebase" ? method : "merge";
};

const queueNode = (repo: Repo, entry: QueueEntry, github: Github): Node => ({
  __typename: "MergeQueueEntry",
  id: `MQE_${entry.id}`,
  position: repo.queue.filter(({ base }) => base === entry.base).indexOf(entry) + 1,
  state: "AWAITING_CHECKS",
  headCommit: { __typename: "Commit", oid: entry.group.sha },
  baseCommit: { __typename: "Commit", oid: entry.group.on },
  enqueuedAt: iso(entry.at),
  enqueuer: account(entry.by.login),
  pullRequest: () => {
    const pull = repo.pulls.get(entry.number);
    return pull && pullNode(github, repo, pull);
  },
});

const ruleNode = async (repo: Repo, branch: string): Promise<Node> => {
  const own = repo.protection.get(branch);
  return {
    __typename: "RefUpdateRule",
    requiredApprovingReviewCount: own?.reviews?.count ?? null,
    requiresCodeOwnerReviews: own?.reviews?.codeOwners ?? false,
    requiredStatusCheckContexts: [...repo.requiredStatuses, ...(own?.checks?.contexts ?? [])],
    requiresLinearHistory: own?.linear ?? false,
    requiresConversationResolution: own?.conversations ?? false,
    requiresSignatures: own?.signatures ?? false,
  };
};

const mergeables = { true: "MERGEABLE", false: "CONFLICTING" } as const;

const pullNode = (github: Github, repo: Repo, pull: PullRecord): Node => ({
  __typename: "PullRequest",
  id: `PR_${pull.id}`,
  number: pull.number,
  url: pullPage(github, repo, pull.number),
  title: pull.title,
  body: pull.body ?? "",
  isDraft: pull.draft,
  closed: pull.state === "closed",
  merged: pull.merged !== undefined,
  state: pull.merged ? "MERGED" : pull.state.toUpperCase(),
  headRefName: pull.head,
  headRefOid: pull.headSha,
  baseRefName: pull.base,
  baseRefOid: pull.baseSha,
  author: account(pull.user.login),
  mergedBy: pull.merged ? account(pull.merged.by.login) : null,
  mergeCommit: pull.merged ? { __typename: "Commit", oid: pull.merged.sha } : null,
  mergeable: () => (pull.trial ? mergeables[`${pull.trial.mergeable}`] : "UNKNOWN"),
  mergeStateStatus: () => stateNow(github, repo, pull),
  reviewDecision: () => reviewDecision(github, repo, pull),
  isMergeQueueEnabled: async () => (await requirementsOf(repo, pull.base)).queue !== undefined,
  isInMergeQueue: () => isQueued(repo, pull),
  mergeQueueEntry: () => {
    const entry = repo.queue.find(({ number }) => number === pull.number);
    return entry ? queueNode(repo, entry, github) : null;
  },
  autoMergeRequest: pull.autoMerge
    ? {
        __typename: "AutoMergeRequest",
        enabledAt: iso(pull.autoMerge.at),
        enabledBy: account(pull.autoMerge.by.login),
        mergeMethod: pull.autoMerge.method.toUpperCase(),
      }
    : null,
  baseRef: () => ({
    __typename: "Ref",
    name: pull.base,
    refUpdateRule: () => ruleNode(repo, pull.base),
  }),
});

/** The object of a revision such as `SHA:folder`, or of an id; null where there is none. */
const objectNode = async (repo: Repo, { expression, oid }: Record<string, unknown>): Promise<Node | null> => {
  const object = await repo.git.object(String(expression ?? oid));
  if (object === undefined) return null;
  const { type, sha, content } = object;
  return {
    ...{ __typename: type, oid: sha, text: type === "blob" ? textIn(content) : null },
    entries: type === "tree" ? treeEntries(content).map((entry) => entryNode(repo, entry)) : null,
  };
};

/** GitHub gives no text of a binary blob, and cuts one of more than 512 KB. */
const textIn = (content: Buffer): string | null =>
  content.includes(0) ? null : content.subarray(0, 512_000).toString();

const entryNode = (repo: Repo, { mode, name, oid }: TreeEntry): Node => ({
  ...{ __typename: "TreeEntry", name, oid, mode: Number.parseInt(mode, 8) },
  type: mode === "40000" ? "tree" : mode === "160000" ? "commit" : "blob",
  size: async () => (mode.startsWith("1") ? ((await repo.git.object(oid))?.content.length ?? 0) : 0),
});

type TreeEntry = { mode: string; name: string; oid: string };
const idBytes = 20;

/** The entries of a tree as git stores it: `<mode> <name>\0<id>` each. */
const treeEntries = (content: Buffer): TreeEntry[] => {
  const found: TreeEntry[] = [];
  for (let at = 0; at < content.length; ) {
    const end = content.indexOf(0, at);
    const [mode = "", ...name] = content.subarray(at, end).toString().split(" ");
    at = end + 1 + idBytes;
    found.push({ mode, name: name.join(" "), oid: content.subarray(end + 1, at).toString("hex") });
  }
  return found;
};

const repositoryNode = (github: Github, repo: Repo): Node => ({
  __typename: "Repository",
  id: `R_${repo.id}`,
  nameWithOwner: repo.fullName,
  autoMergeAllowed: repo.allows.autoMerge,
  mergeCommitAllowed: repo.allows.methods.includes("merge"),
  squashMergeAllowed: repo.allows.methods.includes("squash"),
  rebaseMergeAllowed: repo.allows.methods.includes("rebase"),
  object: (args: Record<string, unknown>) => objectNode(repo, args),
  pullRequest: async ({ number }: { number: number }) => {
    const pull = repo.pulls.get(number);
    if (pull === undefined)
      throw new Fault("NOT_FOUND", `Could not resolve to a PullRequest with the number of ${number}.`);
    await follow(repo, pull);
    return pullNode(github, repo, pull);
  },
});

const mayReach = ({ repositories }: Actor, { name }: Repo): boolean =>
  repositories === undefined || repositories.some((one) => one.toLowerCase() === name.toLowerCase());

const queries = (github: Github, actor: Actor): Node => ({
  __typename: "Query",
  viewer: account(actor.login),
  repository: ({ owner, name }: { owner: string; name: string }) => {
    const repo = github.repos.get(`${owner}/${name}`.toLowerCase());
    if (repo === undefined || !mayReach(actor, repo))
      throw new Fault("NOT_FOUND", `Could not resolve to a Repository with the name '${owner}/${name}'.`);
    return repositoryNode(github, repo);
  },
});

type Input = Record<string, unknown>;
type Found = { repo: Repo; pull: PullRecord; input: Input };

const find = (github: Github, actor: Actor, input: Input): Found => {
  const id = input.pullRequestId ?? input.id;
  for (const repo of github.repos.values())
    for (const pull of repo.pulls.values())
      if (`PR_${pull.id}` === id && mayReach(actor, repo)) return { repo, pull, input };
  throw new Fault("NOT_FOUND", `Could not resolve to a node with the global id of '${id}'`);
};

const queued = ({ repo, pull }: Found): QueueEntry | undefined =>
  repo.queue.find(({ number }) => number === pull.number);

const intoQueue = async (github: Github, actor: Actor, found: Found): Promise<QueueEntry> => {
  const { repo, pull, input } = found;
  await follow(repo, pull);
  if ((await requirementsOf(repo, pull.base)).queue === undefined)
    throw new Unprocessable("The merge queue is not enabled for this branch");
  if (input.expectedHeadOid !== undefined && input.expectedHeadOid !== pull.headSha)
    throw new Unprocessable("Head sha didn't match the expected head oid");
  const [against] = await conditionsOf(github, repo, pull);
  if (pull.state === "closed" || against)
    throw new Unprocessable(`Pull request ${against?.message ?? "is closed"}`);
  if (queued(found)) throw new Unprocessable("Pull request is already in the queue");
  return enqueue(github, repo, { pull, by: actor });
};

const mutations = (github: Github, actor: Actor): Node => {
  const change =
    (name: string, work: (found: Found) => Promise<Node>): Resolver =>
    async ({ input }) => {
      const found = find(github, actor, (input ?? {}) as Input);
      if (found.repo.archived) throw new Unprocessable("Repository was archived so is read-only.");
      const more = await found.repo.serially(() => work(found));
      const pullRequest = pullNode(github, found.repo, found.pull);
      return { __typename: `${name}Payload`, pullRequest, clientMutationId: null, ...more };
    };
  return {
    __typename: "Mutation",
    enablePullRequestAutoMerge: change("EnablePullRequestAutoMerge", async ({ repo, pull, input }) => {
      const { expectedHeadOid: head } = input;
      const order = { method: methodOf(input.mergeMethod), by: actor };
      await enableAutoMerge(github, repo, pull, {
        ...order,
        ...(typeof head === "string" && { expectedHead: head }),
      });
      return {};
    }),
    disablePullRequestAutoMerge: change("DisablePullRequestAutoMerge", async ({ repo, pull }) => {
      await disableAutoMerge(github, repo, pull, actor);
      return {};
    }),
    enqueuePullRequest: change("EnqueuePullRequest", async (found) => ({
      mergeQueueEntry: queueNode(found.repo, await intoQueue(github, actor, found), github),
    })),
    dequeuePullRequest: change("DequeuePullRequest", async (found) => {
      const entry = queued(found);
      if (entry === undefined) throw new Unprocessable("Pull request is not in the queue");
      await dequeue(github, found.repo, { entry, by: actor, reason: "MANUAL" });
      return { mergeQueueEntry: null };
    }),
  };
};

const faultOf = (error: unknown): { type: string; message: string } => {
  if (error instanceof Unprocessable) return { type: "UNPROCESSABLE", message: error.message };
  if (error instanceof Fault) return { type: error.type, message: error.message };
  if (error instanceof SyntaxFault) return { type: "parseError", message: error.message };
  throw error;
};

/** `POST /graphql`: pull requests with what stands against their merge, auto-merge and the merge queue. */
export const graphqlRoutes = (app: Hono<Env>, github: Github, goOn: (repo: Repo) => Promise<void>): void => {
  app.post("/graphql", async (c) => {
    const actor = actorOf(github, c.req.header("Authorization"));
    if (!actor) throw refused(401, "Bad credentials");
    const { query, variables } = await body(
      c,
      z.object({ query: z.string(), variables: z.record(z.string(), z.unknown()).nullish() }),
    );
    try {
      const { type, fields } = parseOperation(query, variables ?? {});
      const root = type === "mutation" ? mutations(github, actor) : queries(github, actor);
      const data = await project(root, fields);
      if (type === "mutation") for (const repo of github.repos.values()) await goOn(repo);
      return c.json({ data });
    } catch (error) {
      return c.json({ data: null, errors: [faultOf(error)] });
    }
  });
};
