import { decidedBy } from "./approval/decisions.ts";
import { refused } from "./approval/refusals.ts";
import type { Event, EventOf } from "./events.ts";
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
import {
  deployed,
  fixed,
  followedUp,
  liveAgain,
  merged,
  notLive,
  returnProposed,
  revertLive,
} from "./evolve/fix.ts";
import { hasEnded } from "./evolve/parts.ts";
import {
  approved,
  approvedOnce,
  asked,
  chosen,
  commandAnswered,
  lookRequested,
  messagePosted,
  outdated,
  proposed,
  ruledOut,
  takenBack,
  voided,
} from "./evolve/proposal.ts";
import type { Incident } from "./model.ts";
import { culpritReturned, redeployBegun, redeployEnded, redeployStarted } from "./remedies/redeploy.ts";
import { relandEnded, relandRequested } from "./remedies/reland.ts";
import { retried, withdrawn } from "./remedies/tried.ts";
import { resumed } from "./rounds/resume.ts";
import { pageRequested, reminded } from "./schedule/deadline.ts";
import { held, released } from "./schedule/hold.ts";
import { snoozed, woken } from "./schedule/snooze.ts";

/** Pure: the incident after a fact that `decide` gave for it. A fact that does not fit moves only the head of the chain. */
export const evolve = (incident: Incident, event: Event): Incident => {
  const { chain: head = incident.chain } = event;
  const after = evolveBy(event.type, incident, event);
  return head === undefined ? after : { ...after, chain: { n: head.n, hash: head.hash } };
};

/** Whether this release knows facts of the type. A later release may have stored others, which change nothing here. */
export const isKnownFact = (type: string): boolean => Object.hasOwn(evolvers, type);

const evolveBy = <T extends Event["type"]>(type: T, incident: Incident, event: EventOf<T>): Incident =>
  isKnownFact(type) ? evolvers[type](incident, event) : incident;

/** A fact of the fix that may come after the incident's end: it then applies to the state `to` from before the end. */
const alsoAfterEnd =
  <E extends EventOf<"RemedyMerged" | "RemedyDeployed" | "FixFound">>(
    to: "proposed" | "merged",
    apply: (incident: Incident, event: E) => Incident,
  ) =>
  (incident: Incident, event: E): Incident => {
    if (!hasEnded(incident)) return apply(incident, event);
    const { at, due } = event;
    const before = resumed(incident, { at, due, to, detail: "", by: "" });
    return before.status === to ? apply(before, event) : incident;
  };

const deployedAlsoAfterEnd = alsoAfterEnd("merged", deployed);

const evolvers: { [T in Event["type"]]: (incident: Incident, event: EventOf<T>) => Incident } = {
  IncidentOpened: opened,
  AlertsJoined: alertsChanged,
  AlertsResolved: alertsChanged,
  OriginJoined: originJoined,
  TroubleSeparated: (incident, { trouble }) => ({ ...incident, troubles: trouble }),
  RoundTold: roundTold,
  IncidentDiagnosed: diagnosed,
  LookPostponed: postponed,
  DiagnosisRevised: revised,
  IncidentReferred: referred,
  ReferralReturned: referralReturned,
  ReferralSettled: referralSettled,
  QuestionsRecorded: questionsRecorded,
  RemedyProposed: proposed,
  RemedyChosen: chosen,
  RemedyRuledOut: ruledOut,
  QuestionSnoozed: snoozed,
  SnoozeEnded: woken,
  LookRequested: lookRequested,
  ApprovalRequested: asked,
  MessagePosted: messagePosted,
  RemedyApproved: approved,
  ApprovalGiven: approvedOnce,
  ApprovalTakenBack: takenBack,
  CommandAnswered: commandAnswered,
  ApprovalVoided: voided,
  RemedyOutdated: outdated,
  RemedyMerged: alsoAfterEnd("proposed", merged),
  RedeployBegun: redeployBegun,
  RedeployStarted: redeployStarted,
  RedeployEnded: redeployEnded,
  CulpritReturned: culpritReturned,
  ReturnProposed: returnProposed,
  MergeArmed: armed,
  AttemptRefused: refused,
  PolicyDecided: decidedBy,
  MergeDisarmed: disarmed,
  RemedyDeployed: (incident, event) => {
    if (event.behind) return revertLive(incident, event);
    if (event.again) return liveAgain(incident, event);
    return deployedAlsoAfterEnd(incident, event);
  },
  FixFound: alsoAfterEnd("proposed", fixed),
  FixNotLive: notLive,
  RemedyIneffective: retried,
  RemedyWithdrawn: withdrawn,
  FollowUpOpened: followedUp,
  FollowUpRefused: followedUp,
  RelandRequested: relandRequested,
  RelandOpened: relandEnded,
  RelandRefused: relandEnded,
  ScaleEnded: (incident) => (incident.status === "closed" ? { ...incident, over: true } : incident),
  IncidentHeld: held,
  IncidentReleased: released,
  StepDelayed: delayed,
  DeadlineNeared: reminded,
  PageRequested: pageRequested,
  IncidentClosed: closed,
  IncidentEscalated: escalated,
  IncidentResumed: (incident, event) => (hasEnded(incident) ? resumed(incident, event) : incident),
  PullLeftOpen: (incident, { url }) =>
    incident.status === "none" ? incident : { ...incident, leftOpen: [...(incident.leftOpen ?? []), url] },
  FollowingEnded: (incident) => (hasEnded(incident) ? { ...incident, left: true } : incident),
};
