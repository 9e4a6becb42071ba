import { firing } from "../../shared/incident/alerts/alerts.ts";
import { missingVotes } from "../../shared/incident/approval/votes.ts";
import type { Intent } from "../../shared/incident/commands.ts";
import type { In } from "../../shared/incident/model.ts";
import { mayHaveEnded } from "../../shared/incident/remedies/redeploy.ts";
import { policyDigest } from "../../shared/policy/approval/digest.ts";
import type { PullNow } from "../../shared/ports/pulls.ts";
import type { Service } from "../../shared/ports/service.ts";
import { personName } from "../../shared/text/format.ts";
import type { Work } from "../step.ts";
import { readOwners } from "./ground.ts";
import { votesNow } from "./groups.ts";
import { requiredOf } from "./required.ts";

type Approved = { incident: In<"approved">; now: PullNow };

/** Checks the approval again in the instant before the merge. Returns the question to ask anew, with the reason, when it does not hold any more. Throws when that cannot be read. */
export const notGranted = async (
  work: Work,
  service: Service,
  approved: Approved,
): Promise<Intent | undefined> => {
  const { pull } = approved.now;
  const unwanted = notWanted(work, approved);
  if (unwanted !== undefined) return { type: "RecordMove", detail: unwanted, pull, overtaken: true };
  const detail = await notApproved(work, service, approved);
  return detail === undefined ? undefined : { type: "RecordMove", detail, pull };
};

/** An approval that was given while the alert fired says nothing about a trouble that is over. */
const notWanted = ({ serviceOf }: Work, { incident }: Approved): string | undefined => {
  const { alerts, truncated, approval, service } = incident;
  // The revert that follows our own redeploy is still wanted. A withdrawal, or the revert of another change, is asked about again.
  if (mayHaveEnded(incident)) return undefined;
  if (truncated || firing(alerts) || approval.quiet || serviceOf(service).policy.mergeAfterRecovery)
    return undefined;
  return "every alert resolved after the approval; is it still wanted?";
};

const notApproved = async (
  work: Work,
  service: Service,
  { incident, now }: Approved,
): Promise<string | undefined> => {
  const { approval, terms } = incident;
  const config = work.configuration();
  if (approval.by === "policy:auto") return undefined;
  if (approval.votes === undefined || terms === undefined)
    return "an older version took the approval, which did not note who gave it";
  const owners = await readOwners(work, service, now.paths);
  const ground = { ...terms.ground, paths: now.paths, ...(owners && { owners }) };
  const required = requiredOf(config, incident, service, ground);
  if (policyDigest(required) !== terms.policy) return "who may approve this has changed";
  const people = config.people ?? {};
  const votes = await votesNow(work, { votes: approval.votes, people, groups: required.groups });
  const missing = missingVotes(votes, required);
  return missing.length === 0
    ? undefined
    : `${personName(approval.by)} may not approve this alone any more: ${missing.join(", ")} needed`;
};
