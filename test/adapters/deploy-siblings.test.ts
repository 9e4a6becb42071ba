import assert from "node:assert/strict";
import { test } from "node:test";
import { readSaid } from "../../functions/deploy-reports/read.ts";

// Siblings of the captures: other versions of the tools, missing fields, other orders. Each row: the sibling, the deploy in short
// (tool|name|status|commits|images, or `ignored`), the body and its headers.

const [a, b] = ["a".repeat(40), "b".repeat(40)];
const digest = `sha256:${"1".repeat(64)}`;
const repository = "https://github.com/acme/shop";
type Row = [sibling: string, told: string, body: object, headers?: Record<string, string>];

const inShort = (body: object, headers: Record<string, string> = {}): string => {
  const given = new Headers({ "content-type": "application/json", ...headers });
  const [said] = readSaid(given, Buffer.from(JSON.stringify(body))).said;
  if (said === undefined || "problem" in said) return "problem";
  if ("report" in said) return "our own form";
  const [told] = said.told;
  if (told === undefined) return "ignored";
  const { tool, name, status, commits, images, rolledBack = false } = told;
  const shas = commits.map(({ sha }) => sha[0]).join("");
  return [tool, name, rolledBack ? "rolled back" : status, shas, images.length].join("|");
};

const operationState = {
  ...{ phase: "Succeeded", startedAt: "2026-11-22T13:58:01Z", finishedAt: "2026-11-22T13:58:20Z" },
  syncResult: { revision: a },
};
const synced = (sync: object) => ({ operationState: { ...operationState, operation: { sync } } });
const argo = (over: object) => ({
  ...{ schema: "argocd.v1", app: { name: "shop", namespace: "argocd" }, source: { repoURL: repository } },
  ...{ sources: null, operationState, health: { status: "Healthy" }, images: null, argocdUrl: null, ...over },
});
const hydrated = { drySHA: b, hydratedSHA: a, sourceHydrator: { drySource: { repoURL: repository } } };
const several = { ...operationState, syncResult: { revision: "", revisions: ["1.2.3", a] } };
const ofImage = { ...operationState, syncResult: { revision: digest } };
const whole = (spec: object) => ({
  ...{ kind: "Application", metadata: { name: "shop", namespace: "argocd" } },
  spec: { source: { repoURL: repository }, ...spec },
  status: { operationState, health: { status: "Healthy" }, summary: {} },
});
const argocd: Row[] = [
  ["a dry run deploys nothing", "ignored", argo(synced({ dryRun: true }))],
  ["a self-heal of the same commit", "argocd|shop|succeeded|a|0", argo(synced({ autoHealAttemptsCount: 2 }))],
  [
    "selected resources are a part",
    "argocd|shop|started|a|0",
    argo(synced({ resources: [{ kind: "Job" }] })),
  ],
  [
    "manifests of a machine are of no commit",
    "argocd|shop|succeeded||0",
    argo(synced({ manifests: ["{}"] })),
  ],
  ["a sync that is ended", "ignored", argo({ operationState: { ...operationState, phase: "Terminating" } })],
  [
    "an empty revision beside several",
    "argocd|shop|succeeded|a|0",
    argo({ operationState: several, sources: [{ repoURL: "oci://x" }, { repoURL: repository }] }),
  ],
  [
    "a chart of a registry by its digest",
    "argocd|shop|succeeded||1",
    argo({ operationState: ofImage, images: ["a:1"] }),
  ],
  [
    "the commit behind a hydrated one",
    "argocd|shop|succeeded|b|0",
    argo({ source: null, sourceHydrator: { currentOperation: null, lastSuccessfulOperation: hydrated } }),
  ],
  ["an Application with what stands beside it", "argocd|shop|succeeded|a|0", { app: whole({}), context: {} }],
  [
    "an address over ssh with a port",
    "argocd|shop|succeeded|a|0",
    whole({ source: { repoURL: "ssh://git@ssh.github.com:443/acme/shop.git" } }),
  ],
  ["a name without a namespace", "argocd|shop|succeeded|a|0", argo({ app: "shop" })],
  [
    "a whole Application",
    "argocd|shop|succeeded|a|1",
    {
      ...{ kind: "Application", metadata: { name: "shop", namespace: "argocd" } },
      spec: { source: { repoURL: repository } },
      status: { operationState, health: { status: "Healthy" }, summary: { images: ["ghcr.io/acme/shop:1"] } },
    },
  ],
];

