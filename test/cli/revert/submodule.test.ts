import assert from "node:assert/strict";
import { test } from "node:test";
import { file, files } from "../../support/git.ts";
import { inRow, openRepository } from "./shop.ts";

const [old, bad] = ["1".repeat(40), "2".repeat(40)];
const modules = '[submodule "lib"]\n\tpath = vendor/lib\n\turl = git@github.com:acme/lib.git\n';
const at = (commit: string, readme = "a\n") =>
  files({ ".gitmodules": modules, "vendor/lib": file(commit, "160000"), "README.md": readme });
const reason = "it is a submodule: 222222222222 goes back to 111111111111";
const url = `https://github.com/acme/lib/compare/${old}...${bad}`;

test("a submodule goes back as git puts it back, in a pull request that names both commits", async (t) => {
  const { shas, json, run, judge, git, pulls } = await openRepository(
    t,
    inRow([at(old), at(bad), at(bad, "b\n")]),
  );
  const tree = judge(shas[1]!);
  const dry = await run(shas[1]!, "--dry-run");
  assert.match(
    dry.out,
    /^diff --git a\/vendor\/lib b\/vendor\/lib\nindex 222222222222\.\.111111111111 160000\n--- a\/vendor\/lib\n\+\+\+ b\/vendor\/lib\n@@ -1 \+1 @@\n-Subproject commit 2{40}\n\+Subproject commit 1{40}\n/,
  );
  const { code, lines } = await json(shas[1]!);
  assert.deepEqual([code, lines[0].result, lines[0].tree], [0, "opened", tree]);
  assert.deepEqual(lines[0].guards, [{ path: "vendor/lib", reason, url }]);
  assert.equal(git("ls-tree", `${lines[0].branch}`, "vendor/lib"), `160000 commit ${old}\tvendor/lib`);
  assert.ok((await pulls())[0]!.body.includes(`- \`vendor/lib\`: [${reason}](<${url}>)`));
});
