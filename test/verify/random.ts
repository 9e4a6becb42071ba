import { revertTree } from "../../shared/git/revert-tree.ts";
import { history, seeded } from "../git/random.ts";
import { apply, blobId, judge, listing, repository, treeOf, write } from "../support/git.ts";
import type { Compared } from "./compare.ts";

/** Histories made up from the seeds, each taken back here and by git. */
export async function* compareRandom(seeds: { from: number; count: number }): AsyncGenerator<Compared> {
  const repo = repository();
  try {
    const all = Array.from({ length: seeds.count }, (_, at) => history(seeded(seeds.from + at)));
    const ids = write(
      repo,
      all.flatMap(({ theirs, base, ours }, at) => [
        { files: theirs, parents: [] },
        { files: base, parents: [3 * at] },
        { files: ours, parents: [3 * at + 1] },
      ]),
    );
    for (const [at, { theirs, base, ours }] of all.entries()) {
      const files = [...theirs.values(), ...base.values(), ...ours.values()];
      const blobs = new Map(files.map(({ content }) => [blobId(content), content]));
      const trees = { theirs: treeOf(theirs), base: treeOf(base), ours: treeOf(ours) };
      const start = performance.now();
      const result = await revertTree(trees, async (sha) => blobs.get(sha)!);
      const between = performance.now();
      const expected = judge(repo, ids[3 * at + 1]!, ids[3 * at + 2]!);
      const times = { ours: between - start, git: performance.now() - between };
      const told = { sha: `seed ${seeds.from + at}`, reason: "", ...times };
      if ("conflicts" in result) {
        const reason = result.conflicts.map(({ path, kind }) => `${kind} ${path}`).join("; ");
        yield { ...told, verdict: expected ? "refused" : "both conflict", reason };
        continue;
      }
      const made = listing(apply(trees.ours, result.edits)).join("\n");
      const same = expected && made === listing(expected).join("\n");
      yield { ...told, verdict: same ? "same" : expected ? "different" : "git conflicts" };
    }
  } finally {
    repo.remove();
  }
}
