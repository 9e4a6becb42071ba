import { applied, treeId } from "../../shared/git/object-ids.ts";
import type { Revert, Trees } from "../../shared/git/revert-tree.ts";
import type { startEngine } from "./child.ts";
import type { Change, Judged, openClone } from "./clone.ts";

export type Verdict = "same" | "both conflict" | "refused" | "different" | "git conflicts";
export type Compared = {
  sha: string;
  verdict: Verdict;
  /** Why it was refused where git was clean. */
  reason: string;
  /** Milliseconds of the computation alone, its blobs at hand, and of `git revert`. */
  ours: number;
  git: number;
};

/** One change, taken back by the engine and by git. */
export async function compareOne(
  clone: Awaited<ReturnType<typeof openClone>>,
  engine: ReturnType<typeof startEngine>,
  change: Change,
): Promise<Compared> {
  const [base, theirs, ours] = [change.sha, change.parent, clone.head].map(clone.tree);
  const trees = { base: base!, theirs: theirs!, ours: ours! };
  const { result, ms } = await engine.revert(trees);
  const judged = clone.judge(change);
  return { sha: change.sha, ...verdictOf(trees, result, judged), ours: ms, git: judged.ms };
}

function verdictOf(trees: Trees, result: Revert, { tree }: Judged): Pick<Compared, "verdict" | "reason"> {
  if ("conflicts" in result) {
    const reason = result.conflicts.map(({ path, kind, detail }) => `${kind} ${path}: ${detail}`).join("; ");
    return { verdict: tree === undefined ? "both conflict" : "refused", reason };
  }
  if (tree === undefined) return { verdict: "git conflicts", reason: "" };
  return { verdict: treeId(applied(trees.ours, result.edits)) === tree ? "same" : "different", reason: "" };
}
