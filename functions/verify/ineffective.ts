import type { Intent } from "../../shared/incident/commands.ts";
import type { In, Remedy } from "../../shared/incident/model.ts";
import { firstOf } from "../../shared/incident/remedies/redeploy.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";
import { span } from "../../shared/text/format.ts";
import { repositoryOf, type Work } from "../step.ts";
import { figures, withFigures } from "./figures.ts";
import { failedSince } from "./still-firing.ts";
import { waitFor } from "./wait.ts";

/**
 * Whether the live remedy is known not to help: the alert goes on firing for half of the time that verifying may take, the remedy is live
 * all the while, and no other commit was deployed since. Undefined while it may still help, and where that cannot be told.
 */
export const ineffective = async (
  work: Work,
  incident: In<"deployed">,
  firing: string[],
): Promise<Intent | undefined> => {
  const { store, clock, serviceOf } = work;
  const { service, environment, deploy, fix, remedy, questions } = incident;
  const { policy, verify } = serviceOf(service);
  const livedMs = clock() - deploy.at;
  if (fix !== undefined || remedy === undefined || remedy.kind === "withdraw") return undefined;
  if (firing.length === 0) return undefined;
  // A rule that looks back stays true for as long, whatever the remedy did.
  const leastMs = Math.max(2 * verify.holdMs, policy.verifyMs / 2, waitFor(questions, verify.holdMs));
  if (livedMs < leastMs) return undefined;
  const since = await store.deploys(service, environment, deploy.at);
  const others = since.filter(({ sha, at }) => sha !== deploy.sha && at > deploy.at);
  if (others.length > 0 && !(await areOurs(work, incident, others))) return undefined;
  if ((await failedSince({ store }, incident)) !== undefined) return undefined;
  const values = await figures(work, incident, firing);
  // A remedy that made it better did something: people decide.
  if (values.some(({ isBetter }) => isBetter)) return undefined;
  const verb = firing.length === 1 ? "still fires" : "still fire";
  const still = `${firing.join(", ")} ${verb} ${span(livedMs)} after ${nameOf(remedy)} went live`;
  return { type: "RecordIneffective", detail: withFigures(still, firing, values) };
};

const nameOf = ({ kind }: Remedy): string => (kind === "scale" ? "the new scale" : "the revert");

/** The deploy of the revert behind a redeploy does not count as another change. */
const areOurs = async (
  { history, serviceOf }: Work,
  { service, remedy, merge }: In<"deployed">,
  deploys: DeployRecord[],
): Promise<boolean> => {
  if (remedy === undefined || merge === undefined || firstOf(remedy) === undefined) return false;
  const place = repositoryOf({ serviceOf }, service, remedy);
  const held = await Promise.all(
    deploys.map(({ sha }) => history.contains(place, { ancestor: merge.sha, descendant: sha })),
  );
  return held.every(Boolean);
};
