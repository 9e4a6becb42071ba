import assert from "node:assert/strict";
import { test } from "node:test";
import { isYaml } from "../../../shared/remedy/rollback/bumps.ts";
import { files } from "../../support/git.ts";
import { openShop, service } from "../../support/github-shop.ts";

const titles = (commits: { title: string }[]) => commits.map(({ title }) => title);
const yaml = { wanted: isYaml, limit: 10 };

test("the text of the files that a commit changed comes before and after; what is no text is left out", async (t) => {
  const trees = [
    files({
      "a.yaml": "tag: 1\n",
      "gone.yaml": "x: 1\n",
      "b.txt": "b\n",
      "bin.yaml": Buffer.from([0xff, 1]),
    }),
    files({
      "a.yaml": "tag: 2\n",
      "new.yaml": "\uFEFFy: 1\n",
      "b.txt": "c\n",
      "bin.yaml": Buffer.from([0xff, 2]),
    }),
  ];
  const { source, shas } = await openShop(t, { trees });
  assert.deepEqual(await source.texts(service, { sha: shas[1]!, ...yaml }), [
    { path: "a.yaml", before: "tag: 1\n", after: "tag: 2\n" },
    { path: "bin.yaml" },
    { path: "gone.yaml", before: "x: 1\n" },
    { path: "new.yaml", after: "\uFEFFy: 1\n" },
  ]);
  assert.equal((await source.texts(service, { sha: shas[1]!, ...yaml, limit: 1 })).length, 1);
  assert.deepEqual(await source.texts(service, { sha: shas[0]!, ...yaml }), []);
});

test("the beginning of an id and a tag name a commit, a branch does not; what lies between two comes newest first, of the service's paths", async (t) => {
  const { source, shas, git } = await openShop(t);
  git("tag", "v1.2.0", shas[2]!);
  git("branch", "deadbeef", shas[2]!);
  assert.equal((await source.find(service, shas[1]!.slice(0, 9)))?.sha, shas[1]);
  assert.equal((await source.find(service, shas[1]!))?.sha, shas[1]);
  assert.equal((await source.find(service, "tags/v1.2.0"))?.sha, shas[2]);
  for (const name of ["deadbeef", "0000000", "0".repeat(40), "tags/v1.3.0"])
    assert.equal(await source.find(service, name), undefined);

  const range = { from: shas[0]!, to: shas[3]!, limit: 10 };
  assert.deepEqual(titles(await source.between(service, range)), ["Change 3", "Change 2", "Change 1"]);
  assert.deepEqual(titles(await source.between(service, { ...range, limit: 1 })), ["Change 3"]);
  assert.deepEqual(titles(await source.between({ ...service, paths: ["src/"] }, range)), [
    "Change 2",
    "Change 1",
  ]);
  assert.deepEqual(await source.between(service, { ...range, from: shas[3]!, to: shas[0]! }), []);
  await assert.rejects(source.between(service, { ...range, to: "0".repeat(40) }), /404/);
});
