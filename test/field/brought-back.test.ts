import assert from "node:assert/strict";
import { test } from "node:test";
import { broughtBack, saysBroughtBack } from "../../shared/git/reapplied.ts";
import { sha } from "../support/incident.ts";

const path = "src/fx.js";
const revert = [
  {
    path,
    patch:
      "@@ -1,3 +1,3 @@\n const a = 1;\n-const minor = payments;\n-const digits = 2;\n+const minor = 1;\n }",
  },
];
const later = (patch: string) => [{ path, patch }];

test("the author's change that stands as before the revert brings it back", () => {
  assert.deepEqual(
    broughtBack(
      revert,
      later(
        "@@ -1,3 +1,3 @@\n const a = 1;\n-const minor = 1;\n+const minor = payments;\n+const digits = 2;\n }",
      ),
    ),
    [path],
  );
});

test("it is brought back also where other lines of the file have changed since", () => {
  assert.deepEqual(
    broughtBack(
      revert,
      later(
        "@@ -1,3 +1,9 @@\n+// more\n-const a = 1;\n+const a = 7;\n-const minor = 1;\n+const minor = payments;\n+const digits = 2;\n }",
      ),
    ),
    [path],
  );
});

test("another change of the same lines, or of other ones, brings nothing back", () => {
  assert.deepEqual(
    broughtBack(revert, later("@@ -1,3 +1,3 @@\n-const minor = 1;\n+const minor = units(payments);\n }")),
    [],
  );
  assert.deepEqual(broughtBack(revert, later("@@ -9,3 +9,4 @@\n+const more = 1;\n }")), []);
  assert.deepEqual(broughtBack(revert, [{ path: "src/other.js", patch: "+const minor = payments;" }]), []);
});

test("a file whose patch is not told is not judged", () => {
  assert.deepEqual(broughtBack(revert, [{ path }]), []);
  assert.deepEqual(broughtBack([{ path }], later("+x")), []);
});

test("a revert that only adds lines is undone by taking them out again", () => {
  const adds = [{ path, patch: "@@ -1 +1,2 @@\n a\n+const guard = true;" }];
  assert.deepEqual(broughtBack(adds, later("@@ -1,2 +1 @@\n a\n-const guard = true;")), [path]);
  assert.deepEqual(broughtBack(adds, later("@@ -1,2 +1,3 @@\n a\n+const other = true;")), []);
});

test("a commit says that it brings a revert back by its sha or by its title, and another revert does not", () => {
  const ours = { sha: sha("f"), title: 'Revert "round payments" (#7)' };
  assert.equal(
    saysBroughtBack(`Revert "Revert "round payments""\n\nThis reverts commit ${sha("f")}.`, ours),
    true,
  );
  assert.equal(saysBroughtBack('Reapply "round payments"', ours), true);
  assert.equal(saysBroughtBack(`Revert "round payments"\n\nThis reverts commit ${sha("c")}.`, ours), false);
  assert.equal(saysBroughtBack('Reapply "round carts"', ours), false);
});
