import assert from "node:assert/strict";
import { test } from "node:test";
import { folderMode, isPart, type ListedChange, type Tree } from "../../shared/git/model.ts";
import { applied, treeId } from "../../shared/git/object-ids.ts";
import { type Revert, revertTree, type Trees } from "../../shared/git/revert-tree.ts";
import { maybeMoved, neededFolders } from "../../shared/remedy/revert/gather.ts";
import { blobId, type Files, file, treeOf } from "../support/git.ts";
import { history, seeded } from "./random.ts";

/** The tree as it is read of a large repository: these folders with their entries, any other as one entry. */
function part(tree: Tree, folders: string[]): Tree {
  const inside = Map.groupBy([...tree], ([path]) => outermostUnread(path, new Set(folders)));
  const read = inside.get(undefined) ?? [];
  const unread = [...inside].flatMap(
    ([folder, files]): [string, Tree extends Map<string, infer E> ? E : never][] =>
      folder === undefined ? [] : [[folder, { mode: folderMode, sha: idBelow(folder, files) }]],
  );
  return new Map([...read, ...unread]);
}

function outermostUnread(path: string, folders: Set<string>): string | undefined {
  for (let slash = path.indexOf("/"); slash > 0; slash = path.indexOf("/", slash + 1))
    if (!folders.has(path.slice(0, slash))) return path.slice(0, slash);
  return undefined;
}

const idBelow = (folder: string, files: [string, { mode: string; sha: string }][]): string =>
  treeId(new Map(files.map(([path, entry]) => [path.slice(folder.length + 1), entry])));

/** The changes as GitHub lists them, without renames. */
const listed = (before: Tree, after: Tree): ListedChange[] =>
  [...new Set([...before.keys(), ...after.keys()])].flatMap((path) => {
    const [was, is] = [before.get(path), after.get(path)];
    if (was?.sha === is?.sha && was?.mode === is?.mode) return [];
    return [{ path, status: was === undefined ? "added" : is === undefined ? "removed" : "modified" }];
  });

/** Files in folders that the history does not know, so that some stay unread. */
const beside: Files = new Map(
  ["far/away/a", "far/b", "zoo", "app/quiet/x", "lib/quiet/deep/y", "k8s.d/z"].map((path) => [
    path,
    file(path),
  ]),
);

async function inPart(seed: number, ofSince: "all of it" | "nothing") {
  const made = history(seeded(seed));
  const files = [...made.theirs.values(), ...made.base.values(), ...made.ours.values(), ...beside.values()];
  const blobs = new Map(files.map(({ content }) => [blobId(content), content]));
  const read = async (sha: string) => blobs.get(sha)!;
  const wholeOf = (tree: Files): Tree => treeOf(new Map([...beside, ...tree]));
  const whole = { theirs: wholeOf(made.theirs), base: wholeOf(made.base), ours: wholeOf(made.ours) };
  const since = ofSince === "nothing" ? undefined : listed(whole.base, whole.ours);
  const folders = neededFolders([listed(whole.theirs, whole.base)], since)!;
  const parts: Trees = {
    theirs: part(whole.theirs, folders),
    base: part(whole.base, folders),
    ours: part(whole.ours, folders),
  };
  const moved = since === undefined ? maybeMoved([{ sha: "", ...parts }], parts.ours) : [];
  const result: Revert = moved.length > 0 ? { conflicts: moved } : await revertTree(parts, read);
  return { whole, parts, result, expected: await revertTree(whole, read) };
}

const clashes = ({ theirs, base, ours }: Trees): boolean =>
  [theirs, base, ours].some((tree) => [...beside.keys()].some((path) => clash(tree, path)));
const clash = (tree: Tree, path: string): boolean =>
  [...tree.keys()].some((other) => other.startsWith(`${path}/`) || path.startsWith(`${other}/`));

for (const [known, least] of [
  ["all of it", 0],
  ["nothing", 0.25],
] as const)
  test(`random histories read in part come to the same tree, where GitHub lists of what came since ${known}`, async () => {
    const tally = { same: 0, conflicts: 0, refused: 0 };
    for (let seed = 1; seed <= 600; seed++) {
      const { whole, parts, result, expected } = await inPart(seed, known);
      if (clashes(whole)) continue;
      assert.ok(isPart(parts.ours), `seed ${seed}`);
      assert.equal(treeId(parts.ours), treeId(whole.ours), `seed ${seed}`);
      if ("conflicts" in result) {
        tally["conflicts" in expected ? "conflicts" : "refused"]++;
        continue;
      }
      assert.ok("edits" in expected, `seed ${seed}: in conflict when read whole`);
      assert.deepEqual(result.edits, expected.edits, `seed ${seed}`);
      assert.equal(treeId(applied(parts.ours, result.edits)), treeId(applied(whole.ours, expected.edits)));
      tally.same++;
    }
    assert.ok(tally.same > 150, JSON.stringify(tally));
    assert.ok(tally.refused <= (tally.same + tally.refused) * least, JSON.stringify(tally));
  });

test("a folder that is no file of the change is a conflict, never an edit", async () => {
  const entry = (letter: string) => ({ mode: folderMode, sha: letter.repeat(40) });
  const trees: Trees = {
    theirs: new Map([["app", entry("a")]]),
    base: new Map([["app", entry("b")]]),
    ours: new Map([["app", entry("b")]]),
  };
  assert.deepEqual(await revertTree(trees, async () => Buffer.from("")), {
    conflicts: [{ path: "app", kind: "folder", detail: "GitHub lists not all of the files in it" }],
  });
});
