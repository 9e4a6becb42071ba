import { foldCase } from "./fold-case.ts";
import { matchesGlob } from "./globs.ts";

/** Why a person must look; about all files when it names none. `url` is a page that shows it. */
export type Guard = { path?: string; reason: string; url?: string };
type Row = { reason: string; paths: RegExp[] };

/** Files whose revert acts on more than the code, each kind with why a person must look. The first row that matches counts. */
const table: Row[] = [
  {
    reason: "it runs with the repository's secrets",
    paths: [
      /^\.(github|gitea|forgejo)\/(workflows|actions)\//,
      /^\.(circleci|buildkite|woodpecker|semaphore|teamcity|azuredevops|azure-pipelines|tekton|harness|zuul\.d|gitlab\/ci|builds|prow)\//,
      /^(bamboo-specs|ci\/concourse)\//,
      /(^|\/)[^/]*\.gitlab-ci\.ya?ml$|(^|\/)azure-pipelines[^/]*\.ya?ml$/i,
      /(^|\/)(Jenkinsfile([._-][^/]*)?|[^/]+\.jenkinsfile)$/i,
      /(^|\/)\.(travis|drone|woodpecker|cirrus|appveyor|build|prow)\.(ya?ml|star|jsonnet)$/,
      /(^|\/)(bitbucket-pipelines|appveyor|codefresh|wercker|screwdriver|zuul)\.ya?ml$/,
      /(^|\/)(buildspec|cloudbuild)([._-][^/]*)?\.(ya?ml|json)$/,
      /(^|\/)(Earthfile|\.pre-commit-config\.ya?ml)$|^\.husky\//,
    ],
  },
  {
    reason: "it decides who must review",
    paths: [/(^|\/)(CODEOWNERS|OWNERS|OWNERS_ALIASES)$/, /^\.github\/(settings|rulesets\/.*)\.(ya?ml|json)$/],
  },
  { reason: "it decides what other repositories bring in", paths: [/(^|\/)\.gitmodules$/] },
  { reason: "it decides how git reads and merges files", paths: [/(^|\/)(\.gitattributes|\.lfsconfig)$/] },
  {
    reason: "it decides who may do what in the cloud",
    paths: [
      /(^|\/)iam\/|(^|[/._-])iam([._-][^/]*)?\.(tf|hcl|ya?ml|json|bicep|ts|py)$/i,
      /(^|[/._-])(assume-?role|trust|bucket|key|permissions?)-?_?(policy|boundary)([._-][^/]*)?\.(json|ya?ml|tf)$/i,
      /(^|\/)(iam-)?polic(y|ies)\/.*\.(json|tf|rego)$/i,
    ],
  },
  {
    reason: "it decides who may do what in the cluster",
    paths: [
      /(^|\/)rbac\/|(^|[/._-])rbac([._-][^/]*)?\.ya?ml$/i,
      /(^|[/._-])(cluster[._-]?)?role[._-]?(binding)?s?([._-][^/]*)?\.ya?ml$/i,
      /(^|[/._-])service[._-]?accounts?([._-][^/]*)?\.ya?ml$/i,
    ],
  },
  {
    reason: "it decides what may reach what",
    paths: [
      /(^|[/._-])(cilium|global|admin)?network[._-]?polic(y|ies)([._-][^/]*)?\.ya?ml$/i,
      /(^|[/._-])(authorization[._-]?polic(y|ies)|peer[._-]?authentications?)([._-][^/]*)?\.ya?ml$/i,
      /(^|[/._-])(security[._-]?groups?|firewall([._-]?rules?)?|nacls?)([._-][^/]*)?\.(tf|hcl|ya?ml|json)$/i,
    ],
  },
  {
    reason: "it decides what the image is built from and runs as",
    paths: [/(^|\/)(Dockerfile|Containerfile)([._-][^/]*)?$|\.(docker|container)file$/i],
  },
  {
    reason: "it holds the environment's settings or secrets",
    paths: [/(^|\/)\.env(rc)?(\.(?!(example|sample|template|dist)$)[^/]*)?$/, /(^|\/)[^/]+\.env$/],
  },
  {
    reason: "it is a key, a certificate or a credential",
    paths: [
      /\.(pem|key|p12|pfx|jks|keystore|kdbx|ppk|asc|gpg|crt|cer|der|csr|tfstate)$/i,
      /(^|\/)(id_(rsa|dsa|ecdsa|ed25519)(\.pub)?|authorized_keys|known_hosts|kubeconfig)$/,
      /(^|\/)(\.netrc|\.pgpass|\.htpasswd|\.git-credentials|credentials(\.json)?|service-account[^/]*\.json)$/,
    ],
  },
  {
    reason: "it decides where packages come from, or what runs when they are installed",
    paths: [
      /(^|\/)(\.npmrc|\.yarnrc(\.ya?ml)?|\.pnpmfile\.[cm]?js|pnpm-workspace\.yaml|bunfig\.toml)$/,
      /(^|\/)(\.pypirc|pip\.conf|pip\.ini|poetry\.toml|uv\.toml|\.condarc)$/,
      /(^|\/)(nuget\.config|\.cargo\/config(\.toml)?|\.bundle\/config|\.gemrc|auth\.json)$/i,
      /(^|\/)(\.mvn\/.*|\.m2\/.*|settings\.xml|init\.gradle(\.kts)?|gradle\.properties|gradle-wrapper\.properties|\.sbtopts|repositories\.sbt)$/,
      /(^|\/)(\.terraformrc|terraform\.rc|\.bazelrc|\.curlrc|sources\.list)$/,
      /(^|\/)(renovate|\.renovaterc)(\.json5?)?$|(^|\/)dependabot\.ya?ml$/,
    ],
  },
  {
    reason: "data may have been migrated already",
    paths: [
      /(^|\/)(db\/)?migrat(e|ions?)\/|(^|\/)(flyway|liquibase|alembic)\/|\.(up|down)\.sql$|(^|\/)V\d[\w.]*__.*\.sql$/i,
    ],
  },
  {
    reason: "data or clients may rely on the new schema",
    paths: [/(^|\/)(schema\.(sql|rb|prisma|graphql)|structure\.sql)$/i, /\.(proto|avsc)$/],
  },
  {
    reason: "objects of the new definition may be stored already",
    paths: [/(^|\/)crds?\/|(^|[/._-])(crds?|customresourcedefinitions?)([._-][^/]*)?\.ya?ml$/i],
  },
  {
    reason: "old secrets may be revoked",
    paths: [
      /(^|\/)\.sops\.ya?ml$|\.(enc|sops)\.(ya?ml|json|env)$|(^|[/._-])sealed-?secrets?([._-][^/]*)?\.ya?ml$/i,
    ],
  },
];

