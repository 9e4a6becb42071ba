import { type Finding, failed, ok, orFailed, warning } from "../../../functions/ready/finding.ts";
import type { Config } from "../../../shared/config.ts";
import { messageOf } from "../../../shared/errors.ts";
import type { LiveDeploys, Told } from "../../../shared/ports/deployers.ts";
import { short } from "../../../shared/text/format.ts";
import { askedTools, type DeployerSettings } from "../adapters/deployers.ts";

/** Whether Argo CD and the Kubernetes API answer for every name that the configuration has of them. */
export const checkDeployers = async (settings: DeployerSettings, config: Config): Promise<Finding[]> => {
  let tools: ReturnType<typeof askedTools>;
  try {
    tools = askedTools(settings, config);
  } catch (error) {
    return [failed("kubernetes", messageOf(error), "see docs/connect-deploys.md, Kubernetes")];
  }
  const findings: Finding[] = [];
  for (const { name: service, deploys = [] } of config.services)
    for (const { tool, name } of deploys) {
      const asked = tool === "argocd" || tool === "kubernetes" ? tools[tool] : undefined;
      if (asked !== undefined) findings.push(...(await checkName(asked, { tool, name, service })));
    }
  return findings;
};

type Named = { tool: string; name: string; service: string };

const checkName = (asked: LiveDeploys, { tool, name, service }: Named): Promise<Finding[]> => {
  const about = `${tool} ${name}`;
  const todo = "check the name, the address, and that the token may get it (docs/connect-deploys.md)";
  return orFailed(about, todo, async () => {
    const [told] = await asked.read(name);
    if (told === undefined)
      return [
        warning(about, `answers, and has deployed nothing of ${service} yet`, "look again after a deploy"),
      ];
    return [ok(about, `answers: ${service} ${told.status}, ${commitIn(told)}`)];
  });
};

const commitIn = ({ commits, images }: Told): string => {
  const [commit] = commits;
  return commit === undefined ? images.join(", ") || "no commit" : short(commit.sha);
};
