import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { scaleCommand } from "../../infra/cli/scale/command.ts";
import { compareRenders, kustomize } from "../../infra/cli/scale/render.ts";
import { startSandbox } from "../../infra/sandbox/index.ts";
import { layouts, unmarked } from "../remedy/scale/layouts.ts";
import { subjects } from "../remedy/scale/subjects.ts";
import { files as gitFiles, point, repository, write } from "../support/git.ts";
import { runGit } from "../support/git-runner.ts";

const hpa = `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: api, namespace: shop}
spec:
  scaleTargetRef: {kind: Deployment, name: api}
  minReplicas: 3
  maxReplicas: 50 # ceiling
`;

function folder(t: TestContext, files: Record<string, string>): string {
  const dir = mkdtempSync(join(tmpdir(), "countersteer-scale-"));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return dir;
}

async function run(argv: string[], env: Record<string, string> = {}) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await scaleCommand(argv, env, {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
  });
  return { code, out: out.join(""), err: err.join("") };
}
const max56 = ["--target", "Deployment/shop/api", "--max", "56"];

test("a folder's file is edited in place, its mode kept, and the edit told as JSON", async (t) => {
  const dir = folder(t, { "k8s/hpa.yaml": hpa });
  chmodSync(join(dir, "k8s/hpa.yaml"), 0o640);
  const { code, out } = await run([dir, ...max56, "--json"]);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(out), {
    result: "edited",
    owner: {
      kind: "HorizontalPodAutoscaler",
      name: "api",
      file: "k8s/hpa.yaml",
      line: 7,
      path: "spec.maxReplicas",
    },
    ...{ before: 50, after: 56 },
    diff: `diff --git a/k8s/hpa.yaml b/k8s/hpa.yaml
index e0083dae3079..161968849675 100644
--- a/k8s/hpa.yaml
+++ b/k8s/hpa.yaml
@@ -4,4 +4,4 @@
 spec:
   scaleTargetRef: {kind: Deployment, name: api}
   minReplicas: 3
-  maxReplicas: 50 # ceiling
+  maxReplicas: 56 # ceiling
`,
    effects: ["+6 replicas at the most"],
  });
  assert.equal(readFileSync(join(dir, "k8s/hpa.yaml"), "utf8"), hpa.replace("50", "56"));
  assert.equal(statSync(join(dir, "k8s/hpa.yaml")).mode & 0o777, 0o640);
  assert.deepEqual(readdirSync(join(dir, "k8s")), ["hpa.yaml"]);
});

test("a dry run writes nothing and prints a diff that git applies", async (t) => {
  const dir = folder(t, { "hpa.yaml": hpa });
  const { code, out, err } = await run([dir, ...max56, "--dry-run"]);
  assert.equal(code, 0);
  assert.equal(readFileSync(join(dir, "hpa.yaml"), "utf8"), hpa);
  assert.equal(
    err,
    "hpa.yaml:7 spec.maxReplicas of HorizontalPodAutoscaler api: 50 → 56, not written\n  +6 replicas at the most\n",
  );
  execFileSync("git", ["apply"], { cwd: dir, input: out });
  assert.equal(readFileSync(join(dir, "hpa.yaml"), "utf8"), hpa.replace("50", "56"));
});

test("what is refused is one sentence with its place, exit code 1, and nothing written", async (t) => {
  const dir = folder(t, { "hpa.yaml": hpa });
  for (const [argv, reason] of [
    [
      ["--max", "-5"],
      "hpa.yaml:7: spec.maxReplicas: --max -5 is negative; a whole number of at least 1 is wanted",
    ],
    [["--max", "2"], "hpa.yaml:7: spec.maxReplicas: 2 is below its minimum of 3 (hpa.yaml:6)"],
    [
      ["--min", "2.5"],
      "hpa.yaml:6: spec.minReplicas: --min 2.5 is a fraction; a whole number of at least 1 is wanted",
    ],
  ] as const) {
    const { code, out } = await run([dir, "--target", "hpa/shop/api", ...argv, "--json"]);
    const said = JSON.parse(out);
    assert.deepEqual(
      [code, said.result, said.reason, said.diff, said.effects],
      [1, "refused", reason, "", []],
    );
    assert.equal(said.owner.file, "hpa.yaml");
    assert.equal(readFileSync(join(dir, "hpa.yaml"), "utf8"), hpa);
  }
});

test("broken YAML elsewhere stops the edit where it may say something else of the target", async (t) => {
  const broken = "kind: HorizontalPodAutoscaler\nmetadata: { name: api }\nb: [\n";
  const dir = folder(t, { "hpa.yaml": hpa, "deep/broken.yaml": broken, "deep/other.yaml": "a: 1\n  b: [\n" });
  const { code, err } = await run([dir, ...max56]);
  assert.equal(code, 1);
  assert.match(err, /^refused: deep\/broken\.yaml:\d: .*; nothing is changed/);
  assert.equal(readFileSync(join(dir, "hpa.yaml"), "utf8"), hpa);
});

