import type { EpochMs } from "../../brands.ts";
import {
  areJudged,
  type Classified,
  classifyAll,
  firing,
  isSameFiring,
  latestOf,
  mergeAlerts,
  onset,
  repeatedMs,
  unjudged,
} from "../alerts/alerts.ts";
import { isFlapping, mayGoOn, turned } from "../alerts/flapping.ts";
import type { CommandOf } from "../commands.ts";
import type { Event } from "../events.ts";
import {
  type Active,
  type Alert,
  countsIn,
  type In,
  type Incident,
  isActive,
  maxTroubles,
} from "../model.ts";
import type { Policy } from "../policy.ts";
import type { Verdict } from "../recovery.ts";
import { unmergedRedeploy } from "../remedies/redeploy.ts";
import { unlessApproved } from "./proposal.ts";

type RecordAlerts = CommandOf<"RecordAlerts">;

export const recordAlerts = (incident: Incident, command: RecordAlerts, policy: Policy): Event[] => {
  if (command.origin !== undefined) return recordOrigin(incident, command, policy);
  const { at } = command;
  const classified = classifyAll(incident, command.alerts, at);
  const { fresh, resolved } = classified;
  const truncated = command.truncated || classified.overflow;
  const ended: Event[] =
    resolved.length > 0 ? [{ type: "AlertsResolved", at, alerts: resolved, truncated }] : [];
  if (isActive(incident)) {
    const facts = [...joined(incident, { ...command, truncated }, fresh), ...ended];
    if (facts.length === 0) return cutSince(incident, { at, truncated });
    return [...facts, ...recovery(incident, { ...command, truncated }, classified)];
  }
  const known = mergeAlerts(incident.alerts, [...fresh, ...resolved], at);
  // An alert that fired and resolved within one notification leaves nothing to open.
  const opening = [
    ...fresh.filter((alert) => latestOf(known, alert)?.status === "firing"),
    ...stillFiring(incident, command),
  ];
  if (opening.length === 0) return [...ended, ...recoveredLate(incident, { at, truncated, known, resolved })];
  return [...ended, reopen(incident, { ...command, truncated }, { known, opening }, policy)];
};

/** Alerts that Alertmanager repeats long after the verdict that they are over: it was wrong, or is about another Prometheus. */
const stillFiring = (incident: Incident, { at, alerts }: RecordAlerts): Alert[] => {
  if (incident.status !== "closed" || incident.outcome !== "verified") return [];
  if (at - incident.endedAt < repeatedMs) return [];
  return alerts.filter((alert) => isSameFiring(latestOf(incident.alerts, alert), alert));
};

/** A notification may show alerts that are known, and leave out others that are not. */
const cutSince = (incident: Active, { at, truncated }: Pick<RecordAlerts, "at" | "truncated">): Event[] =>
  truncated && !incident.truncated ? [{ type: "AlertsJoined", at, alerts: [], truncated, again: true }] : [];

/** A second replica may tell a firing with another start, which is kept; the alert is the same. */
const joined = (incident: Active, { at, truncated, full }: RecordAlerts, fresh: Alert[]): Event[] => {
  const goesOn = (alert: Alert): boolean => latestOf(incident.alerts, alert)?.status === "firing";
  const [again, others] = [fresh.filter(goesOn), fresh.filter((alert) => !goesOn(alert))];
  const event = { type: "AlertsJoined", at, truncated } as const;
  return [
    ...(others.length > 0 ? [{ ...event, alerts: others, ...(full && { full: true as const }) }] : []),
    ...(again.length > 0 ? [{ ...event, alerts: again, again: true as const }] : []),
  ];
};

/** More alerts than an incident remembers remain a truncated notification. */
export const completeAlerts = (incident: Incident, { at, alerts }: CommandOf<"CompleteAlerts">): Event[] => {
  if (!isActive(incident) || !incident.truncated) return [];
  const { fresh, overflow } = classifyAll(incident, alerts, at);
  return overflow ? [] : [{ type: "AlertsJoined", at, alerts: fresh, truncated: false, whole: true }];
};

/** Alerts that fire along with it are part of the new trouble, even when they fired in an earlier round. */
const reopen = (
  incident: Incident,
  command: RecordAlerts,
  { known, opening }: { known: Alert[]; opening: Alert[] },
  policy: Policy,
): Event => {
  const named = new Set(command.alerts.map(({ fingerprint }) => fingerprint));
  const alerts = known.filter(({ fingerprint, status }) => status === "firing" && named.has(fingerprint));
  return opened(incident, command, { alerts, since: opening }, policy);
};

