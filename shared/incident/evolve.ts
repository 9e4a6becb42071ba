import type { EpochMs } from "../brands.ts";
import { firing, learn } from "./alerts.ts";
import { isUnresolved } from "./deadline.ts";
import { turned } from "./flapping.ts";
import { isDue } from "./follow-up.ts";
import {
  type Active,
  type Alert,
  type Event,
  type In,
  type Incident,
  isActive,
  type Remedy,
  takenUp,
} from "./model.ts";
import { resumed } from "./resume.ts";

/** Pure: the incident after a fact that `decide` gave for it. A fact that does not fit leaves it as it is. */
export const evolve = (incident: Incident, event: Event): Incident => {
  const { at } = event;
  switch (event.type) {
    case "IncidentOpened": {
      const { id, service, environment, alerts, turns } = incident;
      const { round, onsetAt, truncated, due, trace } = event;
      const opened: In<"opened"> = {
        ...{ status: "opened", id, service, environment, round, openedAt: at, onsetAt, truncated, due },
        alerts: learn(over(alerts), event.alerts, at),
        turns: turned(turns, at),
        ...(incident.page !== undefined && isUnresolved(incident) ? { page: incident.page } : {}),
      };
      return trace === undefined ? opened : { ...opened, trace };
    }
    case "AlertsJoined":
    case "AlertsResolved": {
      const alerts = learn(incident.alerts, event.alerts, at);
      const turn = firing(alerts) === firing(incident.alerts) ? {} : { turns: turned(incident.turns, at) };
      return isActive(incident)
        ? { ...incident, ...turn, alerts, truncated: incident.truncated || event.truncated }
        : { ...incident, ...turn, alerts };
    }
    case "IncidentDiagnosed":
      if (incident.status !== "opened") return incident;
      return {
        ...{ ...settled(incident), status: "diagnosed", diagnosis: event.diagnosis, due: event.due },
        ...(event.questions && { questions: event.questions }),
      };
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
      const { remedy, pull, ...rest } = unasked(incident);
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
      if (incident.status !== "proposed" && incident.status !== "approved") return incident;
      const rest = incident.status === "proposed" ? unasked(incident) : settled(incident);
      return { ...rest, status: "merged", merge: { sha: event.sha, at, by: event.by }, due: event.due };
    }
    case "RemedyDeployed":
      if (hasEnded(incident)) return afterEnd(incident, "merged", event);
      if (incident.status !== "merged") return incident;
      return {
        ...running(incident),
        remedy: timed(incident.remedy, at),
        status: "deployed",
        deploy: { sha: event.sha, at },
        due: event.due,
      };
    case "FixNotLive":
      return notLive(incident, event);
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
        ...{ ...ended(incident, at), status: "escalated", reason: event.reason, detail: event.detail },
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

const hasEnded = (incident: Incident): incident is In<"closed" | "escalated"> =>
  incident.status === "closed" || incident.status === "escalated";

/** What happens to an ended incident happens to it as it was before its end. */
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

/** What a new round remembers of earlier ones: firings known to have ended, which may still arrive late. */
const over = (alerts: Alert[]): Alert[] => alerts.filter(({ status }) => status === "resolved");

/** Without the delay that the new fact has ended. */
const settled = <T extends Active>({ delay: _, ...incident }: T): Omit<T, "delay"> => incident;

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
  const { due: _, delay: __, status: ___, ...rest } = { ...stood, delay: undefined };
  return { ...rest, endedAt: at };
};