const flux = (over: object) => ({
  involvedObject: { kind: "Kustomization", namespace: "apps", name: "shop" },
  ...{ severity: "info", timestamp: "2026-11-22T14:00:00Z", message: "Health check passed in 12.041s" },
  ...{ reason: "Progressing", metadata: { revision: `main@sha1:${a}` }, ...over },
});
const revision = (metadata: object) => flux({ metadata });
const release = (over: object) =>
  flux({ involvedObject: { kind: "HelmRelease", namespace: "apps", name: "shop" }, ...over });
const live = "flux|Kustomization/apps/shop|succeeded|a|0";
const fluxes: Row[] = [
  ["a tag and its commit", live, revision({ revision: `refs/tags/v1.2.3@sha1:${a}` })],
  ["a passed health check", live, flux({})],
  [
    "what was applied",
    "flux|Kustomization/apps/shop|started|a|0",
    flux({ message: "Deployment/apps/shop configured\nService/apps/shop unchanged" }),
  ],
  ["what was deleted", "ignored", flux({ message: "Deployment/apps/old deleted" })],
  ["a branch and a commit", live, revision({ "kustomize.toolkit.fluxcd.io/revision": `main/${a}` })],
  ["a whole ref", live, revision({ revision: `refs/heads/main@sha1:${a}` })],
  [
    "the origin of an artifact",
    live,
    revision({ revision: `latest@${digest}`, originRevision: `main@sha1:${a}` }),
  ],
  ["a dependency that is not ready", "ignored", flux({ reason: "DependencyNotReady", message: "retrying" })],
  ["a source", "ignored", flux({ reason: "NewArtifact", message: "stored artifact" })],
  ["a check that was cancelled", "ignored", flux({ reason: "HealthCheckCanceled", message: "cancelled" })],
  [
    "no metadata",
    "flux|Kustomization/apps/shop|failed||0",
    flux({ severity: "error", reason: "BuildFailed", metadata: undefined }),
  ],
  ["drift that was corrected", "ignored", release({ reason: "DriftCorrected", message: "corrected" })],
  [
    "a release that was rolled back",
    "flux|HelmRelease/apps/shop|rolled back||1",
    release({ reason: "RollbackSucceeded", metadata: { "event.toolkit.fluxcd.io/image": "a:1" } }),
  ],
];

const run = (over: object) => ({
  pipelineRun: {
    metadata: { name: "deploy-x7k2p", labels: { "tekton.dev/pipeline": "deploy" } },
    spec: { params: [{ name: "git-revision", value: a }] },
    status: ended({}),
    ...over,
  },
});
const ended = (over: object) => ({
  completionTime: "2026-11-22T13:58:00Z",
  conditions: [{ type: "Succeeded", status: "True", reason: "Succeeded" }],
  ...over,
});
const because = (reason: string) =>
  run({ status: ended({ conditions: [{ type: "Succeeded", status: "False", reason }] }) });
const typed = (state: string) => ({
  ...{ "ce-id": "1", "ce-source": "/apis/x", "ce-specversion": "1.0", "ce-time": "2026-11-22T13:58:00Z" },
  "ce-type": `dev.tekton.event.pipelinerun.${state}.v1`,
});
const [successful, failed] = [typed("successful"), typed("failed")];
const labelled = (labels: object, annotations: object = {}) =>
  run({ metadata: { name: "x", labels: { "tekton.dev/pipeline": "x", ...labels }, annotations }, spec: {} });
const code = (event: string) =>
  labelled(
    {
      "pipelinesascode.tekton.dev/original-prname": "on-push",
      ...{ "pipelinesascode.tekton.dev/sha": a, "pipelinesascode.tekton.dev/event-type": event },
    },
    { "pipelinesascode.tekton.dev/repo-url": repository },
  );
const lighthouse = (type: string) =>
  labelled(
    {
      ...{ "lighthouse.jenkins-x.io/job": "release", "lighthouse.jenkins-x.io/type": type },
      ...{ "lighthouse.jenkins-x.io/lastCommitSHA": a, "lighthouse.jenkins-x.io/refs.repo": "shop" },
    },
    { "lighthouse.jenkins-x.io/cloneURI": `${repository}.git` },
  );
const built = (name: string, prefix = "") =>
  run({
    status: ended({
      [name]: [
        { name: `${prefix}IMAGE_URL`, value: "ghcr.io/acme/shop\n" },
        { name: `${prefix}IMAGE_DIGEST`, value: digest },
      ],
    }),
  });
const listed = (results: object[]) => run({ spec: { params: [] }, status: ended({ results }) });
const inline = (metadata: object) =>
  run({ metadata: { labels: { "tekton.dev/pipeline": "x-7k2p" }, ...metadata } });