/** A trouble that was handed over and goes away is over: nobody is needed any more. */
const recoveredLate = (
  incident: Incident,
  { at, truncated, known, resolved }: { at: EpochMs; truncated: boolean; known: Alert[]; resolved: Alert[] },
): Event[] => {
  if (incident.status !== "escalated" || incident.truncated || truncated) return [];
  if (resolved.length === 0 || firing(known) || isAskedAbout(incident)) return [];
  return [late(incident, at)];
};

const late = (incident: In<"escalated">, at: EpochMs, { verdict, detail: why }: Seen = {}): Event => {
  // Where people mended it, the merge is theirs, and ours stayed a proposal.
  const isMerged = incident.merge !== undefined && incident.fix === undefined;
  const fix =
    isMerged && incident.pull !== undefined
      ? `; pull request #${incident.pull.number} was merged before`
      : "";
  const detail = `every alert resolved after this was handed over${lastEnd(incident.alerts)}${fix}${because(why)}`;
  const outcome = incident.fix === undefined ? "recovered" : "recovered_by_people";
  return { type: "IncidentClosed", at, outcome, detail, ...(verdict && { verdict }) };
};

const lastEnd = (alerts: Alert[]): string => {
  const ends = alerts.flatMap(({ endsAt }) => endsAt ?? []);
  return ends.length === 0 ? "" : `, the last one at ${instant(Math.max(...ends))}`;
};

const opened = (
  incident: Incident,
  { at, trace, truncated, origin, originRound }: RecordAlerts,
  { alerts, since }: { alerts: Alert[]; since: Alert[] },
  policy: Policy,
): Event => ({
  ...{ type: "IncidentOpened", at, round: incident.round + 1, alerts },
  ...{ onsetAt: onset(since, at), truncated, due: at + policy.stepMs },
  ...(trace !== undefined && { trace }),
  ...(origin !== undefined && { origin, ...(originRound !== undefined && { originRound }) }),
});

/** Another incident counts on this one: it joins, or opens this one. */
const recordOrigin = (incident: Incident, command: RecordAlerts, policy: Policy): Event[] => {
  const { at, origin, originRound, alerts, shares } = command;
  if (origin === undefined || alerts.length === 0 || origin === incident.id) return [];
  if (!isActive(incident)) return [openedFor(incident, command, policy)];
  if (countsIn(incident, { id: origin, round: originRound })) return [];
  const round = originRound === undefined ? {} : { originRound };
  const joined: Event = { type: "OriginJoined", at, origin, ...round, alerts, ...(shares && { shares }) };
  return shares ? [joined, ...askedAnew(incident, origin, at, policy)] : [joined];
};

/** The own alerts that still fire belong to the trouble as well. */
const openedFor = (incident: Incident, command: RecordAlerts, policy: Policy): Event => {
  const own = incident.alerts.filter(({ status }) => status === "firing");
  const alerts = mergeAlerts(own, command.alerts, command.at);
  return opened(incident, command, { alerts, since: command.alerts }, policy);
};

/** A question about a change that another service shares is for the people of both. */
const askedAnew = (incident: Active, origin: string, at: EpochMs, policy: Policy): Event[] => {
  if (incident.status !== "approved" && !(incident.status === "proposed" && incident.asked)) return [];
  const detail = `${origin} needs the same change, so its people approve it as well`;
  const due = at + policy.approvalMs;
  return [{ type: "ApprovalVoided", at, detail, pull: incident.pull, due, ...unlessApproved(incident) }];
};

/** Whether nothing of ours is approved or merged, so that a trouble that goes away did so without us. */
const isUntouched = (incident: Active, at: EpochMs): boolean =>
  unmergedRedeploy(incident) === undefined && isUndecided(incident, at);

/** People are asked until the due time whether an approval that the recovery overtook still holds. */
const isUndecided = (incident: Active, at: EpochMs): boolean =>
  incident.status === "opened" ||
  incident.status === "diagnosed" ||
  (incident.status === "proposed" && (incident.overtaken === undefined || at >= incident.due)) ||
  incident.status === "referred" ||
  (incident.status === "merged" && incident.fix !== undefined) ||
  (incident.status === "deployed" && incident.fix !== undefined && !isAskedAbout(incident));

/** The finding of Prometheus about a trouble that went away, or the reason why it could not be asked. */
type Seen = { verdict?: Verdict; detail?: string };
const because = (detail: string | undefined): string => (detail === undefined ? "" : `; ${detail}`);

/** Whether the rules of the trouble are known, or configured, so that a step can ask Prometheus whether the trouble is over. */
const isAskedAbout = ({ questions = [] }: Incident): boolean =>
  questions.some(({ rules, configured }) => rules.length > 0 || configured === true);

