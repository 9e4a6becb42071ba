import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bumpsOf, isBumpOnly, pinsOf, putBack } from "../../../shared/remedy/rollback/bumps.ts";

const deployment = (image: string, more = "") => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  template:
    spec:
      containers:
        - name: web
          image: ${image}
${more}`;

/** Changes that look like a bump and are none. */
const near: [what: string, path: string, before: string, after: string][] = [
  ["another image", "web.yaml", deployment("acme/web:1"), deployment("acme/shop:1")],
  ["a tag where none was", "web.yaml", deployment("acme/web"), deployment("acme/web:1")],
  [
    "a container that was added",
    "web.yaml",
    deployment("acme/web:1"),
    deployment("acme/web:1", "        - name: b\n          image: acme/b:1\n"),
  ],
  [
    "a renamed container",
    "web.yaml",
    deployment("acme/web:1"),
    deployment("acme/web:2").replace("- name: web", "- name: main"),
  ],
  [
    "a template",
    "templates/web.yaml",
    deployment('"{{ .Values.image }}:1"'),
    deployment('"{{ .Values.image }}:2"'),
  ],
  ["a variable", "web.yaml", deployment(`"acme/web:\${TAG}1"`), deployment(`"acme/web:\${TAG}2"`)],
  ["what is no YAML", "web.yaml", `${deployment("acme/web:1")}\t: [`, `${deployment("acme/web:2")}\t: [`],
  [
    "replicas",
    "web.yaml",
    deployment("acme/web:1"),
    deployment("acme/web:1").replace("replicas: 2", "replicas: 3"),
  ],
  ["quotes alone", "web.yaml", deployment("acme/web:1"), deployment('"acme/web:1"')],
  [
    "a workflow",
    ".github/workflows/ci.yaml",
    "jobs:\n  a:\n    container: { repository: acme/ci, tag: 1 }\n",
    "jobs:\n  a:\n    container: { repository: acme/ci, tag: 2 }\n",
  ],
  ["a format's version", "settings.yaml", "schema_version: 1\n", "schema_version: 2\n"],
  ["a bound", "settings.yaml", "minTlsVersion: 1.2\n", "minTlsVersion: 1.3\n"],
  ["a locked provider", ".terraform.lock.hcl", 'version = "5.1.0"\n', 'version = "5.2.0"\n'],
  ["broken YAML that is no template", "a.yaml", "image: a/b:1\n\t: [", "image: a/b:2\n\t: ["],
  ["a tag of something else", "settings.yaml", "release:\n  tag: 1\n", "release:\n  tag: 2\n"],
  [
    "an Application of another API",
    "app.yaml",
    "apiVersion: app.k8s.io/v1\nkind: Application\nspec: { source: { repoURL: a, targetRevision: '1' } }\n",
    "apiVersion: app.k8s.io/v1\nkind: Application\nspec: { source: { repoURL: a, targetRevision: '2' } }\n",
  ],
  ["prose", "README.md", "image: acme/web:1\n", "image: acme/web:2\n"],
  ["a package's own version", "package.json", '{"version": "1.0.0"}', '{"version": "1.0.1"}'],
  [
    "a lock file",
    "package-lock.json",
    '{"packages": {"a": {"version": "1.0.0"}}}',
    '{"packages": {"a": {"version": "1.0.1"}}}',
  ],
  ["a variable of Terraform", "main.tf", `image = "a/b:${"$"}{var.x}1"\n`, `image = "a/b:${"$"}{var.x}2"\n`],
  ["a comment", ".env", "# IMAGE=acme/web:1\n", "# IMAGE=acme/web:2\n"],
  ["a time limit", "api.env", "RETRIES=1\nTIMEOUT=10s\n", "RETRIES=2\nTIMEOUT=11s\n"],
  [
    "a schema's version in a custom resource of Kubernetes",
    "a.yaml",
    "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nspec: { version: '1' }\n",
    "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nspec: { version: '2' }\n",
  ],
  [
    "one more of the same name",
    "kustomization.yaml",
    "images:\n- { name: a, newTag: '1' }\n- { name: a, newTag: '5' }\n",
    "images:\n- { name: a, newTag: '2' }\n- { name: a, newTag: '5' }\n- { name: a, newTag: '6' }\n",
  ],
];

for (const [what, path, before, after] of near)
  test(`no bump: ${what}`, () => assert.deepEqual(bumpsOf([{ path, before, after }]), []));

test("an image that came from another registry goes back there with its tag", () => {
  const [before, after] = [deployment("acme/web:1"), deployment("ghcr.io/acme/web:2")];
  const bumps = bumpsOf([{ path: "web.yaml", before, after }]);
  assert.deepEqual(
    bumps.map(({ name, from, to }) => [name, from, to]),
    [["ghcr.io/acme/web", "acme/web:1", "2"]],
  );
  assert.deepEqual(putBack("web.yaml", after, bumps), { text: before, moved: [] });
});

test("of several with one name the one that moved goes back, unless one has moved on or come since", () => {
  const at = (...tags: string[]) =>
    `images:\n${tags.map((tag) => `- { name: a, newTag: '${tag}' }\n`).join("")}`;
  const path = "kustomization.yaml";
  const bumps = bumpsOf([{ path, before: at("1", "5"), after: at("2", "5") }]);
  assert.deepEqual(
    bumps.map(({ from, to, line, aside }) => [from, to, line, aside]),
    [["1", "2", 2, true]],
  );
  assert.deepEqual(putBack(path, at("2", "5"), bumps), { text: at("1", "5"), moved: [] });
  assert.deepEqual(putBack(path, at("5", "2"), bumps), {
    unrestorable: { path, detail: "several are called a, and one has moved on since" },
  });
  assert.deepEqual(putBack(path, at("0", "2", "5"), bumps), {
    unrestorable: { path, detail: "a is not pinned where it was" },
  });
});

test("a chart's own version, a provider's constraint and an action are seen, and no commit is looked for behind them", () => {
  const seen = (path: string, before: string, after: string) => {
    const bumps = bumpsOf([{ path, before, after }]);
    assert.deepEqual(putBack(path, after, bumps), { text: before, moved: [] });
    return bumps.map(({ name, from, to, aside }) => [name, from, to, aside]);
  };
  const chart = (version: string) => `name: a\nversion: ${version}\n`;
  assert.deepEqual(seen("Chart.yaml", chart("1.0.0"), chart("1.0.1")), [["chart a", "1.0.0", "1.0.1", true]]);
  const providers = (version: string) =>
    `terraform {\n  required_providers {\n    aws = { source = "acme/aws", version = "${version}" }\n  }\n}\n`;
  assert.deepEqual(seen("main.tf", providers("~> 5.1"), providers("~> 5.2")), [
    ["acme/aws", "~> 5.1", "~> 5.2", true],
  ]);
  const workflow = (ref: string) => `jobs:\n  a:\n    steps:\n    - uses: acme/checkout@${ref}\n`;
  assert.deepEqual(
    seen(".github/workflows/ci.yaml", workflow("11d5960 # v4"), workflow("3d3c42e # v5.0.0")),
    [["acme/checkout", "11d5960", "3d3c42e", true]],
  );
});

test("a file that came or went moved nothing", () => {
  assert.deepEqual(bumpsOf([{ path: "web.yaml", after: deployment("acme/web:1") }]), []);
  assert.deepEqual(bumpsOf([{ path: "web.yaml", before: deployment("acme/web:1") }]), []);
});

test("a bump with another edit beside it is told, and is not all of the change", () => {
  const files = [
    {
      path: "web.yaml",
      before: deployment("acme/web:1"),
      after: deployment("acme/web:2").replace("replicas: 2", "replicas: 9"),
    },
  ];
  const bumps = bumpsOf(files);
  assert.deepEqual(
    bumps.map(({ from, to }) => [from, to]),
    [["1", "2"]],
  );
  assert.equal(isBumpOnly(files, bumps), false);
  const back = putBack("web.yaml", files[0]!.after, bumps);
  assert.deepEqual(back, { text: deployment("acme/web:1").replace("replicas: 2", "replicas: 9"), moved: [] });
});

test("a version that moved on since goes back all the same, and says so; one that is gone cannot be restored", () => {
  const bumps = bumpsOf([
    { path: "web.yaml", before: deployment("acme/web:1"), after: deployment("acme/web:2") },
  ]);
  assert.deepEqual(putBack("web.yaml", deployment("acme/web:3"), bumps), {
    text: deployment("acme/web:1"),
    moved: ["acme/web has moved on from 2 to 3 since: that goes back to 1 too"],
  });
  assert.deepEqual(putBack("web.yaml", deployment("acme/other:3"), bumps), {
    unrestorable: { path: "web.yaml", detail: "acme/web is not pinned where it was" },
  });
  assert.deepEqual(putBack("web.yaml", deployment("acme/web:1"), bumps), {
    text: deployment("acme/web:1"),
    moved: [],
  });
});

test("any text is read without a throw, and what is told of it stands in it", () => {
  const line = fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.constantFrom(
      "images:",
      "- name: a",
      "  newTag: x",
      "image:",
      "  tag: 1",
      "  repository: b/c",
      "kind: Deployment",
      "---",
      "  - &a",
      "*a",
    ),
  );
  const path = fc.constantFrom(
    "values.yaml",
    "kustomization.yaml",
    ".argocd-source-a.yaml",
    "Chart.yaml",
    "a.yml",
  );
  fc.assert(
    fc.property(path, fc.array(line, { maxLength: 12 }), (path, lines) => {
      const text = lines.join("\n");
      for (const { value, range, field } of pinsOf(path, text)?.pins.values() ?? []) {
        const written = text.slice(...range);
        if (field === "tag" && !/^['"]/.test(written)) assert.equal(written.trim(), value);
      }
    }),
    { numRuns: 300 },
  );
});

test("whatever tag moves, the bump has both and putting it back gives the same bytes", () => {
  const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/);
  const quote = fc.constantFrom("", '"', "'");
  const comment = fc.constantFrom("", " # keep", ' # {"$imagepolicy": "a:b:tag"}');
  const newline = fc.constantFrom("\n", "\r\n");
  const mark = fc.constantFrom("", "\uFEFF");
  fc.assert(
    fc.property(
      tag,
      tag,
      quote,
      quote,
      comment,
      newline,
      mark,
      (from, to, q1, q2, comment, newline, mark) => {
        fc.pre(from !== to);
        const text = (tag: string, quote: string) =>
          [
            `${mark}# hi`,
            "images:",
            "  - name: acme/web",
            `    newTag: ${quote}${tag}${quote}${comment}`,
            "  - name: other",
            "    newTag: '5'",
            "",
          ].join(newline);
        const [before, after] = [text(from, q1), text(to, q2)];
        const bumps = bumpsOf([{ path: "kustomization.yaml", before, after }]);
        assert.deepEqual(
          bumps.map((one) => [one.name, one.from, one.to, one.line]),
          [["acme/web", from, to, 4]],
        );
        assert.deepEqual(putBack("kustomization.yaml", after, bumps), { text: before, moved: [] });
      },
    ),
    { numRuns: 300 },
  );
});
