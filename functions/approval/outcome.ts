import { missingVotes } from "../../shared/incident/approval/votes.ts";
import type { In, Incident } from "../../shared/incident/model.ts";
import type { Handled } from "../../shared/process.ts";
import { clock, personName, short } from "../../shared/text/format.ts";
import type { Approver } from "./person.ts";

/** The outcome of the decision, for the person who took it. */
export const outcomeOf = ({ events: [event], incident }: Handled, { required }: Approver): string => {
  switch (event?.type) {
    case "RemedyApproved":
      return "approved: exactly this pull request is merged as soon as GitHub allows; until then any approver can still reject it";
    case "ApprovalGiven":
      return `your approval counts; still needed: ${event.missing.join(", ")}`;
    case "IncidentClosed":
      return "rejected: the pull request is closed and the incident ends";
    case "RemedyRuledOut":
      return incident.status === "diagnosed"
        ? "ruled out: the next option is prepared, and you are asked again"
        : "ruled out: no other option is likely enough, so people take over";
    case "QuestionSnoozed":
      return `snoozed: you are asked again at ${clock(event.until).slice(0, 5)} UTC; anybody who may can answer before`;
    case "LookRequested":
      return "looking again: the thread says what was found";
    case "RemedyChosen":
      return "chosen: its pull request is prepared, and you are asked again";
    default:
      return incident.status === "proposed"
        ? `your approval counts already; still needed: ${missingVotes(incident.votes ?? [], required).join(", ")}`
        : late(incident);
  }
};

/** A late click learns who decided, and how to object. */
export const late = (incident: Incident): string =>
  `this question is no longer open: ${standing(incident)}; your click changed nothing`;

const standing = (incident: Incident): string => {
  if ("held" in incident && incident.held !== undefined) return incident.held.detail;
  switch (incident.status) {
    case "opened":
    case "diagnosed":
      return `round ${incident.round} of the incident looks for the cause now, and asks again when it has found one`;
    case "proposed":
      return `people are asked about pull request #${incident.pull.number} at ${short(incident.pull.head)} now; answer on its message`;
    case "escalated":
      return `the incident needs a person (${incident.detail})${handedOver(incident)}`;
    case "approved":
      return `the incident is approved by ${personName(incident.approval.by)} and merged as soon as GitHub allows; press Reject or close pull request #${incident.pull.number} on GitHub to stop it`;
    case "merged":
    case "deployed":
      return `the incident is ${incident.status}${merged(incident)}`;
    case "closed":
      return `the incident is closed (${incident.outcome})${decidedBy(incident)}${objection(incident)}`;
    default:
      return `the incident is ${incident.status}`;
  }
};

const handedOver = ({ pull, merge, reason }: In<"escalated">): string => {
  if (merge !== undefined || pull === undefined || reason === "retargeted") return "";
  return `; press Retry to be asked again, or merge or close pull request #${pull.number} on GitHub`;
};

const merged = ({ merge, pull, approval, fix }: In<"merged" | "deployed">): string => {
  if (fix !== undefined) return `: ${fix.detail}`;
  if (merge === undefined || pull === undefined) return "";
  const by = approval === undefined ? "" : `, approved by ${personName(approval.by)}`;
  return `: ${merge.by} merged #${pull.number}${by}; revert ${short(merge.sha)} to object`;
};

const decidedBy = ({ by, approval }: In<"closed">): string => {
  if (by !== undefined) return ` by ${personName(by)}`;
  return approval === undefined ? "" : `, approved by ${personName(approval.by)}`;
};

const objection = ({ pull, merge, outcome }: In<"closed">): string => {
  if (merge !== undefined) return `; revert ${short(merge.sha)} to object`;
  if (pull === undefined || (outcome !== "rejected" && outcome !== "withdrawn")) return "";
  return `; open pull request #${pull.number} again on GitHub to object`;
};
