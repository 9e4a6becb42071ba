import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { git } from "../host/git.ts";
import type { Repository } from "./repository.ts";
import { demo } from "./service-config.ts";

const branch = "main";
/** The name of the service's image. Nobody pulls it: its tag says which commit to run. */
export const image = "registry.acme.example/payment-gateway";
export const imageTag = (sha: string): string => `main-${sha.slice(0, 12)}`;
/** The file that Image Updater writes, and the one that tells it what to do. */
export const files = {
  source: "production/.argocd-source-payment-gateway.yaml",
  application: "argocd/payment-gateway.yaml",
};
export const sourceText = (sha: string): string => `kustomize:\n  images:\n    - ${image}:${imageTag(sha)}\n`;

/** The commit that a checkout of the configuration says to run. */
export const commitOfImage = async (checkout: string): Promise<string> => {
  const sha = /:main-([0-9a-f]{12})$/m.exec(await readFile(join(checkout, files.source), "utf8"))?.[1];
  if (sha === undefined) throw new Error(`${files.source} names no image that was built here`);
  return sha;
};

const application = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: payment-gateway
  namespace: argocd
  annotations:
    argocd-image-updater.argoproj.io/image-list: gateway=${image}
    argocd-image-updater.argoproj.io/gateway.update-strategy: newest-build
    argocd-image-updater.argoproj.io/write-back-method: git
spec:
  project: payments
  source:
    repoURL: https://github.com/${demo.gitops.repository}.git
    targetRevision: ${branch}
    path: production
  destination:
    server: https://kubernetes.default.svc
    namespace: payments
  syncPolicy:
    automated:
      prune: true
      selfHeal: true
`;
const kustomization = `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: payments
resources:
  - deployment.yaml
`;
const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: payment-gateway
spec:
  replicas: 3
  selector: { matchLabels: { app.kubernetes.io/name: payment-gateway } }
  template:
    metadata: { labels: { app.kubernetes.io/name: payment-gateway } }
    spec:
      containers:
        - name: payment-gateway
          image: ${image}
          ports: [{ name: http, containerPort: 8080 }]
`;

/** Builds the configuration repository under the directory `path`: the application as Argo CD sees it, running `before` since `at`. */
export const buildConfiguration = async ({
  path,
  before,
  at,
}: {
  path: string;
  before: string;
  at: number;
}): Promise<Repository> => {
  const bare = join(path, "payment-gateway-config.git");
  const clone = join(path, "payment-gateway-config");
  await mkdir(path, { recursive: true });
  await git(path, ["init", "--quiet", "--bare", `--initial-branch=${branch}`, bare]);
  await git(path, ["init", "--quiet", `--initial-branch=${branch}`, clone]);
  await write(clone, {
    [files.application]: application,
    "production/kustomization.yaml": kustomization,
    "production/deployment.yaml": deployment,
  });
  const mateo = { name: "Mateo Ruiz", email: "mateo.ruiz@acme.example" };
  await commit(clone, { ...mateo, message: "payment-gateway: run it from here", at: at - 86_400_000 });
  await write(clone, { [files.source]: sourceText(before) });
  await commit(clone, { ...updater, message: message("none", before), at });
  await git(clone, ["remote", "add", "origin", bare]);
  await git(clone, ["push", "--quiet", "origin", branch]);
  return { bare, clone, branch, before: await git(clone, ["rev-parse", "HEAD"]), beforeAt: at };
};

export const updater = { name: "argocd-image-updater", email: "noreply@argoproj.io" };
/** As Image Updater words it. */
export const message = (from: string, to: string): string =>
  `build: automatic update of payment-gateway\n\nupdates image ${image} tag '${from}' to '${imageTag(to)}'\n`;

export const write = async (clone: string, texts: Record<string, string>): Promise<void> => {
  for (const [path, text] of Object.entries(texts)) {
    await mkdir(dirname(join(clone, path)), { recursive: true });
    await writeFile(join(clone, path), text);
  }
};

export const commit = async (
  clone: string,
  { name, email, message, at }: { name: string; email: string; message: string; at: number },
): Promise<void> => {
  await git(clone, ["add", "--all"]);
  await git(
    clone,
    ["-c", `user.name=${name}`, "-c", `user.email=${email}`, "commit", "--quiet", "-m", message],
    {
      env: {
        GIT_AUTHOR_DATE: `@${Math.floor(at / 1000)} +0000`,
        GIT_COMMITTER_NAME: name,
        GIT_COMMITTER_EMAIL: email,
        GIT_COMMITTER_DATE: `@${Math.floor(at / 1000)} +0000`,
      },
    },
  );
};
