import { z } from "zod";
import { body, type Ctx, invalid, refused } from "./answers.ts";
import { branchTip, mergeBase } from "./commits.ts";
import { distance } from "./compare.ts";
import { mergeCommit } from "./merge.ts";
import { follow, missingStatus, pullOf } from "./pull.ts";
import { closePull, emitPull, refMoved } from "./ref-updates.ts";
import type { Github, PullRecord, Repo } from "./state.ts";

/** GitHub's limit on the text of pulls and comments, in characters. */
export const maxText = 65_536;
const text = z.string().max(maxText, `body is too long (maximum is ${maxText} characters)`);
const newPull = z.object({
  title: z.string("title wasn't supplied").min(1),
  head: z.string("head wasn't supplied"),
  base: z.string("base wasn't supplied"),
  body: text.nullish(),
  draft: z.boolean().default(false),
});
const pullEdit = z
  .object({ title: z.string(), body: text.nullable(), state: z.enum(["open", "closed"]), base: z.string() })
  .partial();
const mergeBody = z.object({
  sha: z.string().optional(),
  merge_method: z.enum(["merge", "squash", "rebase"]).default("merge"),
  commit_title: z.string().optional(),
  commit_message: z.string().optional(),
});
const custom = (message: string) => invalid({ resource: "PullRequest", code: "custom", message });

/** The branch of a head written `branch` or `owner:branch`; undefined for another owner's. */
export const ownBranch = (repo: Repo, head: string): string | undefined => {
  const [owner, ...rest] = head.split(":");
  if (rest.length === 0) return head;
  return owner?.toLowerCase() === repo.owner.toLowerCase() ? rest.join(":") : undefined;
};

/** Opens the pull the request describes. */
export const open = async (c: Ctx, github: Github): Promise<PullRecord> => {
  const repo = c.var.repo;
  const given = await body(c, newPull);
  const head = ownBranch(repo, given.head);
  const headSha = head && (await branchTip(repo, head));
  if (!head || !headSha) throw invalid({ resource: "PullRequest", field: "head", code: "invalid" });
  const baseSha = await branchTip(repo, given.base);
  if (!baseSha) throw invalid({ resource: "PullRequest", field: "base", code: "invalid" });
  if (!(await mergeBase(repo, baseSha, headSha)))
    throw custom(`The ${head} branch has no history in common with ${given.base}`);
  if ((await distance(repo, baseSha, headSha)).ahead === 0)
    throw custom(`No commits between ${given.base} and ${head}`);
  const same = (pull: PullRecord) => pull.state === "open" && pull.head === head && pull.base === given.base;
  if ([...repo.pulls.values()].some(same))
    throw custom(`A pull request already exists for ${repo.owner}:${head}.`);
  const at = github.clock();
  const pull: PullRecord = {
    id: github.nextId(),
    number: ++repo.numbers,
    title: given.title,
    body: given.body ?? null,
    draft: given.draft,
    state: "open",
    head,
    base: given.base,
    headSha,
    baseSha,
    user: c.var.actor,
    labels: [],
    comments: [],
    reviews: [],
    createdAt: at,
    updatedAt: at,
  };
  repo.pulls.set(pull.number, pull);
  await emitPull(github, repo, pull, "opened", c.var.actor);
  return pull;
};

/** Changes title, body, base or state. */
export const edit = async (c: Ctx, github: Github, pull: PullRecord): Promise<void> => {
  const repo = c.var.repo;
  const { state, ...given } = await body(c, pullEdit);
  if (given.base !== undefined && !(await branchTip(repo, given.base)))
    throw invalid({ resource: "PullRequest", field: "base", code: "invalid" });
  const reopening = state === "open" && pull.state === "closed";
  if (reopening && pull.merged) throw custom("state cannot be changed. The pull request cannot be reopened.");
  if (reopening && !(await branchTip(repo, pull.head)))
    throw custom(`state cannot be changed. The ${pull.head} branch has been deleted.`);
  const changed = Object.entries(given).filter(([, value]) => value !== undefined);
  Object.assign(pull, Object.fromEntries(changed), { updatedAt: github.clock() });
  if (changed.length > 0) await emitPull(github, repo, pull, "edited", c.var.actor, { changes: {} });
  if (state === "closed" && pull.state === "open") await closePull(github, repo, pull, c.var.actor);
  if (!reopening) return;
  pull.state = "open";
  delete pull.closedAt;
  delete pull.closedBy;
  pull.reopenings = [...(pull.reopenings ?? []), { at: github.clock(), by: c.var.actor }];
  await follow(repo, pull);
  await emitPull(github, repo, pull, "reopened", c.var.actor);
};

/** Merges for real and returns the sha it left on the base branch. */
export const merge = async (c: Ctx, github: Github): Promise<string> => {
  const repo = c.var.repo;
  const given = await body(c, mergeBody);
  const pull = await pullOf(c);
  if (pull.state === "closed") throw refused(405, "Pull Request is not mergeable");
  if (given.sha !== undefined && given.sha !== pull.headSha)
    throw refused(409, "Head branch was modified. Review and try the merge again.");
  if (pull.draft) throw refused(405, "Pull Request is still a draft");
  const missing = missingStatus(repo, pull.headSha);
  if (missing) throw refused(405, missing);
  const before = await branchTip(repo, pull.base);
  if (!before) throw refused(405, "Pull Request is not mergeable");
  const by = c.var.actor;
  const order = { method: given.merge_method, title: given.commit_title, message: given.commit_message, by };
  const after = await mergeCommit(github, repo, pull, before, order);
  const ref = `refs/heads/${pull.base}`;
  const ran = await repo.git.run(["update-ref", ref, after, before]);
  if (ran.code !== 0) throw refused(405, "Base branch was modified. Review and try the merge again.");
  await closePull(github, repo, pull, by, { sha: after, before });
  await refMoved(github, repo, { ref, before, after, by });
  return after;
};
