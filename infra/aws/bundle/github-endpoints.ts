import { pathToFileURL } from "node:url";
import type { Plugin } from "esbuild";

/** The endpoints of GitHub's API that the adapter calls by Octokit's methods. */
export const used: Record<string, readonly string[]> = {
  actions: ["createWorkflowDispatch", "getWorkflowRun", "listWorkflowRuns"],
  apps: ["getAuthenticated", "getOrgInstallation", "getRepoInstallation"],
  checks: ["listForRef"],
  git: [
    "createBlob",
    "createCommit",
    "createRef",
    "createTree",
    "deleteRef",
    "getBlob",
    "getCommit",
    "getRef",
    "getTree",
  ],
  issues: ["addLabels", "createComment", "get", "listComments", "listEvents"],
  pulls: ["create", "get", "list", "listCommits", "listReviews", "merge", "update", "updateBranch"],
  repos: [
    "compareCommitsWithBasehead",
    "createCommitStatus",
    "createDeployment",
    "downloadTarballArchive",
    "get",
    "getBranch",
    "getBranchRules",
    "getCombinedStatusForRef",
    "getCommit",
    "getContent",
    "listActivities",
    "listBranchesForHeadCommit",
    "listCommits",
    "listDeploymentStatuses",
    "listDeployments",
    "listPullRequestsAssociatedWithCommit",
  ],
  teams: ["getMembershipForUserInOrg"],
  users: ["getAuthenticated"],
};

/** Octokit's table by scope and method: the endpoint, its defaults and its decorations. */
export type Endpoints = Record<string, Record<string, unknown>>;

/** Octokit's table of GitHub's endpoints without those that nobody calls: of 40 KB 5 stay. */
export const usedEndpoints: Plugin = {
  name: "used-endpoints",
  setup: ({ onLoad }) => {
    onLoad(
      { filter: /plugin-rest-endpoint-methods\/dist-src\/generated\/endpoints\.js$/ },
      async ({ path }) => {
        const { default: all }: { default: Endpoints } = await import(pathToFileURL(path).href);
        return { contents: `export default ${JSON.stringify(onlyUsed(all))};`, loader: "js" };
      },
    );
  },
};

/** The table without the endpoints that are not used. Throws for one that it does not have. */
export const onlyUsed = (all: Endpoints, wanted = used): Endpoints =>
  Object.fromEntries(
    Object.entries(wanted).map(([scope, names]) => [
      scope,
      Object.fromEntries(names.map((name) => [name, endpointOf(all, scope, name)])),
    ]),
  );

const endpointOf = (all: Endpoints, scope: string, name: string): unknown => {
  const found = all[scope]?.[name];
  if (found === undefined) throw new Error(`Octokit has no ${scope}.${name}`);
  return found;
};
