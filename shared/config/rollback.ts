import { z } from "zod";
import { namesIn, placeholders } from "../policy/redeploy-inputs.ts";
import type { Finding } from "./checks.ts";
import { branch, name } from "./fields.ts";

const input = z
  .string()
  .regex(/^\P{Cc}{1,250}$/u, "one line of text, at most 250 characters")
  .meta({ title: "text with {sha}, {id} or {environment}", examples: ["{sha}"] });

/** How the service's own tools put a former deploy back. */
export type Rollback = {
  tool: { workflow: string; ref: string; inputs: Record<string, string> } | { deployment: string };
  environment?: string;
};

export const rollback = z
  .strictObject({
    workflow: z
      .string()
      .regex(/^[^\s/]{1,200}\.ya?ml$/, "the file of a workflow in .github/workflows, such as deploy.yml")
      .meta({ title: "file of a workflow", examples: ["deploy.yml"] })
      .exactOptional()
      .describe(
        "A workflow of GitHub Actions with `workflow_dispatch`, by its file: it deploys the commit that an input names.",
      ),
    ref: branch
      .exactOptional()
      .describe("With `workflow`: the branch or tag whose workflow is run. Default: `main`."),
    inputs: z
      .record(z.string().regex(/^[\w-]{1,100}$/, "the name of an input of the workflow"), input)
      .exactOptional()
      .meta({ title: "NAME: VALUE" })
      .describe(
        "With `workflow`: its inputs. `{sha}` stands for the commit to deploy, `{id}` for a random text by which the run is found again, and `{environment}` for the environment. Nothing of an alert gets into them.",
      ),
    deployment: z
      .string()
      .regex(/^\P{Cc}{1,250}$/u, "one line of text, at most 250 characters")
      .meta({ title: "name of an environment", examples: ["production"] })
      .exactOptional()
      .describe(
        "An environment of GitHub deployments, instead of `workflow`: a deployment of the former commit is created there.",
      ),
    environment: name
      .exactOptional()
      .describe(
        "The service's environment that it deploys to. Default: the service's only one, or `{environment}`.",
      ),
  })
  .superRefine((entry, context) => {
    for (const message of faultsOf(entry)) context.addIssue({ code: "custom", message });
  })
  .transform(
    ({ workflow, ref = "main", inputs = {}, deployment = "", environment }): Rollback => ({
      tool: workflow === undefined ? { deployment } : { workflow, ref, inputs },
      ...(environment !== undefined && { environment }),
    }),
  );

type Entry = { workflow?: string; ref?: string; inputs?: Record<string, string>; deployment?: string };

const faultsOf = ({ workflow, ref, inputs, deployment }: Entry): string[] => {
  if (workflow === undefined && deployment === undefined)
    return ["says not how to redeploy: give workflow (and inputs), or deployment"];
  if (workflow !== undefined && deployment !== undefined)
    return ["names a workflow and a deployment: give one of them"];
  if (workflow === undefined)
    return ref === undefined && inputs === undefined
      ? []
      : ["ref and inputs belong to workflow, not to deployment"];
  const names = Object.values(inputs ?? {}).flatMap(namesIn);
  const unknown = names.find((one) => !placeholders.some((known) => known === one));
  return [
    ...(names.includes("sha")
      ? []
      : [
          'no input holds {sha}: the workflow must be told which commit to deploy, such as inputs: { sha: "{sha}" }',
        ]),
    ...(unknown === undefined
      ? []
      : [`{${unknown}} stands for nothing: inputs may hold {sha}, {id} and {environment}`]),
  ];
};

/** A rollback with faults of its own has no tool. */
type Checked = { environments: string[]; gitops?: unknown; rollback?: Partial<Rollback> };

/** A GitOps repository needs no redeploy, and an environment must be the service's. */
export const checkRollbacks = (services: Checked[]): Finding[] =>
  services.flatMap((service, index) =>
    mismatches(service).map((message) => ({ path: ["services", index, "rollback"], message })),
  );

const mismatches = ({ environments, gitops, rollback: given }: Checked): string[] => {
  if (given?.tool === undefined) return [];
  const { tool, environment } = given;
  if (gitops !== undefined)
    return ["a service with gitops is put back by the revert of its bump: leave rollback out"];
  if (environment !== undefined)
    return environments.includes(environment) ? [] : [`the service has no environment ${environment}`];
  const isTold =
    "workflow" in tool && Object.values(tool.inputs).some((one) => one.includes("{environment}"));
  return environments.length === 1 || isTold
    ? []
    : [`give environment, or an input with {environment}: the service has ${environments.join(", ")}`];
};
