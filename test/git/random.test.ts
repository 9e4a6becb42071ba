import assert from "node:assert/strict";
import { after, test } from "node:test";
import { revertTree } from "../../shared/git/revert-tree.ts";
import { merge } from "../../shared/git/three-way-merge.ts";
import {
  apply,
  blobId,
  type Files,
  file,
  judge,
  listing,
  repository,
  treeOf,
  write,
} from "../support/git.ts";
import { edited, history, seeded, text } from "./random.ts";

const repo = repository();
after(repo.remove);

test("the revert of random histories is git's, or a refusal", () => {
  const histories = { from: 1, count: 150 };
  return compareHistories(histories);
});

async function compareHistories({ from, count }: { from: number; count: number }): Promise<void> {
  const cases = Array.from({ length: count }, (_, at) => history(seeded(from + at)));
  const ids = write(
    repo,
    cases.flatMap(({ theirs, base, ours }, at) => [
      { files: theirs, parents: [] },
      { files: base, parents: [3 * at] },
      { files: ours, parents: [3 * at + 1] },
    ]),
  );
  const tally = { same: 0, bothRefuse: 0, refused: 0 };
  for (const [at, { theirs, base, ours }] of cases.entries()) {
    const files = [...theirs.values(), ...base.values(), ...ours.values()];
    const blobs = new Map(files.map(({ content }) => [blobId(content), content]));
    const trees = { theirs: treeOf(theirs), base: treeOf(base), ours: treeOf(ours) };
    const result = await revertTree(trees, async (sha) => blobs.get(sha)!);
    const expected = judge(repo, ids[3 * at + 1]!, ids[3 * at + 2]!);
    if ("conflicts" in result) {
      tally[expected ? "refused" : "bothRefuse"]++;
      continue;
    }
    assert.ok(expected, `seed ${from + at}: git finds a conflict`);
    assert.deepEqual(listing(apply(trees.ours, result.edits)), listing(expected), `seed ${from + at}`);
    tally.same++;
  }
  assert.ok(tally.same > count / 3 && tally.bothRefuse > count / 4, JSON.stringify(tally));
  assert.ok(tally.refused <= count / 50, `git was clean: ${JSON.stringify(tally)}`);
}

for (const [said, attributes, union] of [
  ["", "", false],
  [" with both sides of each conflict, where .gitattributes says merge=union", "* merge=union\n", true],
] as const)
  test(`random texts merge as git merges them${said}`, () => comparedMerges(attributes, union));

function comparedMerges(attributes: string, union: boolean): void {
  const [from, count] = [1, union ? 1000 : 3000];
  const [theirs, base, ours]: [Files, Files, Files] = [new Map(), new Map(), new Map()];
  for (let at = 0; at < count; at++) {
    const random = seeded(from + at);
    const before =
      at % 10 === 0 ? Buffer.concat(Array.from({ length: 12 }, () => text(random))) : text(random);
    const between = edited(random, before);
    theirs.set(`${at}`, file(before));
    base.set(`${at}`, file(between));
    ours.set(`${at}`, file(edited(random, random(3) ? between : before)));
  }
  if (union) for (const tree of [theirs, base, ours]) tree.set(".gitattributes", file(attributes));
  const ids = write(repo, [
    { files: theirs, parents: [] },
    { files: base, parents: [0] },
    { files: ours, parents: [1] },
  ]);
  const expected = mergedByGit(ids[1]!, ids[2]!);
  const tally = { same: 0, conflict: 0 };
  for (const name of base.keys()) {
    const [from, left, right] = [base, ours, theirs].map((tree) => tree.get(name)!.content);
    if ([from!.equals(left!), from!.equals(right!), left!.equals(right!)].includes(true)) continue;
    const merged = merge(from!, left!, right!, { union });
    const ours_ = "content" in merged ? blobId(merged.content) : undefined;
    const isLeft = union && ours_ === undefined;
    if (!isLeft) assert.equal(ours_, expected.get(name), `text ${name}`);
    tally[ours_ ? "same" : "conflict"]++;
  }
  const { same, conflict } = tally;
  const isFair = union
    ? same > count / 4 && conflict < count / 10
    : same > count / 10 && conflict > count / 10;
  assert.ok(isFair, JSON.stringify(tally));
}

/** The blob of each file that `git revert` could merge. */
function mergedByGit(sha: string, head: string): Map<string, string> {
  judge(repo, sha, head);
  const lines = repo.git(["ls-files", "-s", "-z"]).split("\0");
  return new Map(
    lines.flatMap((line) => {
      const [, id, stage, name] = /^\d+ (\w+) (\d)\t(.*)$/.exec(line) ?? [];
      return stage === "0" ? [[name!, id!] as const] : [];
    }),
  );
}
