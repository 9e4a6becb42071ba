import type { Started } from "../../shared/incident/model.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";
import { mayBeDeployed } from "../../shared/text/story.ts";
import type { Work } from "../step.ts";

/** The deploys since the trouble began, where one of them may have ended it. */
export const deploysBefore = async (
  { store }: Pick<Work, "store">,
  incident: Started,
): Promise<DeployRecord[]> =>
  mayBeDeployed(incident) ? store.deploys(incident.service, incident.environment, incident.onsetAt) : [];
