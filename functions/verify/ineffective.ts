import type { Intent } from "../../shared/incident/commands.ts";
import type { In } from "../../shared/incident/model.ts";
import { span } from "../../shared/text/format.ts";
import type { Work } from "../step.ts";
import { waitFor } from "./wait.ts";

/**
 * Whether the live remedy is known not to help: the alert goes on firing for half of the time that verifying may take, the remedy is live
 * all the while, and no other commit was deployed since. Undefined while it may still help, and where that cannot be told.
 */
export const ineffective = async (
  { store, clock, serviceOf }: Work,
  incident: In<"deployed">,
  firing: string[],
): Promise<Intent | undefined> => {
  const { service, environment, deploy, fix, remedy, questions } = incident;
  const { policy, verify } = serviceOf(service);
  const livedMs = clock() - deploy.at;
  if (fix !== undefined || remedy === undefined || remedy.kind === "withdraw") return undefined;
  if (firing.length === 0) return undefined;
  // A rule that looks back stays true for as long, whatever the remedy did.
  const leastMs = Math.max(2 * verify.holdMs, policy.verifyMs / 2, waitFor(questions, verify.holdMs));
  if (livedMs < leastMs) return undefined;
  const since = await store.deploys(service, environment, deploy.at);
  if (since.some(({ sha, at }) => sha !== deploy.sha && at > deploy.at)) return undefined;
  return {
    type: "RecordIneffective",
    detail: `${firing.join(", ")} still fires ${span(livedMs)} after it went live`,
  };
};
