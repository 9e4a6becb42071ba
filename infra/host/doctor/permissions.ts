import type { Config } from "../../../shared/config.ts";

/** A permission that the GitHub App has. `isNeeded`: without it, Countersteer opens, approves or merges nothing. */
export type AppPermission = {
  name: string;
  level: "read" | "write";
  purpose: string;
  isNeeded?: true;
};
export type Needing = Pick<Config, "services" | "killSwitch">;

/** The permissions that each part of a configuration asks of GitHub. docs/connect-github.md says more about each. */
export const permissionsOf = ({ services, killSwitch }: Needing): AppPermission[] => {
  const tools = services.flatMap(({ rollback }) => (rollback === undefined ? [] : [rollback.tool]));
  const hasIssues = services.some(({ postmortem }) => postmortem !== undefined && postmortem !== "comment");
  const hasTeams = services.some(({ approvers }) => approvers.some(isOfTeams));
  return [
    { name: "metadata", level: "read", purpose: "the repository itself", isNeeded: true },
    { name: "contents", level: "write", purpose: "the revert, its branch and the merge", isNeeded: true },
    { name: "pull_requests", level: "write", purpose: "the pull request", isNeeded: true },
    { name: "statuses", level: "write", purpose: "the status countersteer/approval", isNeeded: true },
    { name: "checks", level: "read", purpose: "whether the checks of the pull request are green" },
    {
      name: "deployments",
      level: tools.some((tool) => "deployment" in tool) ? "write" : "read",
      purpose: "deploys, as GitHub tells them",
    },
    {
      name: "actions",
      level: tools.some((tool) => "workflow" in tool) ? "write" : "read",
      purpose: "deploys by workflows",
    },
    { name: "merge_queues", level: "read", purpose: "the merge queue" },
    ...(killSwitch === undefined || hasIssues ? [] : [issues]),
    ...(hasIssues ? [drafts] : []),
    ...(hasTeams ? [members] : []),
  ];
};

const isOfTeams = (approver: string): boolean =>
  approver === "codeowners" || approver.startsWith("github:team/");

const drafts: AppPermission = { name: "issues", level: "write", purpose: "drafts of post-mortems" };
const issues: AppPermission = { name: "issues", level: "read", purpose: "the issue that stops it" };
const members: AppPermission = { name: "members", level: "read", purpose: "approvers that are teams" };

/** The events that the GitHub App subscribes to. */
export const eventsOf = ({ killSwitch }: Needing): string[] => [
  ...["push", "pull_request", "pull_request_review", "issue_comment", "merge_group"],
  ...["deployment_status", "workflow_run", "repository"],
  ...(killSwitch === undefined ? [] : ["issues"]),
];