test("wrong usage is one sentence and exit code 2", async (t) => {
  const dir = folder(t, { "hpa.yaml": hpa });
  const cases: [string[], string][] = [
    [[], "the first argument is the folder, or OWNER/REPO"],
    [[dir], "give exactly one of --to, --by, --max, --min, --memory and --cpu"],
    [[dir, "--max", "5", "--min", "2"], "give exactly one of --to, --by, --max, --min, --memory and --cpu"],
    [[dir, "--max", "5"], "give either --target KIND/NAMESPACE/NAME or --service S"],
    [
      [dir, "--max", "5", "--target", "api"],
      '--target is KIND/NAMESPACE/NAME (a namespace of - is any), not "api"',
    ],
    [["/no/such/folder", ...max56], '"/no/such/folder" is neither a folder nor OWNER/REPO'],
    [["acme/shop", ...max56], "acme/shop is not a folder here, and for GitHub GITHUB_TOKEN is not set"],
    [[dir, "--frobnicate"], "Unknown option '--frobnicate'"],
  ];
  for (const [argv, sentence] of cases)
    assert.deepEqual(await run(argv), { code: 2, out: "", err: `scale: ${sentence} (see --help)\n` });
});

test("in a repository it opens one pull request, however often it is asked", async (t) => {
  const repo = repository();
  t.after(repo.remove);
  const [sha] = write(repo, [
    { files: gitFiles({ "deploy/hpa.yaml": hpa, "readme.md": "x\n" }), parents: [] },
  ]);
  point(repo, "main", sha!);
  const sandbox = await startSandbox({ repos: { "acme/shop": `${repo.dir}/.git` }, log: () => {}, runGit });
  t.after(() => sandbox.close());
  const env = { GITHUB_API_URL: sandbox.github, GITHUB_TOKEN: sandbox.token };
  const first = JSON.parse((await run(["acme/shop", ...max56, "--json"], env)).out);
  assert.deepEqual([first.result, first.before, first.after, first.owner.line], ["opened", 50, 56, 7]);
  const second = JSON.parse((await run(["acme/shop", ...max56, "--json"], env)).out);
  assert.deepEqual(second, first);
  const branches = repo.git(["for-each-ref", "--format=%(refname:short)", "refs/heads/countersteer"]).trim();
  assert.equal(branches, first.pull.branch);
  assert.equal(repo.git(["show", `${branches}:deploy/hpa.yaml`]), hpa.replace("50", "56"));
  assert.equal(repo.git(["diff", "--stat", "main", branches]).trim().split("\n").length, 2);
  const dry = await run(["acme/shop", "--target", "hpa/shop/api", "--min", "4", "--dry-run"], env);
  assert.match(dry.out, /^\+ {2}minReplicas: 4$/m);
  assert.equal(repo.git(["for-each-ref", "refs/heads/countersteer"]).trim().split("\n").length, 1);
});

test("what kustomize renders before and after differs in the field alone", async (t) => {
  if ((await kustomize(tmpdir()).catch(() => "installed")) === undefined)
    return t.skip("neither kustomize nor kubectl is installed");
  const deployment = subjects.find(({ name }) => name === "Deployment")!;
  const names = [
    "an inline JSON 6902 patch with a pattern",
    "a component",
    "a prefix and a suffix",
    "replicas of a kustomization",
  ];
  for (const layout of names.map((name) => layouts.find((one) => one.name === name)!)) {
    const made = Object.entries(layout.files(deployment)).map(([path, text]) => [path, unmarked(text)]);
    const dir = folder(t, Object.fromEntries(made));
    const target = `Deployment/shop/${layout.called ?? "api"}`;
    const { code, err } = await run([dir, "--target", target, "--to", "6"]);
    assert.equal(code, 0, `${layout.name}: ${err}`);
    assert.match((await kustomize(join(dir, "overlays/prod")))!, /^ {2}replicas: 6$/m, layout.name);
  }
});

test("a layer of a deployer is written also where kustomize renders what the deployer applies", async (t) => {
  const applied = {
    "apps/kustomization.yaml": "resources: [api.yaml]\n",
    "apps/api.yaml": deploymentOf("2"),
  };
  const replicas = "      replicas: [{ name: api, count: 4 }]\n";
  const dirs = [
    folder(t, { ...applied, "argo/api.yaml": `${application("apps")}    kustomize:\n${replicas}` }),
    folder(t, {
      ...{
        "apps/kustomization.yaml": "resources: [api.yaml]\n",
        "apps/api.yaml": deploymentOf("$" + "{N:=2}"),
      },
      ...{
        "clusters/prod/apps.yaml": fluxOf("apps"),
        "clusters/prod/kustomization.yaml": "resources: [apps.yaml]\n",
      },
    }),
  ];
  for (const dir of dirs) {
    const { code, err } = await run([dir, "--target", "Deployment/shop/api", "--to", "6"]);
    assert.equal(code, 0, err);
  }
  // A patch of the deployer itself, which what it applies does not show.
  const operation = "        - op: replace\n          path: /spec/replicas\n          value: 4\n";
  const patches = `  patches:\n    - target: { kind: Deployment, name: api }\n      patch: |\n${operation}`;
  const dir = folder(t, { ...applied, "clusters/prod/apps.yaml": `${fluxOf("./apps")}${patches}` });
  const { code, err } = await run([dir, "--target", "Deployment/shop/api", "--to", "6"]);
  assert.equal(code, 0, err);
  assert.match(readFileSync(join(dir, "clusters/prod/apps.yaml"), "utf8"), /^ {10}value: 6$/m);
  assert.equal(readFileSync(join(dir, "apps/api.yaml"), "utf8"), deploymentOf("2"));
});

