import type { Intent } from "../../shared/incident/commands.ts";
import type { In } from "../../shared/incident/model.ts";
import type { PullNow } from "../../shared/ports/pulls.ts";
import type { Service } from "../../shared/ports/service.ts";
import { personName } from "../../shared/text/format.ts";
import type { Work } from "../step.ts";
import { named, opaDecision } from "./opa.ts";
import { observed } from "./proposal.ts";
import { frozen, limitsOf } from "./refusal.ts";
import { reserve } from "./reserve.ts";

type Merging = { incident: In<"approved">; now: PullNow };

const auto = "policy:auto";

/** Reads the configuration again in the instant before the merge. Returns the reason why it does not allow the merge, or undefined when it does. */
export const notPermitted = async (
  work: Work,
  place: Service,
  { incident, now }: Merging,
): Promise<Intent | undefined> => {
  const { mode } = work.serviceOf(incident.service).policy;
  if (mode === "observe")
    return leftToPeople(work, place, { incident, detail: `${observed}: what was approved is not merged` });
  const decided = await byPolicyServer(work, place, { incident, now });
  if (decided !== undefined) return decided;
  const detail = mode !== "auto" && incident.approval.by === auto ? notAuto : await notNow(work, incident);
  return detail === undefined ? undefined : { type: "RecordMove", detail, pull: now.pull };
};

const notAuto = "the service is no longer in mode auto";

const notNow = async (work: Work, incident: In<"approved">): Promise<string | undefined> => {
  const limits = limitsOf(work.configuration(), incident.service);
  if (limits === undefined) return undefined;
  return (
    frozen(limits, work.clock(), approvalsOf(incident).length) ?? (await reserve(work, limits, incident))
  );
};

/** The people who approved it; nobody where no person was asked. */
const approvalsOf = ({ approval: { by, votes } }: In<"approved">): string[] =>
  by === auto ? [] : (votes?.map((vote) => vote.by) ?? [by]);

const byPolicyServer = async (
  work: Work,
  place: Service,
  { incident, now }: Merging,
): Promise<Intent | undefined> => {
  const approvals = approvalsOf(incident);
  const actor = incident.approval.by === auto ? "auto" : "people";
  const asked = {
    moment: "merge",
    incident,
    remedy: incident.remedy,
    actor,
    approvals,
    files: now.paths,
  } as const;
  const decision = await opaDecision(work, asked);
  if (decision === undefined) return undefined;
  if (decision.result === "undecided") {
    // A person has decided already; a machine may not.
    if (actor === "people") return undefined;
    return {
      type: "RecordMove",
      detail: `${named(decision)} decided nothing: ${decision.why}`,
      pull: now.pull,
    };
  }
  if (decision.allow && approvals.length >= decision.approvals) return undefined;
  const refusal = decision.allow
    ? `${named(decision)} asks for ${decision.approvals} approvals, and there are ${approvals.length}`
    : `${named(decision)} does not allow the merge`;
  const detail = [refusal, ...decision.reasons].join(": ");
  return takenBack(work, place, {
    incident,
    detail: `${detail}; merge it on GitHub, or change the policy and press Retry`,
  });
};

/** People approved this head, and a person can merge it. */
const leftToPeople = async (
  work: Work,
  place: Service,
  { incident, detail }: { incident: In<"approved">; detail: string },
): Promise<Intent> => {
  const { approval, pull } = incident;
  if (approval.by === auto) return takenBack(work, place, { incident, detail });
  const description = `approved by ${personName(approval.by)}; a person merges it`;
  await work.pulls.setCheck(place, { head: pull.head, state: "success", description, unlessSet: true });
  return { type: "Escalate", reason: "limited", detail };
};

/** The status goes back too, so that nobody takes it for approved on GitHub. */
const takenBack = async (
  { pulls }: Work,
  place: Service,
  { incident, detail }: { incident: In<"approved">; detail: string },
): Promise<Intent> => {
  await pulls.setCheck(place, { head: incident.pull.head, state: "failure", description: detail });
  return { type: "Escalate", reason: "limited", detail };
};
