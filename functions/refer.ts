import type { Intent } from "../shared/incident/commands.ts";
import { type In, isActive } from "../shared/incident/model.ts";
import type { Work } from "./step.ts";

const solved = ["verified", "recovered", "recovered_by_people"];

/** Has the other incident count this one in, and follows it until it is over. */
export const refer = async (work: Work, incident: In<"referred">): Promise<Intent | null> => {
  const { to } = incident.referral;
  const { incident: other } = await work.store.load(to);
  const isCounted = "origins" in other && (other.origins ?? []).includes(incident.id);
  if (isActive(other) && isCounted) return null;
  if (isCounted && "endedAt" in other && other.openedAt >= incident.openedAt) {
    if (other.status === "closed" && solved.includes(other.outcome))
      return { type: "SettleReferral", detail: `${to} is over (${other.outcome})` };
    const end = other.status === "closed" ? other.outcome : `escalated: ${other.detail}`;
    return { type: "Escalate", reason: "elsewhere", detail: `${to} ended otherwise (${end})` };
  }
  const alerts = incident.alerts.filter(({ status }) => status === "firing");
  const at = work.clock();
  await work.handle(to, { type: "RecordAlerts", at, alerts, truncated: false, origin: incident.id });
  return null;
};
