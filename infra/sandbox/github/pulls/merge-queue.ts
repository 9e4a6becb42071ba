import { branchTip, commitJson, parseCommit } from "../git/commits.ts";
import { mergeCommit } from "../git/merge.ts";
import { emitPull } from "../refs/ref-updates.ts";
import { type Account, account, type Github, type PullRecord, type QueueEntry, type Repo } from "../state.ts";
import { unmetChecks } from "./conditions.ts";
import { moveBase } from "./landing.ts";
import { requirementsOf } from "./protection.ts";

/** The account in whose name a merge queue merges. */
const bot = account("github-merge-queue[bot]", "Bot");

/** Puts the pull at the end of its base branch's queue. */
export const enqueue = async (
  github: Github,
  repo: Repo,
  { pull, by }: { pull: PullRecord; by: Account },
): Promise<QueueEntry> => {
  const entry: QueueEntry = {
    ...{ id: github.nextId(), number: pull.number, base: pull.base, head: pull.headSha, by },
    ...{ at: github.clock(), group: await groupOf(github, repo, pull) },
  };
  repo.queue.push(entry);
  await emitPull(github, repo, pull, "enqueued", by);
  await emitGroup(github, repo, entry, "checks_requested");
  return entry;
};

export const dequeue = async (
  github: Github,
  repo: Repo,
  { entry, by, reason }: { entry: QueueEntry; by: Account; reason: string },
): Promise<void> => {
  repo.queue = repo.queue.filter((one) => one !== entry);
  await dropRef(repo, entry);
  const pull = repo.pulls.get(entry.number);
  if (pull !== undefined) {
    delete pull.autoMerge;
    await emitPull(github, repo, pull, "dequeued", by, { reason });
  }
  await emitGroup(github, repo, entry, "destroyed", { reason: reason === "MERGE" ? "merged" : "dequeued" });
};

/** The commit that the pull would leave behind those ahead of it, on a branch of its own. */
const groupOf = async (github: Github, repo: Repo, pull: PullRecord): Promise<QueueEntry["group"]> => {
  const ahead = repo.queue.findLast(({ base }) => base === pull.base);
  const on = ahead?.group.sha ?? (await branchTip(repo, pull.base)) ?? pull.baseSha;
  const { queue } = await requirementsOf(repo, pull.base);
  const sha = await mergeCommit(github, repo, pull, on, { method: queue?.method ?? "merge", by: bot });
  const ref = `refs/heads/gh-readonly-queue/${pull.base}/pr-${pull.number}-${on}`;
  await repo.git.run(["update-ref", ref, sha]);
  return { sha, ref, on };
};

const dropRef = async (repo: Repo, { group }: QueueEntry): Promise<void> => {
  await repo.git.run(["update-ref", "-d", group.ref]);
};

/** Merges the entries at the front whose checks have passed, and drops those that failed or whose pull has moved. */
export const advance = async (github: Github, repo: Repo): Promise<void> => {
  for (const entry of [...repo.queue]) {
    const pull = repo.pulls.get(entry.number);
    if (pull === undefined || pull.state === "closed") continue;
    const fate = await fateOf(repo, { entry, pull });
    if (fate === "moved") await dequeue(github, repo, { entry, by: bot, reason: "BRANCH_CHANGED" });
    if (fate === "failed") await dequeue(github, repo, { entry, by: bot, reason: "CI_FAILURE" });
    if (fate === "stale") await rebuild(github, repo, { entry, pull });
    if (fate === "ready") await mergeGroup(github, repo, { entry, pull });
    if (fate === "waits") return;
  }
};

type Queued = { entry: QueueEntry; pull: PullRecord };

const fateOf = async (
  repo: Repo,
  { entry, pull }: Queued,
): Promise<"moved" | "failed" | "stale" | "ready" | "waits"> => {
  if ((await branchTip(repo, pull.head)) !== entry.head) return "moved";
  const isFirst = repo.queue.find(({ base }) => base === entry.base) === entry;
  if (isFirst && (await branchTip(repo, entry.base)) !== entry.group.on) return "stale";
  const { checks } = await requirementsOf(repo, entry.base);
  const unmet = unmetChecks(repo, entry.group.sha, checks);
  if (unmet.some(({ is }) => is === "failing")) return "failed";
  return isFirst && unmet.length === 0 ? "ready" : "waits";
};

const rebuild = async (github: Github, repo: Repo, { entry, pull }: Queued): Promise<void> => {
  await dropRef(repo, entry);
  await emitGroup(github, repo, entry, "destroyed", { reason: "invalidated" });
  const others = repo.queue.filter((one) => one !== entry);
  repo.queue = others.filter(({ base }) => base !== entry.base);
  entry.group = await groupOf(github, repo, pull);
  repo.queue = [entry, ...others];
  await emitGroup(github, repo, entry, "checks_requested");
};

const mergeGroup = async (github: Github, repo: Repo, { entry, pull }: Queued): Promise<void> => {
  const { sha, on } = entry.group;
  await moveBase(github, repo, { pull, before: on, after: sha, by: bot });
  await dropRef(repo, entry);
  await emitGroup(github, repo, entry, "destroyed", { reason: "merged" });
};

const emitGroup = async (
  github: Github,
  repo: Repo,
  { group, base }: QueueEntry,
  action: "checks_requested" | "destroyed",
  extra: Record<string, unknown> = {},
): Promise<void> => {
  if (!github.listening()) return;
  const object = await repo.git.object(group.sha);
  const merge_group = {
    ...{ head_sha: group.sha, head_ref: group.ref, base_sha: group.on, base_ref: `refs/heads/${base}` },
    head_commit: object && commitJson(github, repo, parseCommit(object)).commit,
  };
  github.emit(repo, "merge_group", bot, { action, merge_group, ...extra });
};