const chains = [
  { name: "CHAINS-GIT_COMMIT", value: `${a}\n` },
  { name: "CHAINS-GIT_URL", value: `git+${repository}.git` },
];
const tekton: Row[] = [
  [
    "the commit by which Chains knows the source, a result",
    "tekton|deploy|succeeded|a|0",
    listed(chains),
    successful,
  ],
  ["the same as a parameter", "tekton|deploy|succeeded|a|0", run({ spec: { params: chains } }), successful],
  [
    "the list of images of Chains",
    "tekton|deploy|succeeded||2",
    listed([{ name: "IMAGES", value: `ghcr.io/acme/shop@${digest},\nghcr.io/acme/side@${digest}\n` }]),
    successful,
  ],
  [
    "an artifact as an object",
    "tekton|deploy|succeeded||1",
    listed([{ name: "image-ARTIFACT_OUTPUTS", value: { uri: "ghcr.io/acme/shop", digest } }]),
    successful,
  ],
  ["a pipeline that stands in its run", "tekton|x|succeeded||0", inline({ generateName: "x-" }), successful],
  [
    "a run with a made name of a named pipeline",
    "tekton|deploy|succeeded||0",
    run({
      metadata: { labels: { "tekton.dev/pipeline": "deploy" }, generateName: "nightly-" },
      spec: { pipelineRef: { name: "deploy" } },
    }),
    successful,
  ],
  [
    "a pipeline of a resolver",
    "tekton|deploy|succeeded||0",
    run({ spec: { pipelineRef: { resolver: "git", params: [] } } }),
    successful,
  ],
  ["a start", "tekton|deploy|started||0", run({}), typed("started")],
  ["a cancelled run says nothing", "ignored", because("Cancelled"), failed],
  ["a stopped run says nothing", "ignored", because("StoppedRunFinally"), failed],
  ["a run that took too long", "tekton|deploy|failed||0", because("PipelineRunTimeout"), failed],
  ["a push of Pipelines as Code", "tekton|on-push|succeeded|a|0", code("push"), successful],
  ["its pull request deploys nothing", "ignored", code("pull_request"), successful],
  ["its merge request deploys nothing", "ignored", code("Merge Request"), successful],
  ["a release of Jenkins X", "tekton|release|succeeded|a|0", lighthouse("postsubmit"), successful],
  ["its pull request deploys nothing either", "ignored", lighthouse("presubmit"), successful],
  ["results of v1beta1", "tekton|deploy|succeeded||1", built("pipelineResults"), successful],
  ["results with a prefix", "tekton|deploy|succeeded||1", built("results", "shop-"), successful],
  [
    "a structured event, with a list among its parameters",
    "tekton|deploy|succeeded||0",
    {
      ...{ specversion: "1.0", id: "1", source: "/x", type: successful["ce-type"] },
      data: run({ spec: { params: [{ name: "args", value: ["a"] }] } }),
    },
    { "content-type": "application/cloudevents+json; charset=UTF-8" },
  ],
];

const build = (over: object, job: object = {}) => ({
  ...{ name: "deploy", url: "job/deploy/", ...job },
  build: {
    ...{ full_url: "https://ci.test/job/deploy/1/", timestamp: 1795355000000, phase: "FINALIZED" },
    ...{ status: "SUCCESS", scm: { url: `${repository}.git`, commit: a }, parameters: {}, ...over },
  },
});
const jenkins: Row[] = [
  [
    "a commit as a parameter by Jenkins' own name",
    "jenkins|deploy|succeeded|b|0",
    build({ scm: {}, parameters: { GIT_COMMIT: b } }),
  ],
  ["a job that did not build", "ignored", build({ status: "NOT_BUILT" })],
  ["the last phase of an old plugin", "jenkins|deploy|succeeded|a|0", build({ phase: "FINISHED" })],
  ["a branch", "jenkins|shop/main|succeeded|a|0", build({}, { name: "main", url: "job/shop/job/main/" })],
  [
    "a branch with a slash",
    "jenkins|shop/release%2F1|succeeded|a|0",
    build({}, { url: "job/shop/job/release%252F1/" }),
  ],
  ["a job of a view", "jenkins|pay/deploy|succeeded|a|0", build({}, { url: "view/all/job/pay/job/deploy/" })],
  ["a pipeline without a checkout", "jenkins|deploy|succeeded||0", build({ scm: { changes: [] } })],
  ["no parameters", "jenkins|deploy|succeeded|a|0", build({ parameters: null })],
  ["a start", "jenkins|deploy|started|a|0", build({ phase: "STARTED", status: null })],
];

