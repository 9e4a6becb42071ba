import type { EpochMs } from "../brands.ts";
import { firing, mergeAlerts } from "./alerts.ts";
import { isUnresolved } from "./deadline.ts";
import type { Event } from "./events.ts";
import { turned } from "./flapping.ts";
import { isDue } from "./follow-up.ts";
import { held, released } from "./hold.ts";
import {
  type Active,
  type Alert,
  type In,
  type Incident,
  isActive,
  type Remedy,
  type Review,
  takenUp,
  type UntoldRound,
} from "./model.ts";
import { remedyKey } from "./remedies.ts";
import { resumed } from "./resume.ts";
import { retried, withdrawn } from "./tried.ts";

/** Pure: the incident after a fact that `decide` gave for it. A fact that does not fit leaves it as it is. */
export const evolve = (incident: Incident, event: Event): Incident => {
  const { at } = event;
  switch (event.type) {
    case "IncidentOpened":
      return opened(incident, event);
    case "AlertsJoined":
    case "AlertsResolved": {
      const alerts = mergeAlerts(incident.alerts, event.alerts, at);
      const turn = firing(alerts) === firing(incident.alerts) ? {} : { turns: turned(incident.turns, at) };
      return isActive(incident)
        ? { ...incident, ...turn, alerts, truncated: isTruncated(incident, event) }
        : { ...incident, ...turn, alerts };
    }
    case "IncidentDiagnosed":
      if (incident.status !== "opened") return incident;
      return {
        ...{ ...looked(incident, event), status: "diagnosed", diagnosis: event.diagnosis, due: event.due },
        ...(event.questions && { questions: event.questions }),
      };
    case "LookPostponed": {
      if (incident.status !== "opened") return incident;
      const { diagnosis, detail, due } = event;
      return {
        ...{ ...looked(incident, event), status: "opened", thin: { diagnosis, detail }, due },
        ...(event.questions && { questions: event.questions }),
      };
    }
    case "DiagnosisRevised":
      return incident.status === "proposed" ? revised(incident, event) : incident;
    case "FixFound":
      return fixed(incident, event);
    case "IncidentReferred": {
      if (incident.status !== "diagnosed") return incident;
      const referral = { to: event.to, detail: event.detail };
      return { ...settled(incident), status: "referred", referral, due: event.due };
    }
    case "ReferralSettled":
      if (incident.status !== "referred") return incident;
      return { ...settled(incident), status: "deployed", deploy: { at }, due: event.due };
    case "OriginJoined": {
      if (!isActive(incident)) return incident;
      const origins = [...(incident.origins ?? []), event.origin];
      return { ...incident, origins, alerts: mergeAlerts(incident.alerts, event.alerts, at) };
    }
    case "TroubleSeparated":
      return { ...incident, troubles: event.trouble };
    case "RoundTold": {
      const { untold = [], ...rest } = incident;
      const left = untold.filter(({ end }) => end.round > event.round);
      return left.length === 0 ? rest : { ...rest, untold: left };
    }
    case "QuestionsRecorded":
      if (!isActive(incident)) return incident;
      return { ...incident, questions: [...(incident.questions ?? []), ...event.questions] };
    case "RemedyProposed": {
      if (incident.status !== "diagnosed") return incident;
      const { replaced, ...rest } = settled(incident);
      const { remedy, pull, due, look } = event;
      const moved = replaced?.why;
      return {
        ...{ ...rest, status: "proposed", asked: false, remedy, pull, due },
        ...(look && { look }),
        ...(moved !== undefined && { moved }),
      };
    }
    case "RemedyChosen": {
      if (incident.status !== "proposed") return incident;
      const { remedy, pull, look: _, ...rest } = unasked(incident);
      return {
        ...rest,
        status: "diagnosed",
        taken: [...takenUp(incident), event.choice],
        replaced: { remedy, pull, by: event.by },
        due: event.due,
      };
    }
    case "ApprovalRequested":
      if (incident.status !== "proposed") return incident;
      return { ...settled(incident), asked: true, message: event.message };
    case "MessagePosted":
      if (incident.status === "none") return incident;
      return { ...incident, message: event.message };
    case "RemedyApproved": {
      if (incident.status !== "proposed") return incident;
      return {
        ...unasked(incident),
        status: "approved",
        approval: { by: event.by, at, head: event.head, diff: event.diff },
        due: event.due,
      };
    }
    case "ApprovalVoided": {
      if (incident.status !== "proposed" && incident.status !== "approved") return incident;
      return {
        ...unasked(incident),
        status: "proposed",
        asked: false,
        moved: event.detail,
        pull: event.pull,
        due: event.due,
      };
    }
    case "RemedyMerged": {
      if (hasEnded(incident)) return afterEnd(incident, "proposed", event);
      return merged(incident, event);
    }
    case "RemedyDeployed":
      if (hasEnded(incident)) return afterEnd(incident, "merged", event);
      if (incident.status !== "merged") return incident;
      return {
        ...running(incident),
        ...(incident.remedy !== undefined && { remedy: timed(incident.remedy, at) }),
        status: "deployed",
        deploy: { sha: event.sha, at },
        due: event.due,
      };
    case "FixNotLive":
      return notLive(incident, event);
    case "RemedyIneffective":
      return incident.status === "deployed" ? retried(incident, event) : incident;
    case "RemedyWithdrawn":
      return incident.status === "deployed" ? withdrawn(incident, event) : incident;
    case "FollowUpOpened":
    case "FollowUpRefused": {
      const { remedy } = event;
      if (!isDue(incident, remedy)) return incident;
      const followUp =
        event.type === "FollowUpOpened" ? { remedy, pull: event.pull } : { remedy, detail: event.detail };
      return { ...incident, followUp };
    }
    case "IncidentResumed":
      return hasEnded(incident) ? resumed(incident, event) : incident;
    case "FollowingEnded":
      return hasEnded(incident) ? { ...incident, left: true } : incident;
    case "ScaleEnded":
      return incident.status === "closed" ? { ...incident, over: true } : incident;
    case "StepDelayed":
      return isActive(incident) ? delayed(incident, event) : incident;
    case "RemedyOutdated": {
      if (incident.status !== "proposed" && incident.status !== "approved") return incident;
      const { remedy, pull, ...rest } = unasked(incident);
      const replaced = {
        remedy,
        pull,
        by: "",
        why: event.detail,
        ...(event.again && { again: event.again }),
      };
      return { ...rest, status: "diagnosed", replaced, due: event.due };
    }
    case "IncidentHeld":
      return isActive(incident) ? held(incident, event) : incident;
    case "IncidentReleased":
      return isActive(incident) ? released(incident, event) : incident;
    case "DeadlineNeared":
      return incident.status === "none" ? incident : { ...incident, reminded: event.share };
    case "PageRequested":
      return incident.status === "none"
        ? incident
        : { ...incident, page: { since: at, detail: event.detail } };
    case "IncidentClosed": {
      if (!isActive(incident) && incident.status !== "escalated") return incident;
      const { outcome, detail, by, verdict } = event;
      return {
        ...ended(incident, at),
        status: "closed",
        outcome,
        ...(detail === undefined ? {} : { detail }),
        ...(by === undefined ? {} : { by }),
        ...(verdict && { verdict }),
      };
    }
    case "IncidentEscalated":
      if (!isActive(incident) && incident.status !== "escalated") return incident;
      return {
        ...{ ...ended(incident, at), ...event.made },
        ...{ status: "escalated", reason: event.reason, detail: event.detail },
        ...(event.verdict && { verdict: event.verdict }),
      };
  }
};

