import { readFileSync } from "node:fs";
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
  issues: ["addLabels", "create", "createComment", "get", "listComments", "listEvents", "listForRepo"],
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

type Used = Record<string, readonly string[]>;

/** Octokit's table of GitHub's endpoints without those that nobody calls: of 46 KB 4 stay. */
export const usedEndpoints: Plugin = {
  name: "used-endpoints",
  setup: ({ onLoad }) => {
    onLoad({ filter: /plugin-rest-endpoint-methods\/dist-src\/generated\/endpoints\.js$/ }, ({ path }) => ({
      contents: onlyUsed(readFileSync(path, "utf8")),
      loader: "js",
    }));
  },
};

/**
 * The module without the endpoints of its one object that are not used: each part, and each endpoint in it, begins and ends on a line of
 * its own. Throws for an endpoint that it does not have.
 */
export const onlyUsed = (module: string, wanted: Used = used): string => {
  const held = new Set<string>();
  const text = module.replace(/^ {2}(\w+): \{\n[\s\S]*?^ {2}\},?\n/gm, (part, scope: string) => {
    const methods = wanted[scope];
    if (methods === undefined) return "";
    return part.replace(/^ {4}(\w+): (?:\[.*\]|\[\n[\s\S]*?^ {4}\]),?\n/gm, (line, method: string) => {
      if (!methods.includes(method)) return "";
      held.add(`${scope}.${method}`);
      return line;
    });
  });
  for (const [scope, methods] of Object.entries(wanted))
    for (const method of methods)
      if (!held.has(`${scope}.${method}`)) throw new Error(`Octokit has no ${scope}.${method}`);
  return text;
};
