import { scalingRule } from "./load/rule.ts";

/**
 * The demo's stories: a code change that is reverted, an image bump that is rolled back, a scale under load, a wrong first suspect, the
 * last good deploy put back before the revert, and a revert while much else goes wrong.
 */
export const stories = ["revert", "bump", "load", "withdraw", "redeploy", "chaos"] as const;
export type Story = (typeof stories)[number];

export const demo = {
  service: "payment-gateway",
  environment: "production",
  repository: "acme/payment-gateway",
  branch: "main",
  /** Where what runs is declared, in the story of the bump. */
  gitops: { repository: "acme/payment-gateway-config", paths: ["production/"] },
  channel: "C0PAYMENTS",
  approver: "U0ANN",
  /** Wrote the change that breaks payments in yen, and is an approver as well. */
  author: "U0BEN",
  people: { U0ANN: "ann", U0BEN: "jonas-weber" },
};

const gitops = `    gitops:
      repository: ${demo.gitops.repository}
      branch: ${demo.branch}
      paths: [${demo.gitops.paths.join(", ")}]
`;

/** The workflow that puts a former commit back, in the story of the redeploy. */
export const workflow = { file: "deploy.yml", path: ".github/workflows/deploy.yml" };
export const workflowText = `name: Deploy
run-name: Deploy \${{ inputs.sha }} (\${{ inputs.by }})
on:
  workflow_dispatch:
    inputs:
      sha: { required: true }
      by: { default: a person }
`;
const rollback = `    rollback: { workflow: ${workflow.file}, inputs: { sha: "{sha}", by: "{id}" } }
`;

/** The server's configuration for the demo, as YAML. */
export const demoConfig = (story: Story = "revert"): string => `people:
  U0ANN: { github: ${demo.people.U0ANN} }
  U0BEN: { github: ${demo.people.U0BEN} }
services:
  - name: ${demo.service}
    match:
      - service="${demo.service}"
    repository: ${demo.repository}
    branch: ${demo.branch}
    paths: [src/, k8s/]
${story === "bump" ? gitops : ""}${story === "redeploy" ? rollback : ""}    environments: [${demo.environment}]
    channel: ${demo.channel}
    approvers: [${demo.approver}, ${demo.author}]
    policy:
      mode: approve
      minConfidence: ${story === "withdraw" ? 0.05 : 0.4}
${story === "withdraw" ? "      verifyTimeout: 24s\n" : ""}    verify:
      hold: 5s
${story === "load" ? scalingRule : ""}`;