/** A trouble that went away ends the incident while nothing is approved. Where Prometheus can be asked, a step does so first. */
const recovery = (
  incident: Active,
  { at, truncated }: RecordAlerts,
  { fresh, resolved }: Classified,
): Event[] => {
  if (resolved.length === 0 || truncated || isAskedAbout(incident)) return [];
  const alerts = mergeAlerts(incident.alerts, [...fresh, ...resolved], at);
  const turns = turned(incident.turns, at);
  return hasResolved({ ...incident, alerts, turns }, at) ? [recoveredBy({ ...incident, turns }, at)] : [];
};

/**
 * Whether every alert resolved while nothing of ours is approved. A truncated notification says nothing about the rest, and a
 * flapping alert is one question, which stays open until it is calm.
 */
export const hasResolved = (incident: Incident, at: EpochMs): incident is Active =>
  isQuiet(incident, at) && !mayGoOn(incident.turns, at);

const isQuiet = (incident: Incident, at: EpochMs): incident is Active =>
  isActive(incident) && isUntouched(incident, at) && !incident.truncated && !firing(incident.alerts);

/**
 * Whether a recovery may end the incident soon, so that its due time does not: it flaps and is quiet, or a step is to ask Prometheus.
 * Nobody is called for an incident that is over a minute later.
 */
export const mayRecover = (incident: Active, at: EpochMs, { approvalMs }: Policy): boolean => {
  if (!isQuiet(incident, at)) return false;
  if (mayGoOn(incident.turns, at)) return true;
  return incident.delay === undefined && at < incident.due + approvalMs;
};

export const recordSelfRecovery = (incident: Incident, command: CommandOf<"RecordSelfRecovery">): Event[] => {
  const { at, judged } = command;
  const isJudged = (one: Active | In<"escalated">) => judged === undefined || areJudged(one, judged);
  if (hasResolved(incident, at)) return isJudged(incident) ? [recoveredBy(incident, at, command)] : [];
  return hasResolvedLate(incident) && isJudged(incident) ? [late(incident, at, command)] : [];
};

/** Whether every alert of an incident that was handed over has resolved. */
export const hasResolvedLate = (incident: Incident): incident is In<"escalated"> =>
  incident.status === "escalated" && !incident.truncated && !firing(incident.alerts);

/** Told once. */
export const recordDoubt = (
  incident: Incident,
  { at, verdict, detail }: CommandOf<"RecordDoubt">,
): Event[] =>
  hasResolvedLate(incident) && incident.verdict !== verdict
    ? [{ type: "IncidentEscalated", at, reason: incident.reason, detail, verdict }]
    : [];

const recoveredBy = (incident: Active, at: EpochMs, { verdict, detail }: Seen = {}): Event => {
  const fix = "fix" in incident ? incident.fix : undefined;
  return {
    ...{ type: "IncidentClosed", at, detail: `${resolvedText(incident)}${because(detail)}` },
    outcome: fix === undefined ? "recovered" : "recovered_by_people",
    ...(verdict && { verdict }),
  };
};

const resolvedText = (incident: Active): string => {
  const { turns } = incident;
  const last = turns?.recent.at(-1);
  const tried = "tried" in incident ? incident.tried?.at(-1) : undefined;
  if ("fix" in incident && incident.fix !== undefined) return `every alert resolved; ${incident.fix.detail}`;
  if (incident.status === "proposed" && incident.overtaken)
    return "every alert resolved after the approval, and nobody said in time that it is still wanted; nothing was merged";
  if (turns === undefined || last === undefined || !isFlapping(turns, last))
    return tried === undefined
      ? "every alert resolved before anything was merged"
      : `every alert resolved after pull request #${tried.pull.number} had seemed not to help; nothing is put back or merged any more`;
  return `every alert has been quiet since ${instant(last)}, after it came and went ${turns.count} times; nothing was merged`;
};

const instant = (at: EpochMs): string => new Date(at).toISOString().replace(/\.\d+Z$/, "Z");

/** Alerts that began after the fix went live were never judged. Those that still fire open the next round at once. */
export const openRest = (incident: In<"deployed">, at: EpochMs, policy: Policy): Event[] => {
  const alerts = unjudged(incident).filter(({ status }) => status === "firing");
  if (alerts.length === 0) return [];
  const command: RecordAlerts = { type: "RecordAlerts", at, alerts, truncated: incident.truncated };
  return [opened(incident, command, { alerts, since: alerts }, policy)];
};

export const separate = (
  incident: Incident,
  { at, trouble, names }: CommandOf<"RecordSeparation">,
): Event[] =>
  incident.status === "none" || trouble > maxTroubles || trouble <= (incident.troubles ?? 1)
    ? []
    : [{ type: "TroubleSeparated", at, trouble, ...(names && { names }) }];
