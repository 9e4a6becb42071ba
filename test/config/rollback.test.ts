import assert from "node:assert/strict";
import { test } from "node:test";
import { describe, parseConfig } from "../../shared/config.ts";

const withRollback = (
  rollback: string,
  { environments = "[production]", more = "" } = {},
): string => `services:
  - name: checkout
    match: [service="checkout"]
    repository: acme/checkout
    environments: ${environments}
    channel: C024BE91L
${more}    rollback: ${rollback}
`;
const said = (text: string): string[] => {
  const parsed = parseConfig(text);
  return "problems" in parsed ? describe("c", parsed.problems).split("\n") : [];
};
const read = (text: string) => {
  const parsed = parseConfig(text);
  assert.ok("config" in parsed, said(text).join("\n"));
  return parsed.config.services[0]?.rollback;
};

test("a workflow with its inputs and a deployment are read", () => {
  const inputs = `{ sha: "{sha}", by: "{id}", target: "{environment}", mode: fast }`;
  assert.deepEqual(read(withRollback(`{ workflow: deploy.yml, ref: release, inputs: ${inputs} }`)), {
    tool: {
      ...{ workflow: "deploy.yml", ref: "release" },
      inputs: { sha: "{sha}", by: "{id}", target: "{environment}", mode: "fast" },
    },
  });
  const several = { environments: "[production, staging]" };
  assert.deepEqual(read(withRollback("{ deployment: Production, environment: production }", several)), {
    ...{ tool: { deployment: "Production" }, environment: "production" },
  });
  assert.deepEqual(
    read(withRollback(`{ workflow: d.yml, inputs: { s: "{sha}", e: "{environment}" } }`, several)),
    {
      tool: { workflow: "d.yml", ref: "main", inputs: { s: "{sha}", e: "{environment}" } },
    },
  );
});

const where = "services.0.rollback";
for (const [what, text, expected] of [
  [
    "neither tool",
    withRollback("{}"),
    `${where}: says not how to redeploy: give workflow (and inputs), or deployment`,
  ],
  [
    "both tools",
    withRollback(`{ workflow: d.yml, inputs: { s: "{sha}" }, deployment: production }`),
    `${where}: names a workflow and a deployment: give one of them`,
  ],
  [
    "no input for the commit",
    withRollback("{ workflow: deploy.yml, inputs: { version: latest } }"),
    `${where}: no input holds {sha}: the workflow must be told which commit to deploy, such as inputs: { sha: "{sha}" }`,
  ],
  [
    "a word of an alert",
    withRollback(`{ workflow: d.yml, inputs: { s: "{sha}", note: "{summary}" } }`),
    `${where}: {summary} stands for nothing: inputs may hold {sha}, {id} and {environment}`,
  ],
  [
    "inputs of a deployment",
    withRollback(`{ deployment: production, inputs: { s: "{sha}" } }`),
    `${where}: ref and inputs belong to workflow, not to deployment`,
  ],
  [
    "another environment",
    withRollback("{ deployment: production, environment: staging }"),
    `${where}: the service has no environment staging`,
  ],
  [
    "several environments and none named",
    withRollback("{ deployment: production }", { environments: "[production, staging]" }),
    `${where}: give environment, or an input with {environment}: the service has production, staging`,
  ],
  [
    "a GitOps repository",
    withRollback("{ deployment: production }", { more: "    gitops: { repository: acme/config }\n" }),
    `${where}: a service with gitops is put back by the revert of its bump: leave rollback out`,
  ],
] as const)
  test(`${what} is refused`, () => {
    assert.deepEqual(
      said(text).map((line) => line.replace(/^c:\d+: /, "")),
      [expected],
    );
  });
