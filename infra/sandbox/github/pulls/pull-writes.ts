import { z } from "zod";
import { body, type Ctx, invalid, refused } from "../answers.ts";
import { branchTip, mergeBase } from "../git/commits.ts";
import { distance } from "../git/compare.ts";
import { mergeTree } from "../git/merge.ts";
import { signedBy, webFlow, writeCommit } from "../git/objects.ts";
import { closePull, emitPull, refMoved } from "../refs/ref-updates.ts";
import type { Github, PullRecord, Repo } from "../state.ts";
import { conditionsOf, isBehind } from "./conditions.ts";
import { land } from "./landing.ts";
import { requirementsOf } from "./protection.ts";
import { follow, pullOf } from "./pull.ts";

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

/** Merges for real, if nothing stands against it, and returns the sha it left on the base branch. */
export const merge = async (c: Ctx, github: Github): Promise<string> => {
  const repo = c.var.repo;
  const {
    sha,
    merge_method: method,
    commit_title: title,
    commit_message: message,
  } = await body(c, mergeBody);
  const pull = await pullOf(c);
  if (pull.state === "closed") throw refused(405, "Pull Request is not mergeable");
  if (sha !== undefined && sha !== pull.headSha)
    throw refused(409, "Head branch was modified. Review and try the merge again.");
  const required = await requirementsOf(repo, pull.base);
  if (required.queue) throw refused(405, "Changes must be made through the merge queue");
  const [against] = await conditionsOf(github, repo, pull);
  if (against) throw refused(405, against.message);
  if (!required.methods.includes(method)) throw refused(405, notAllowed[method]);
  return land(github, repo, { pull, method, title, message, by: c.var.actor });
};

const notAllowed = {
  merge: "Merge commits are not allowed on this repository.",
  squash: "Squash merges are not allowed on this repository.",
  rebase: "Rebase merges are not allowed on this repository.",
} as const;

/** Merges the base branch into the head, as the button “Update branch” does. */
export const updateBranch = async (c: Ctx, github: Github): Promise<void> => {
  const repo = c.var.repo;
  const given = await body(c, z.object({ expected_head_sha: z.string().optional() }));
  const pull = await pullOf(c);
  if (pull.state === "closed") throw refused(422, "The pull request is closed.");
  if (given.expected_head_sha !== undefined && given.expected_head_sha !== pull.headSha)
    throw refused(422, `expected head sha didn’t match current head ref.`);
  if (!(await isBehind(repo, pull))) throw refused(422, "There are no new commits on the base branch.");
  const tip = (await branchTip(repo, pull.base)) ?? pull.baseSha;
  const tree = await mergeTree(repo, pull.headSha, tip);
  if (!tree) throw refused(422, `merge conflict between base and head`);
  const [before, by] = [pull.headSha, c.var.actor];
  const after = await writeCommit(repo, {
    ...{ tree, parents: [before, tip] },
    message: `Merge branch '${pull.base}' into ${pull.head}`,
    ...{ author: signedBy(github, by), committer: webFlow(github) },
  });
  const ref = `refs/heads/${pull.head}`;
  const ran = await repo.git.run(["update-ref", ref, after, before]);
  if (ran.code !== 0) throw refused(422, "The head branch was modified.");
  await refMoved(github, repo, { ref, before, after, by });
};
