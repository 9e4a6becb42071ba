import type { Intent } from "../shared/incident/commands.ts";
import {
  countsIn,
  type In,
  type Incident,
  isActive,
  type Remedy,
  takenUp,
} from "../shared/incident/model.ts";
import { isStillNeeded } from "../shared/policy/shared-pull.ts";
import { isBranchFor } from "./propose/unfinished.ts";
import type { Work } from "./step.ts";

type Ended = In<"closed" | "escalated">;
const solved = ["verified", "recovered", "recovered_by_people"];

/** Whether the waiting incident has its own people asked about the pull request that the people of `other` rejected. */
const isNeededBy = ({ serviceOf }: Work, other: Incident, waiting: In<"referred">): boolean => {
  if (other.status !== "closed" || other.outcome !== "rejected") return false;
  const { approvers } = serviceOf(other.service);
  const own = { service: serviceOf(waiting.service), remedy: remedyOf(waiting) };
  return isStillNeeded(own, { approvers, by: other.by ?? "" });
};

/** The remedy that the waiting incident would propose itself; another service's change has none. */
const remedyOf = (waiting: In<"referred">): Remedy | undefined =>
  waiting.diagnosis.remedies[takenUp(waiting).at(-1) ?? 0];

/** Whether an incident that waits for this one needs its pull request after a rejection. */
export const isNeededElsewhere = async (work: Work, incident: Incident): Promise<boolean> => {
  const origins = "origins" in incident ? (incident.origins ?? []) : [];
  const waiting = await Promise.all(origins.map((id) => work.store.load(id)));
  return waiting.some(
    ({ incident: one }) =>
      one.status === "referred" &&
      one.referral.to === incident.id &&
      isNeededBy(work, incident, one) &&
      wouldOpen(work, one, incident),
  );
};

/** A whole deploy is taken back within the paths of each service: another service opens a pull request of its own. */
const wouldOpen = ({ serviceOf }: Work, waiting: In<"referred">, other: Incident): boolean => {
  const remedy = remedyOf(waiting);
  if (remedy === undefined || !("pull" in other) || other.pull === undefined) return false;
  return isBranchFor(serviceOf(waiting.service), remedy, other.pull.branch);
};

/** Without a known round, the other incident's times tell: clocks may be wrong. */
const isOfThisRound = (other: Ended, { id, openedAt }: In<"referred">): boolean =>
  other.originRounds?.[id] !== undefined || other.openedAt >= openedAt;

/** Has the other incident count this one in, and follows it until it is over. */
export const refer = async (work: Work, incident: In<"referred">): Promise<Intent | null> => {
  const { to } = incident.referral;
  const { incident: other } = await work.store.load(to);
  const isCounted = countsIn(other, incident);
  if (isActive(other) && isCounted) return null;
  if (isCounted && "endedAt" in other && isOfThisRound(other, incident)) {
    if (other.status === "closed" && solved.includes(other.outcome))
      return { type: "SettleReferral", detail: `${to} is over (${other.outcome})` };
    if (isNeededBy(work, other, incident))
      return { type: "ReturnReferral", detail: `${to} was rejected, and the change is asked about here` };
    const end = other.status === "closed" ? other.outcome : `escalated: ${other.detail}`;
    const detail = `${to} ended otherwise (${end}); ${incident.referral.detail}`;
    return { type: "Escalate", reason: "elsewhere", detail };
  }
  const alerts = incident.alerts.filter(({ status }) => status === "firing");
  const at = work.clock();
  const shares = incident.service !== other.service && remedyOf(incident) !== undefined;
  await work.handle(to, {
    ...{
      type: "RecordAlerts",
      at,
      alerts,
      truncated: false,
      origin: incident.id,
      originRound: incident.round,
    },
    ...(shares && { shares }),
  });
  return null;
};