const happened = (artifactId: string, context: object = {}) => ({
  context: {
    ...{ specversion: "0.5.1", id: "1", source: "/x", timestamp: "2026-11-22T13:58:00Z" },
    ...{ type: "dev.cdevents.service.deployed.0.3.0", ...context },
  },
  subject: { id: "shop", content: { environment: { id: "prod" }, artifactId } },
});
const image = `pkg:oci/shop@${encodeURIComponent(digest)}?repository_url=ghcr.io/acme/shop`;
const vcs = encodeURIComponent(`git+${repository}@${a}`);
const own = { service: "shop", environment: "production", sha: a };
const envelope = { specversion: "1.0", id: "1", source: "/x", type: "com.acme.deployed" };
const cdevents: Row[] = [
  [
    "its JSON as a text in a CloudEvent",
    "cdevents|prod|succeeded|a|0",
    { ...envelope, data: JSON.stringify(happened(`pkg:github/acme/shop@${a}`)) },
    { "content-type": "application/cloudevents+json" },
  ],
  [
    "a text that is no JSON",
    "ignored",
    { ...envelope, data: "deployed" },
    { "content-type": "application/cloudevents+json" },
  ],
  [
    "the version of 0.4",
    "cdevents|prod|succeeded||1",
    happened(image, {
      specversion: undefined,
      version: "0.4.1",
      type: "dev.cdevents.service.deployed.0.2.0",
    }),
  ],
  [
    "a draft",
    "cdevents|prod|succeeded||1",
    happened(image, { type: "dev.cdevents.service.upgraded.0.4.0-draft" }),
  ],
  [
    "an image by its tag",
    "cdevents|prod|succeeded||1",
    happened("pkg:docker/acme/shop@v1?repository_url=gcr.io"),
  ],
  ["a commit as the artifact", "cdevents|prod|succeeded|a|0", happened(`pkg:github/acme/shop@${a}`)],
  ["a commit beside the image", "cdevents|prod|succeeded|a|1", happened(`${image}&vcs_url=${vcs}`)],
  [
    "our own form in a CloudEvent",
    "our own form",
    { ...envelope, data: own },
    { "content-type": "application/cloudevents+json" },
  ],
  [
    "the same by headers",
    "our own form",
    own,
    { "ce-id": "1", "ce-source": "/x", "ce-specversion": "1.0", "ce-type": "com.acme.deployed" },
  ],
  [
    "an event about something else",
    "ignored",
    { ...envelope, data: { service: "shop", environment: "production", problem: "slow" } },
    { "content-type": "application/cloudevents+json" },
  ],
];

const posted = (status: object, spec: object = {}) => ({
  ...{ apiVersion: "argoproj.io/v1alpha1", kind: "Rollout" },
  metadata: { name: "shop", namespace: "apps", generation: 3 },
  spec: { template: { spec: { containers: [{ image: `ghcr.io/acme/shop@${digest}` }] } }, ...spec },
  status: { observedGeneration: "3", currentPodHash: "7", stableRS: "7", ...status },
});
const rollouts: Row[] = [
  ["one that is healthy", "kubernetes|Rollout/apps/shop|succeeded||1", posted({ phase: "Healthy" })],
  ["one that pauses", "kubernetes|Rollout/apps/shop|started||1", posted({ phase: "Paused", stableRS: "6" })],
  [
    "one that was aborted",
    "kubernetes|Rollout/apps/shop|rolled back||1",
    posted({ phase: "Degraded", abort: true, message: "RolloutAborted: metric failed" }),
  ],
  ["one that is degraded", "kubernetes|Rollout/apps/shop|failed||1", posted({ phase: "Degraded" })],
  ["one that was not looked at yet", "ignored", posted({ phase: "Healthy", observedGeneration: "2" })],
  [
    "one whose pods a Deployment describes",
    "kubernetes|Rollout/apps/shop|succeeded||0",
    posted({ phase: "Healthy" }, { template: undefined, workloadRef: { kind: "Deployment", name: "shop" } }),
  ],
];

for (const [tool, rows] of Object.entries({ rollouts, argocd, flux: fluxes, tekton, jenkins, cdevents }))
  test(`the siblings of the captures of ${tool} are read as they are meant`, () => {
    for (const [sibling, expected, body, headers] of rows)
      assert.equal(inShort(body, headers), expected, sibling);
  });
