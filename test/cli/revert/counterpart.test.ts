import assert from "node:assert/strict";
import { test } from "node:test";
import { numbered } from "../../git/past.ts";
import { files } from "../../support/git.ts";
import { inRow, openRepository } from "./shop.ts";

const past = inRow([
  files({ a: numbered(20) }),
  files({ a: numbered(20, { 10: "bad" }) }),
  files({ a: numbered(20, { 10: "bad" }), b: "x\n" }),
]);

/** A release branch from before the bad change, to which it was picked with these arguments, below another line. */
const released = async (t: Parameters<typeof openRepository>[0], pick: string[]) => {
  const made = await openRepository(t, past);
  const { git, shas } = made;
  git("checkout", "-q", "-f", "-B", "release", shas[0]!);
  git("-c", "user.name=Ann", "-c", "user.email=a@b.c", "commit", "-q", "--allow-empty", "-m", "Release 1");
  git("-c", "user.name=Ann", "-c", "user.email=a@b.c", "cherry-pick", ...pick, shas[1]!);
  return { ...made, picked: git("rev-parse", "HEAD") };
};

for (const [said, pick, by] of [
  ["its trailer", ["-x"], "its trailer"],
  ["its patch", [], "its patch"],
] as const)
  test(`a commit that was picked to a release branch is found there by ${said}, and goes back`, async (t) => {
    const { shas, json, git, picked } = await released(t, [...pick]);
    const { code, lines } = await json(shas[1]!, "--onto", "release");
    const [first, there] = [shas[1]!.slice(0, 12), picked.slice(0, 12)];
    assert.deepEqual(
      [code, lines[0].result, lines[0].reason],
      [0, "opened", `${first} is on release as ${there}, told by ${by}: that one goes back`],
    );
    assert.equal(lines[0].tree, git("rev-parse", "release~1^{tree}"));
    assert.equal(git("rev-parse", `${lines[0].branch}~1`), picked);
  });

test("a picked commit is found on the branch that it came from, and another change of its title is not it", async (t) => {
  const { shas, json, git, picked } = await released(t, ["-x"]);
  const { code, lines } = await json(picked, "--onto", "main");
  assert.deepEqual([code, lines[0].result], [0, "opened"]);
  assert.equal(lines[0].tree, git("rev-parse", `${lines[0].branch}^{tree}`));
  assert.match(lines[0].reason, new RegExp(`is on main as ${shas[1]!.slice(0, 12)}, told by its trailer`));
  const other = await json(shas[2]!, "--onto", "release");
  assert.deepEqual(
    [other.code, other.lines[0].result, other.lines[0].reason],
    [1, "refused", `${shas[2]} is not on release of acme/shop`],
  );
});
