import type { Ground, Terms } from "../../shared/incident/approval/votes.ts";
import type { In } from "../../shared/incident/model.ts";
import { policyDigest } from "../../shared/policy/approval/digest.ts";
import type { Required } from "../../shared/policy/approval/requirement.ts";
import type { Service } from "../../shared/ports/service.ts";
import type { Work } from "../step.ts";
import { requiredOf } from "./required.ts";

/** The terms of a new question, and who must approve. */
export const termsOf = (
  work: Work,
  incident: In<"proposed">,
  { place, ground }: { place: Service; ground: Ground },
): { terms: Terms; required: Required } => {
  const config = work.configuration();
  const required = requiredOf(config, incident, place, ground);
  const policy = policyDigest(required);
  return { terms: { nonce: work.nonce(), policy, ground, at: work.clock() }, required };
};
