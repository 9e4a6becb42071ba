import assert from "node:assert/strict";
import { test } from "node:test";
import { type Files, files } from "../support/git.ts";
import { openShop, past, proposalFor, service } from "../support/github-shop.ts";

const [, bad, later] = past as [Files, Files, Files];
/** The revert of the bad commit, merged into main, and the tree that it left. */
const reverted = async (t: Parameters<typeof openShop>[0]) => {
  const shop = await openShop(t);
  const { source, shas } = shop;
  const pull = await source.openPull(service, await proposalFor(source, shas[1]!));
  const merged = await source.merge(service, pull);
  if (merged.result !== "merged") throw new Error(merged.result);
  const text = (path: string) => shop.git("show", `${merged.sha}:${path}`);
  return { ...shop, sha: merged.sha, text };
};
const withFile = (path: string, text: string, elsewhere = "b\n") =>
  files({
    "src/pay.ts": text,
    "docs/a.md": elsewhere,
    "lib/x.ts": "x\n",
    ...(path === "src/pay.ts" ? {} : { [path]: "new\n" }),
  });
const again = (tree: Files): string => Buffer.from(tree.get("src/pay.ts")!.content).toString();

test("a deploy of the revert itself, or of commits that leave it alone, undoes nothing", async (t) => {
  const { source, sha, push, text } = await reverted(t);
  assert.equal(await source.undone(service, { sha, by: sha }), undefined);
  const by = push(withFile("lib/y.ts", `${text("src/pay.ts")}\n`));
  assert.equal(await source.undone(service, { sha, by }), undefined);
});

test("commits that put the culprit's lines back undo the revert, also beside other edits of the file", async (t) => {
  const { source, sha, push } = await reverted(t);
  const by = push(withFile("src/pay.ts", again(later)));
  const undone = await source.undone(service, { sha, by });
  assert.deepEqual([undone?.paths, undone?.commit?.sha], [["src/pay.ts"], by]);
  const more = push(withFile("src/pay.ts", again(later).replace("line 0", "line zero")));
  assert.equal((await source.undone(service, { sha, by: more }))?.commit?.sha, more);
  assert.notEqual(again(bad), again(later));
});

test("another change of the same place undoes nothing", async (t) => {
  const { source, sha, push } = await reverted(t);
  const by = push(withFile("src/pay.ts", again(later).replace("bad", "better")));
  assert.equal(await source.undone(service, { sha, by }), undefined);
});