/** A step that fails in another way still fails since it failed first. */
const delayed = (
  incident: Active,
  { at, step, detail, system, due, retryAt, verdict }: Of<"StepDelayed">,
): Incident => {
  const since = incident.delay?.step === step ? incident.delay.since : at;
  const delay = {
    ...{ step, detail, since },
    ...(system && { system }),
    ...(retryAt && { retryAt }),
    ...(verdict && { verdict }),
  };
  return { ...incident, delay, ...(due !== undefined && { due }) };
};

const isTruncated = (
  { truncated }: Active,
  event: Extract<Event, { type: "AlertsJoined" | "AlertsResolved" }>,
): boolean => !("whole" in event && event.whole) && (truncated || event.truncated);

const hasEnded = (incident: Incident): incident is In<"closed" | "escalated"> =>
  incident.status === "closed" || incident.status === "escalated";

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

type Of<T extends Event["type"]> = Extract<Event, { type: T }>;

const notLive = (incident: Incident, { sha, detail, failed, due }: Of<"FixNotLive">): Incident => {
  const why = { sha, detail, ...(failed && { failed }) };
  if (incident.status === "merged") return { ...incident, notLive: why };
  if (incident.status !== "deployed" || due === undefined) return incident;
  const { deploy: _, ...rest } = settled(incident);
  return { ...rest, status: "merged", notLive: why, due };
};

/** The time of a scale that is for a time counts from when it is live. */
const timed = (remedy: Remedy, at: EpochMs): Remedy =>
  remedy.kind === "scale" && remedy.forMs !== undefined ? { ...remedy, until: at + remedy.forMs } : remedy;

const running = ({ notLive: _, ...incident }: In<"merged">) => settled(incident);

