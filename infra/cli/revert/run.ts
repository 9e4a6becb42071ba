import type { Github } from "../../../shared/adapters/github/api/repository.ts";
import { historyOf, treesOf } from "../../../shared/adapters/github/github.ts";
import { openOnce } from "../../../shared/adapters/github/pulls/open-once.ts";
import type { Conflict } from "../../../shared/git/conflict.ts";
import { type Edit, isSubmodule, type Tree } from "../../../shared/git/model.ts";
import { applied, treeId } from "../../../shared/git/object-ids.ts";
import { type Changed, patch, submoduleText, type Version } from "../../../shared/git/print-patch.ts";
import type { Guard } from "../../../shared/policy/guarded-paths.ts";
import type { Service } from "../../../shared/ports/service.ts";
import type { Tip } from "../../../shared/ports/trees.ts";
import { computeRevert } from "../../../shared/remedy/revert/compute-revert.ts";
import { fallbacks, whyUnclean } from "../../../shared/remedy/revert/instructions.ts";
import type { Clean } from "../../../shared/remedy/revert/outcome.ts";
import type { RevertPlan } from "../../../shared/remedy/revert/plan.ts";
import { pullText } from "./text.ts";

export type Result = {
  result: "opened" | "exists" | "empty" | "conflict" | "refused";
  pull?: { number: number; url: string };
  branch?: string;
  tree?: string;
  conflicts?: Conflict[];
  guards?: Guard[];
  reason?: string;
  /** The diff of a dry run. */
  patch?: string;
};
/** No diff is computed for `json`. */
type How = { reland: boolean; dryRun: boolean; json: boolean };

/** Opens the pull request of one plan, or says why not. A dry run writes nothing. */
export const runRevert = async (
  github: Github,
  service: Service,
  plan: RevertPlan,
  how: How,
): Promise<Result> => {
  const context = { history: historyOf(github), trees: treesOf(github), service, paths: plan.paths };
  const taken = await computeRevert(context, plan, { whole: how.dryRun });
  if (taken.result === "conflict") {
    const rest = how.reland || plan.ranges.length > 1 ? [] : fallbacks(service.repository, plan, taken);
    const reason = [whyUnclean(taken), ...rest].join("; ");
    return { result: "conflict", conflicts: taken.conflicts, reason };
  }
  if (taken.result !== "clean") return taken;
  if (!how.dryRun) return propose(github, service, { plan, how, taken });
  const { ours, snapshot, edits, guards, read } = taken;
  if (ours === undefined) throw new Error(`${plan.branch}: a dry run needs the whole listing`);
  return {
    result: "opened",
    branch: plan.branch,
    ...known(ours, snapshot, edits),
    ...(guards.length > 0 && { guards }),
    ...(plan.note !== undefined && { reason: plan.note }),
    ...(!how.json && { patch: await show(ours, edits, read) }),
  };
};

type Ready = { plan: RevertPlan; how: How; taken: Clean };

const propose = async (
  github: Github,
  service: Service,
  { plan, how, taken: { edits, snapshot, guards } }: Ready,
): Promise<Result> => {
  const { adopted, tree, number, url } = await openOnce(github, service, {
    ...{ branch: plan.branch, snapshot, edits, labels: [], draft: how.reland },
    ...{ commitMessage: plan.message, title: plan.title, body: pullText(plan, guards, how.reland) },
  });
  return {
    result: adopted ? "exists" : "opened",
    ...{ pull: { number, url }, branch: plan.branch, tree },
    ...(guards.length > 0 && { guards }),
    ...(plan.note !== undefined && { reason: plan.note }),
  };
};

/** The id of the tree after the edits; none when the listing's own id cannot be computed (names that are not UTF-8). */
const known = (ours: Tree, { headTree }: Pick<Tip, "headTree">, edits: Edit[]): { tree?: string } =>
  treeId(ours) === headTree ? { tree: treeId(applied(ours, edits)) } : {};
const show = async (
  ours: Tree,
  edits: Edit[],
  read: (sha: string) => Promise<Uint8Array>,
): Promise<string> => {
  const shown = await Promise.all(
    edits.map(async (edit): Promise<Changed> => {
      const entry = ours.get(edit.path);
      const before = entry && { mode: entry.mode, content: await contentOf(entry, read) };
      const after = await versionOf(edit, read);
      return { path: edit.path, ...(before && { before }), ...(after && { after }) };
    }),
  );
  return shown.map(patch).join("");
};

const versionOf = async (
  edit: Edit,
  read: (sha: string) => Promise<Uint8Array>,
): Promise<Version | undefined> => {
  if ("deleted" in edit) return undefined;
  return { mode: edit.mode, content: "sha" in edit ? await contentOf(edit, read) : edit.content };
};

const contentOf = async (
  entry: { mode: string; sha: string },
  read: (sha: string) => Promise<Uint8Array>,
): Promise<Uint8Array> => (isSubmodule(entry) ? submoduleText(entry.sha) : read(entry.sha));