test("a value of its own in an environment's kustomization is what kustomize renders, and the others stay", async (t) => {
  const dir = folder(t, {
    ...{ "base/kustomization.yaml": "resources: [api.yaml, hpa.yaml]\n", "base/api.yaml": deploymentOf("2") },
    ...{
      "base/hpa.yaml": hpa.replaceAll("name: api", "name: web"),
      "dev/kustomization.yaml": "resources: [../base]\n",
    },
    "prod/kustomization.yaml": "namePrefix: p-\nresources:\n  - ../base\n",
  });
  for (const argv of [
    ["--target", "Deployment/-/p-api", "--to", "3"],
    ["--target", "hpa/-/p-web", "--max", "56"],
  ]) {
    const { code, err } = await run([dir, ...argv]);
    assert.equal(code, 0, err);
  }
  const [prod, dev] = [await rendered(join(dir, "prod")), await rendered(join(dir, "dev"))];
  if (prod === undefined || dev === undefined) return t.skip("neither kustomize nor kubectl is installed");
  assert.deepEqual([/replicas: 3$/m.test(prod), /maxReplicas: 56$/m.test(prod)], [true, true]);
  assert.deepEqual([/replicas: 2$/m.test(dev), /maxReplicas: 50$/m.test(dev)], [true, true]);
});

const rendered = (dir: string): Promise<string | undefined> => kustomize(dir);

const deploymentOf = (replicas: string): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: api, namespace: shop }\nspec:\n  replicas: ${replicas}\n`;
const application = (path: string): string =>
  `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: { name: api }\nspec:\n  source:\n    path: ${path}\n`;
const fluxOf = (path: string): string =>
  `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: { name: apps }\nspec:\n  path: ${path}\n  sourceRef: { name: flux-system }\n  postBuild: { substitute: { N: "4" } }\n`;

test("an edit that kustomize does not render is refused", async (t) => {
  const dir = folder(t, { "hpa.yaml": hpa, "kustomization.yaml": "resources: [hpa.yaml]\n" });
  const edited = {
    ...{
      owner: { kind: "", name: "", file: "hpa.yaml", line: 7, path: "" },
      before: 50,
      after: 50,
      effects: [],
    },
    ...{ text: `${hpa}# nothing\n`, rendering: { root: "", of: ["", "hpa.yaml"] } },
  };
  const proof = await compareRenders(dir, edited);
  if ("why" in proof) return t.skip(proof.why);
  assert.deepEqual(proof, { wrong: "0 fields of what kustomize renders would change" });
});

for (const [kind, apiVersion] of [
  ["ConfigMap", "v1"],
  ["DaemonSet", "apps/v1"],
  ["CronJob", "batch/v1"],
  ["Job", "batch/v1"],
] as const)
  test(`a ${kind} is refused in one sentence, as wrong usage`, async (t) => {
    const object = `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: api, namespace: shop}\n`;
    const dir = folder(t, { "k8s/api.yaml": object });
    for (const value of [
      ["--max", "4"],
      ["--to", "4"],
      ["--by", "1"],
    ]) {
      const { code, out, err } = await run([dir, "--target", `${kind}/shop/api`, ...value]);
      assert.deepEqual(
        [code, out, err],
        [
          2,
          "",
          `refused: ${kind} is not a kind that is scaled here; it is one of HorizontalPodAutoscaler, ScaledObject, VerticalPodAutoscaler, Service, Rollout, Deployment, StatefulSet, ReplicaSet, NodePool, HelmRelease, Application, Terraform, Pulumi, ClusterAutoscaler\n`,
        ],
      );
    }
    assert.equal(readFileSync(join(dir, "k8s/api.yaml"), "utf8"), object);
  });

test("a DaemonSet that an autoscaler names is scaled by the autoscaler", async (t) => {
  const dir = folder(t, { "k8s/hpa.yaml": hpa.replace("kind: Deployment", "kind: DaemonSet") });
  const { code } = await run([dir, "--target", "DaemonSet/shop/api", "--max", "56"]);
  assert.equal(code, 0);
});
