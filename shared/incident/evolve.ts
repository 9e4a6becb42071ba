import type { Event } from "./events.ts";
import { alertsChanged, opened, originJoined, roundTold } from "./evolve/alerts.ts";
import { armed, disarmed } from "./evolve/armed.ts";
import {
  diagnosed,
  postponed,
  questionsRecorded,
  referralReturned,
  referralSettled,
  referred,
  revised,
} from "./evolve/diagnosis.ts";
import { closed, delayed, escalated } from "./evolve/end.ts";
import { deployed, fixed, followedUp, liveAgain, merged, notLive } from "./evolve/fix.ts";
import { hasEnded, type Of } from "./evolve/parts.ts";
import {
  approved,
  approvedOnce,
  asked,
  chosen,
  commandAnswered,
  outdated,
  proposed,
  ruledOut,
  takenBack,
  voided,
} from "./evolve/proposal.ts";
import { held, released } from "./hold.ts";
import { type In, type Incident, isActive, type Message } from "./model.ts";
import { refused } from "./refusals.ts";
import { resumed } from "./resume.ts";
import { snoozed, woken } from "./snooze.ts";
import { retried, withdrawn } from "./tried.ts";

/** Pure: the incident after a fact that `decide` gave for it. A fact that does not fit moves only the head of the chain. */
export const evolve = (incident: Incident, event: Event): Incident => {
  const { chain: head = incident.chain } = event;
  const after = changed(incident, event);
  return head === undefined ? after : { ...after, chain: { n: head.n, hash: head.hash } };
};

const changed = (incident: Incident, event: Event): Incident => {
  switch (event.type) {
    case "IncidentOpened":
      return opened(incident, event);
    case "AlertsJoined":
    case "AlertsResolved":
      return alertsChanged(incident, event);
    case "OriginJoined":
      return originJoined(incident, event);
    case "TroubleSeparated":
      return { ...incident, troubles: event.trouble };
    case "RoundTold":
      return roundTold(incident, event);
    case "IncidentDiagnosed":
      return diagnosed(incident, event);
    case "LookPostponed":
      return postponed(incident, event);
    case "DiagnosisRevised":
      return revised(incident, event);
    case "IncidentReferred":
      return referred(incident, event);
    case "ReferralReturned":
      return referralReturned(incident, event);
    case "ReferralSettled":
      return referralSettled(incident, event);
    case "QuestionsRecorded":
      return questionsRecorded(incident, event);
    case "RemedyProposed":
      return proposed(incident, event);
    case "RemedyChosen":
      return chosen(incident, event);
    case "RemedyRuledOut":
      return ruledOut(incident, event);
    case "QuestionSnoozed":
      return snoozed(incident, event);
    case "SnoozeEnded":
      return woken(incident);
    case "LookRequested":
      if (incident.status !== "proposed") return incident;
      return { ...incident, lookAt: event.at, lookBy: event.by };
    case "ApprovalRequested":
      return asked(incident, event);
    case "MessagePosted":
      return incident.status === "none" ? incident : { ...incident, message: messageOf(event) };
    case "RemedyApproved":
      return approved(incident, event);
    case "ApprovalGiven":
      return approvedOnce(incident, event);
    case "ApprovalTakenBack":
      return takenBack(incident, event);
    case "CommandAnswered":
      return commandAnswered(incident, event);
    case "ApprovalVoided":
      return voided(incident, event);
    case "RemedyOutdated":
      return outdated(incident, event);
    case "RemedyMerged":
      return hasEnded(incident) ? afterEnd(incident, "proposed", event) : merged(incident, event);
    case "MergeArmed":
      return armed(incident, event);
    case "AttemptRefused":
      return refused(incident, event);
    case "MergeDisarmed":
      return disarmed(incident);
    case "RemedyDeployed":
      if (event.again) return liveAgain(incident, event);
      return hasEnded(incident) ? afterEnd(incident, "merged", event) : deployed(incident, event);
    case "FixFound":
      return fixed(incident, event);
    case "FixNotLive":
      return notLive(incident, event);
    case "RemedyIneffective":
      return incident.status === "deployed" ? retried(incident, event) : incident;
    case "RemedyWithdrawn":
      return incident.status === "deployed" ? withdrawn(incident, event) : incident;
    case "FollowUpOpened":
    case "FollowUpRefused":
      return followedUp(incident, event);
    case "ScaleEnded":
      return incident.status === "closed" ? { ...incident, over: true } : incident;
    case "IncidentHeld":
      return isActive(incident) ? held(incident, event) : incident;
    case "IncidentReleased":
      return isActive(incident) ? released(incident, event) : incident;
    case "StepDelayed":
      return delayed(incident, event);
    case "DeadlineNeared":
      return incident.status === "none" ? incident : { ...incident, reminded: event.share };
    case "PageRequested":
      if (incident.status === "none") return incident;
      return { ...incident, page: { since: event.at, detail: event.detail } };
    case "IncidentClosed":
      return closed(incident, event);
    case "IncidentEscalated":
      return escalated(incident, event);
    case "IncidentResumed":
      return hasEnded(incident) ? resumed(incident, event) : incident;
    case "FollowingEnded":
      return hasEnded(incident) ? { ...incident, left: true } : incident;
  }
};

const messageOf = ({ message, instead }: Of<"MessagePosted">): Message =>
  instead === undefined ? message : { ...message, before: instead.ts };

/** Facts about an ended incident apply to its state before the end. */
const afterEnd = (
  incident: In<"closed" | "escalated">,
  to: "proposed" | "merged",
  event: Of<"RemedyMerged" | "RemedyDeployed">,
): Incident => {
  const { at, due } = event;
  const before = resumed(incident, { at, due, to, detail: "", by: "" });
  return before.status === to ? evolve(before, event) : incident;
};