/** Why a person must look at a change of this path; undefined for most. */
export const reasonFor = (path: string): string | undefined =>
  table.find(({ paths }) => paths.some((pattern) => pattern.test(path)))?.reason;

/** Objects whose change shows in the lines of a diff, whatever the file is called. */
const objects: [RegExp, string][] = [
  [
    /^[-+ ]\s*(- )?["']?kind["']?\s*:\s*["']?(Cluster)?Role(Binding)?\b/m,
    "it decides who may do what in the cluster",
  ],
  [
    /^[-+ ]\s*(- )?["']?kind["']?\s*:\s*["']?(Cilium|Global)?(Clusterwide)?NetworkPolicy\b/m,
    "it decides what may reach what",
  ],
  [/\bresource\s+"(aws_iam_|google_\w*_?iam_|azurerm_role_)/m, "it decides who may do what in the cloud"],
  [
    /\bresource\s+"(aws_security_group|aws_network_acl|google_compute_firewall|azurerm_network_security)/m,
    "it decides what may reach what",
  ],
];

/** Why a person must look at these lines of a diff. */
export const reasonForLines = (patch: string): string | undefined =>
  objects.find(([pattern]) => pattern.test(patch))?.[1];

/** The paths that the configuration guards, beside the table, in whichever case: a folder that is only written otherwise is asked about too. */
export const guardedBy = (globs: string[] = [], files: { path: string }[]): Guard[] =>
  files.flatMap(({ path }) => {
    const glob = globs.find((one) => matchesGlob(foldCase(path), foldCase(one)));
    return glob === undefined ? [] : [{ path, reason: `policy.guard has ${glob}` }];
  });
