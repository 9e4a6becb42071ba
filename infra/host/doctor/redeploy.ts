import { type Finding, failed, ok, orFailed, warning } from "../../../functions/ready/finding.ts";
import type { GithubClient } from "../../../shared/adapters/github/api/client.ts";
import { connect, repoOf } from "../../../shared/adapters/github/api/repository.ts";
import { workflow } from "../../../shared/adapters/github/redeploys.ts";
import type { Configured } from "../../../shared/config.ts";
import { dispatchProblems } from "../../../shared/remedy/redeploy/workflow.ts";

/** Whether GitHub would take the redeploy of each service that names one: the workflow, its inputs and our permission. */
export const checkRedeploys = async (client: GithubClient, services: Configured[]): Promise<Finding[]> => {
  const found: Finding[] = [];
  for (const service of services) found.push(...(await checkRedeploy(client, service)));
  return found;
};

const checkRedeploy = async (client: GithubClient, service: Configured): Promise<Finding[]> => {
  const { name, rollback } = service;
  if (rollback === undefined) return [];
  const about = `rollback of ${name}`;
  const todo = "mend services[].rollback, or the workflow (docs/redeploy.md)";
  return orFailed(about, todo, async () => {
    const problems = await problemsOf(client, service, rollback.tool);
    const found = problems.map((text) => failed(about, text, todo));
    return [...found, ...(await permissionOf(client, service, { about, isFine: found.length === 0 }))];
  });
};

type Tool = NonNullable<Configured["rollback"]>["tool"];

const problemsOf = async (client: GithubClient, service: Configured, tool: Tool): Promise<string[]> => {
  if ("deployment" in tool) return [];
  const read = await workflow(connect(client), service, tool);
  if (read === undefined)
    return [`${service.repository} has no .github/workflows/${tool.workflow} at ${tool.ref}`];
  return dispatchProblems(tool.workflow, read.text, tool.inputs);
};

const permissionOf = async (
  client: GithubClient,
  service: Configured,
  { about, isFine }: { about: string; isFine: boolean },
): Promise<Finding[]> => {
  const isDeployment = service.rollback !== undefined && "deployment" in service.rollback.tool;
  const [permission, name] = isDeployment ? ["deployments", "Deployments"] : ["actions", "Actions"];
  const todo = `grant the app ${name}: read and write`;
  const isGranted = await client.granted?.(repoOf(service), { [permission]: "write" });
  if (isGranted === false) return [failed(about, `the app may not write ${permission}`, todo)];
  if (isGranted === undefined)
    return [
      warning(
        about,
        `nobody can tell whether GITHUB_TOKEN may write ${permission}`,
        `look: it needs ${name}, read and write`,
      ),
    ];
  return isFine ? [ok(about, "GitHub would take it")] : [];
};
