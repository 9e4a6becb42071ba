import { applied, treeId } from "../../shared/remedy/objects.ts";
import { type Revert, revert, type Trees } from "../../shared/remedy/revert.ts";
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

/** One change, taken back here and by git. */
export async function compareOne(
  clone: Awaited<ReturnType<typeof openClone>>,
  change: Change,
): Promise<Compared> {
  const [base, theirs, ours] = [change.sha, change.parent, clone.head].map(clone.tree);
  const trees = { base: base!, theirs: theirs!, ours: ours! };
  const blobs = new Map<string, Uint8Array>();
  await revert(trees, async (sha) => {
    const content = blobs.get(sha) ?? (await clone.blob(sha));
    blobs.set(sha, content);
    return content;
  });
  const from = performance.now();
  const result = await revert(trees, async (sha) => blobs.get(sha)!);
  const ms = performance.now() - from;
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
