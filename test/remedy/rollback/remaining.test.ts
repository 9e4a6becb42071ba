import assert from "node:assert/strict";
import { test } from "node:test";
import { bumpsOf } from "../../../shared/remedy/rollback/bumps.ts";
import { remaining, remainingNotes } from "../../../shared/remedy/rollback/remaining.ts";

const left = (before: Record<string, string>, after: Record<string, string>): string[] => {
  const files = Object.keys(after).map((path) => ({ path, before: before[path], after: after[path] }));
  const changes = files.flatMap(({ path, before, after }) =>
    before === undefined || after === undefined ? [] : [{ path, before, after }],
  );
  return remaining(changes, bumpsOf(changes)).map(({ path, line, text }) => `${path}:${line} ${text}`);
};

test("a version that no form knows stays, and is named with its line", () => {
  const at = (version: string, tag: string) => ({
    "prod/kustomization.yaml": `images:\n- name: acme/api\n  newTag: ${tag}\n`,
    "prod/settings.yaml": `other: 1\nrelease: ${version}\n`,
  });
  assert.deepEqual(left(at("1.0.0", "a1"), at("1.1.0", "b2")), ["prod/settings.yaml:2 release: 1.1.0"]);
});

test("custom resource definitions that moved with a chart stay as they are", () => {
  const at = (version: string, field: string) => ({
    "Chart.yaml": `name: a\ndependencies:\n- name: operator\n  version: ${version}\n  repository: x\n`,
    "crds/a.yaml": `kind: CustomResourceDefinition\nspec:\n  versions: [{name: v1, schema: {${field}: {}}}]\n`,
  });
  assert.deepEqual(left(at("1.0.0", "a"), at("2.0.0", "b")), [
    "crds/a.yaml:3 versions: [{name: v1, schema: {b: {}}}]",
  ]);
});

test("the revision of a remote base and the version of what a chart runs go back with the tag", () => {
  const at = (sha: string, tag: string) => ({
    "prod/kustomization.yaml": `resources:\n- https://github.com/acme/app//deploy?ref=${sha}\nimages:\n- name: acme/api\n  newTag: ${tag}\n`,
    "chart/Chart.yaml": `name: api\nappVersion: ${tag}\n`,
    "chart/values.yaml": `image:\n  repository: acme/api\n  tag: ${tag}\n`,
  });
  assert.deepEqual(left(at("1111111aaaa", "v1.0.0"), at("2222222bbbb", "v1.1.0")), []);
});

test("what is no version is not told as one", () => {
  const at = (count: number, tag: string) => ({
    "k/kustomization.yaml": `images:\n- name: acme/api\n  newTag: ${tag}\n`,
    "k/a.yaml": `# see v1.${count}.0\nreplicas: ${count}\nref:\nip: 10.0.0.${count}\napiVersion: v1beta${count}\n`,
  });
  assert.deepEqual(left(at(2, "a1"), at(3, "b2")), []);
});

test("what moved is told from what came with it, and a comment or a description alone is neither", () => {
  const path = "a.yaml";
  const before = "note: x\nfirst: 1.0.0 # old\nsecond: 1.0.0\ndescription: to 1.0.0\n";
  const after = "note: x\nfirst: 1.0.0 # new\nsecond: 1.1.0\ndescription: to 1.1.0\nthird: 3.0.0\n";
  assert.deepEqual(remaining([{ path, before, after }], []), [
    { path, line: 3, text: "second: 1.1.0" },
    { path, line: 5, text: "third: 3.0.0", isNew: true },
  ]);
  assert.deepEqual(remainingNotes(remaining([{ path, before, after }], [])), [
    "a.yaml:3 moved in the same change and stays: second: 1.1.0",
    "a.yaml:5 came with the same change and stays: third: 3.0.0",
  ]);
});

test("the index of a repository of charts is told by none of its versions", () => {
  const index = (version: string) =>
    `apiVersion: v1\nentries:\n  api:\n  - version: ${version}\ngenerated: 2026\n`;
  assert.deepEqual(
    remaining([{ path: "docs/index.yaml", before: index("1.0.0"), after: index("1.1.0") }], []),
    [],
  );
});

test("many lines are told in few sentences", () => {
  const lines = Array.from({ length: 12 }, (_, line) => ({ path: "a", line, text: "version: 1" }));
  const notes = remainingNotes(lines);
  assert.equal(notes.length, 9);
  assert.equal(notes[0], "a:0 moved in the same change and stays: version: 1");
  assert.equal(notes[8], "4 more lines of the same change stay");
});
