/** The one service of the demo. */
export const demo = {
  service: "payment-gateway",
  environment: "production",
  repository: "acme/payment-gateway",
  branch: "main",
  channel: "C0PAYMENTS",
  approver: "U0ANN",
};

/** The server's configuration for the demo, as YAML. */
export const demoConfig = (): string => `services:
  - name: ${demo.service}
    match:
      - service="${demo.service}"
    repository: ${demo.repository}
    branch: ${demo.branch}
    paths: [src/, k8s/]
    environments: [${demo.environment}]
    channel: ${demo.channel}
    approvers: [${demo.approver}]
    policy:
      mode: approve
      minConfidence: 0.4
    verify:
      hold: 5s
`;