const opened = (incident: Incident, event: Of<"IncidentOpened">): In<"opened"> => {
  const { id, service, environment, alerts, troubles, turns } = incident;
  const { at, round, onsetAt, truncated, due, trace, origin } = event;
  const untold = untoldBy(incident);
  return {
    ...{ status: "opened", id, service, environment, round, openedAt: at, onsetAt, truncated, due },
    alerts: mergeAlerts(resolvedOf(alerts), event.alerts, at),
    turns: turned(turns, at),
    ...(incident.page !== undefined && isUnresolved(incident) ? { page: incident.page } : {}),
    ...(trace !== undefined && { trace }),
    ...(origin !== undefined && { origins: [origin] }),
    ...(troubles !== undefined && { troubles }),
    ...(untold.length > 0 && { untold }),
  };
};

/** Ended rounds that are kept until they are told; older ones are forgotten first. */
const maxUntold = 5;

const untoldBy = (incident: Incident): UntoldRound[] => {
  const { untold: before = [], ...end } = incident;
  if (end.status !== "closed" && end.status !== "escalated") return before;
  return [...before, { end }].slice(-maxUntold);
};

/** A new round remembers the firings that have ended: they may still be reported late. */
const resolvedOf = (alerts: Alert[]): Alert[] => alerts.filter(({ status }) => status === "resolved");

/** Without the delay that the new fact has ended. */
const settled = <T extends Active>({ delay: _, ...incident }: T): Omit<T, "delay"> => incident;

/** After a diagnosis: with what it had to go by, and without the one before. */
const looked = (incident: In<"opened">, { lookAt, basis }: Review) => {
  const { delay: _, thin: __, lookAt: ___, ...rest } = incident;
  return { ...rest, ...(lookAt !== undefined && { lookAt }), ...(basis !== undefined && { basis }) };
};

const revised = (incident: In<"proposed">, event: Of<"DiagnosisRevised">): Incident => {
  const { diagnosis, taken, due, basis, lookAt } = event;
  const { lookAt: _, ...rest } = incident;
  const review = { ...(basis !== undefined && { basis }), ...(lookAt !== undefined && { lookAt }) };
  if (!event.replace) return { ...rest, ...review, diagnosis, taken };
  const { remedy, pull, look: __, ...before } = unasked(incident);
  const { lookAt: ___, ...kept } = before;
  return {
    ...{ ...kept, ...review, status: "diagnosed", diagnosis, taken, due },
    replaced: { remedy, pull, by: reviser },
    dropped: [...(incident.dropped ?? []), remedyKey(remedy)],
  };
};
/** The author of a replacement that no person chose. */
const reviser = "Countersteer, which knows more now";

const fixed = (incident: Incident, { at, fix, due }: Of<"FixFound">): Incident => {
  const diagnosed = diagnosedOf(incident);
  if (diagnosed === undefined) return incident;
  const { sha, by = "someone" } = fix;
  const merge = sha !== undefined && fix.kind === "revert" ? { merge: { sha, at: fix.at, by } } : {};
  if (fix.kind === "revert" || fix.kind === "pull")
    return { ...diagnosed, ...merge, status: "merged", fix, due };
  const deploy = sha === undefined ? { at } : { sha, at };
  return { ...diagnosed, status: "deployed", fix, deploy, due };
};

/** The incident with its diagnosis, where people's own fix may take it from. */
const diagnosedOf = (incident: Incident) => {
  switch (incident.status) {
    case "opened": {
      const { thin, delay: _, ...rest } = incident;
      return thin === undefined ? undefined : { ...rest, diagnosis: thin.diagnosis };
    }
    case "proposed":
      return unasked(incident);
    case "diagnosed":
    case "merged":
      return settled(incident);
    default:
      return undefined;
  }
};

const merged = (incident: Incident, { at, sha, by, due }: Of<"RemedyMerged">): Incident => {
  const merge = { sha, at, by };
  if (incident.status === "proposed") return { ...unasked(incident), status: "merged", merge, due };
  if (incident.status === "approved") return { ...settled(incident), status: "merged", merge, due };
  return incident;
};

/** The proposal, without its question and without its approval. */
const unasked = (incident: In<"proposed" | "approved">) => {
  if (incident.status === "approved") {
    const { approval: _, delay: __, ...rest } = incident;
    return rest;
  }
  const { asked: _, moved: __, delay: ___, ...rest } = incident;
  return rest;
};

const ended = (incident: Active | In<"escalated">, at: number) => {
  if (incident.status === "escalated") {
    const { status: _, reason: __, detail: ___, verdict: ____, ...rest } = incident;
    return { ...rest, endedAt: at };
  }
  const stood = incident.status === "proposed" ? unasked(incident) : incident;
  const {
    due: _,
    delay: __,
    status: ___,
    lookAt: ____,
    basis: _____,
    held: ______,
    ...rest
  } = {
    ...{ ...stood, delay: undefined, lookAt: undefined, basis: undefined, held: undefined },
  };
  if (incident.status !== "opened") return { ...rest, endedAt: at };
  const { thin, ...before } = { thin: undefined, ...rest };
  return { ...before, ...(thin !== undefined && { diagnosis: thin.diagnosis }), endedAt: at };
};
