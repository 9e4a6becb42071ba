import type { Configured } from "../../shared/config.ts";
import type { Incident } from "../../shared/incident/model.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";
import { underWay } from "../../shared/remedy/redeploy/deploys.ts";
import { clock, short } from "../../shared/text/format.ts";
import { openTroubles } from "../http/troubles.ts";
import type { Work } from "../step.ts";

/** Whether the service's redeploy is for this environment, and that is still one of its own. */
export const reaches = ({ rollback, environments }: Configured, environment: string): boolean =>
  environments.includes(environment) && (rollback?.environment ?? environment) === environment;

/** The deploy that goes on in the incident's environment, as a sentence. A redeploy beside it would undo it, or be undone by it. */
export const deployingNow = async (
  { store, serviceOf, clock: now }: Work,
  { service, environment }: Pick<Incident, "service" | "environment">,
  deploys: DeployRecord[],
): Promise<string | undefined> => {
  const within = { now: now(), withinMs: serviceOf(service).policy.deployMs };
  const deploying = underWay(deploys, within);
  if (deploying !== undefined)
    return `${short(deploying.sha)} is being deployed to ${environment} since ${clock(deploying.at)}`;
  const troubles = await openTroubles(store, service, environment);
  const other = troubles.find(({ incident }) => isRedeploying(incident, within));
  return other && `${other.incident.id} redeploys to ${environment} as well`;
};

const isRedeploying = (incident: Incident, { now, withinMs }: { now: number; withinMs: number }): boolean => {
  const redeploy = "redeploy" in incident ? incident.redeploy : undefined;
  return redeploy?.id !== undefined && redeploy.end === undefined && now - redeploy.at < withinMs;
};
