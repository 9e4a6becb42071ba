import assert from "node:assert/strict";
import { test } from "node:test";
import { describe, parseConfig } from "../../shared/config.ts";

const withDeploys = (
  entries: string,
  { environments = "[production]", top = "" } = {},
): string => `${top}services:
  - name: checkout
    match: [service="checkout"]
    repository: acme/checkout
    environments: ${environments}
    channel: C024BE91L
    deploys: ${entries}
`;
const said = (text: string): string[] => {
  const parsed = parseConfig(text);
  return "problems" in parsed ? describe("c", parsed.problems).split("\n") : [];
};

test("each tool's name of a deploy is read, with what tells it apart", () => {
  const parsed = parseConfig(
    withDeploys(`
      - { argocd: checkout }
      - { flux: Kustomization/apps/checkout }
      - { tekton: { pipeline: deploy, revision: git-revision }, where: { app: checkout } }
      - { jenkins: shop/deploy, environment: production }
      - { cdevents: prod/eu-west-1, image: ghcr.io/acme/checkout }
      - { github: "Production – web" }
      - { workflow: deploy.yml }
      - { kubernetes: shop/checkout }
      - { kubernetes: Rollout/shop/checkout }`),
  );
  assert.ok("config" in parsed);
  assert.deepEqual(parsed.config.services[0]?.deploys, [
    { tool: "argocd", name: "checkout" },
    { tool: "flux", name: "Kustomization/apps/checkout" },
    { tool: "tekton", name: "deploy", revision: "git-revision", where: { app: "checkout" } },
    { tool: "jenkins", name: "shop/deploy", environment: "production" },
    { tool: "cdevents", name: "prod/eu-west-1", image: "ghcr.io/acme/checkout" },
    { tool: "github", name: "Production – web" },
    { tool: "workflow", name: "deploy.yml" },
    { tool: "kubernetes", name: "shop/checkout" },
    { tool: "kubernetes", name: "Rollout/shop/checkout" },
  ]);
});

const several = { environments: "[production, staging]" };
for (const [what, text, expected] of [
  [
    "an entry without a tool",
    withDeploys("[{ environment: production }]"),
    [
      "c:7: services.0.deploys.0: names no tool: give one of argocd, flux, tekton, jenkins, cdevents, github, workflow, kubernetes, such as argocd: checkout-production",
    ],
  ],
  [
    "an entry of two tools",
    withDeploys("[{ argocd: a, jenkins: b }]"),
    ["c:7: services.0.deploys.0: names 2 tools (argocd, jenkins): write an entry for each"],
  ],
  [
    "a misspelt tool",
    withDeploys("[{ argo: a, jenkins: b }]"),
    ["c:7: services.0.deploys.0.argo: is not a setting: did you mean argocd?"],
  ],
  [
    "an object of Flux without its kind",
    withDeploys("[{ flux: apps/checkout }]"),
    ["c:7: services.0.deploys.0.flux: KIND/NAMESPACE/NAME such as Kustomization/apps/checkout"],
  ],
  [
    "a Deployment without its namespace",
    withDeploys("[{ kubernetes: checkout }]"),
    [
      "c:7: services.0.deploys.0.kubernetes: NAMESPACE/NAME of a Deployment, such as shop/checkout, or KIND/NAMESPACE/NAME with the kind StatefulSet, DaemonSet, Rollout, KnativeService, Kustomization or HelmRelease",
    ],
  ],
  [
    "a workflow's path",
    withDeploys("[{ workflow: .github/workflows/deploy.yml }]"),
    ["c:7: services.0.deploys.0.workflow: the file of a workflow in .github/workflows, such as deploy.yml"],
  ],
  [
    "an environment that the service does not have",
    withDeploys("[{ argocd: a, environment: staging }]"),
    ["c:7: services.0.deploys.0: the service has no environment staging: it has production"],
  ],
  [
    "an application that may be of two environments",
    withDeploys("[{ argocd: a }]", several),
    [
      "c:7: services.0.deploys.0: give environment, such as environment: production: the service has production, staging, and a names none of them",
    ],
  ],
  [
    "an environment of CDEvents that names none",
    withDeploys("[{ cdevents: prod }]", several),
    [
      "c:7: services.0.deploys.0: give environment, such as environment: production: the service has production, staging, and prod names none of them",
    ],
  ],
  [
    "the same with another name for it",
    withDeploys("[{ cdevents: prod }, { github: staging }]", {
      ...several,
      top: "environments: { production: [prod] }\n",
    }),
    [],
  ],
  [
    "other names of an environment that nobody has",
    withDeploys("[]", { top: "environments: { live: [prod] }\n" }),
    ["c:1: environments.live: no service of the file has this environment"],
  ],
  [
    "one name for two environments",
    withDeploys("[]", { ...several, top: "environments: { production: [prod], staging: [Prod] }\n" }),
    ["c:1: environments.staging.0: Prod is a name of production already"],
  ],
] as const)
  test(`${what}: check-config says it`, () => assert.deepEqual(said(text), expected));
