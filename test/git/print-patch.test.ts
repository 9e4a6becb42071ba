import assert from "node:assert/strict";
import { after, test } from "node:test";
import { patch, submoduleText } from "../../shared/git/print-patch.ts";
import { type File, type Files, file, files, repository, write } from "../support/git.ts";
import { numbered } from "./past.ts";
import { history, seeded } from "./random.ts";

const repo = repository();
after(repo.remove);

const shown = ({ mode, content }: File) => ({
  mode,
  content: mode === "160000" ? submoduleText(content.toString()) : content,
});

/** The tree that `git apply` makes of the patches from one tree to the other, and the other's. */
function applied(from: Files, to: Files): [string, string] {
  const [a, b] = write(repo, [
    { files: from, parents: [] },
    { files: to, parents: [0] },
  ]) as [string, string];
  const paths = [...new Set([...from.keys(), ...to.keys()])].sort();
  const same = (path: string) =>
    from.get(path)?.mode === to.get(path)?.mode &&
    from.get(path)?.content.equals(to.get(path)?.content ?? Buffer.from([0])) === true;
  const patches = paths
    .filter((path) => !same(path))
    .map((path) => {
      const [before, after] = [from.get(path), to.get(path)];
      return patch({ path, ...(before && { before: shown(before) }), ...(after && { after: shown(after) }) });
    });
  repo.git(["read-tree", a]);
  if (patches.length > 0) repo.git(["apply", "--cached", "--unidiff-zero", "-"], patches.join(""));
  return [repo.git(["write-tree"]).trim(), repo.git(["rev-parse", `${b}^{tree}`]).trim()];
}

test("git applies the patch: hunks, files that come and go, modes, links and a missing last newline", () => {
  const before = files({
    ...{ "src/a": numbered(60), gone: "x\n", bare: "no newline", empty: "" },
    run: file("#!/bin/sh\n", "100644"),
    link: file("src/a", "120000"),
    sub: file("1".repeat(40), "160000"),
  });
  const after = files({
    "src/a": numbered(60, { 2: "changed", 7: "near", 40: "far" }),
    ...{ fresh: "1\n2\n", bare: "no newline\nat all", full: "" },
    run: file("#!/bin/sh\n", "100755"),
    link: file("run", "120000"),
    sub: file("2".repeat(40), "160000"),
  });
  const [made, expected] = applied(before, after);
  assert.equal(made, expected);
});

test("git applies the patches of random changes", () => {
  for (let seed = 0; seed < 40; seed++) {
    const { theirs, base } = history(seeded(seed));
    const text = (tree: Files) =>
      new Map([...tree].filter(([, { content }]) => !content.includes(0) && isUtf8(content)));
    const [made, expected] = applied(text(base), text(theirs));
    assert.equal(made, expected, `seed ${seed}`);
  }
});
const isUtf8 = (content: Buffer) => Buffer.from(content.toString()).equals(content);
