import { alertsOfRound } from "../incident/alerts/alerts.ts";
import type { Event, EventOf } from "../incident/events.ts";
import { type Alert, type Incident, isActive, knownOf, type Pull, type Remedy } from "../incident/model.ts";
import { pullId } from "../incident/remedies/remedies.ts";
import { roundsBefore } from "../incident/rounds/earlier.ts";
import type { DeployRecord } from "../ports/store.ts";
import { clock, short } from "./format.ts";
import { pullName } from "./pull-name.ts";
import type { Link, TimelineEntry } from "./timeline.ts";

/** Waits that the last comment of a round lists, earlier pull requests that its question links, and alerts that are told by their labels. */
const limits = { waits: 3, pulls: 3, labels: 3, deploys: 3 };

/** The context of a fact that the pull request alone does not show: earlier pull requests, waits, and when the trouble ended. */
export const inContext = (
  event: Event,
  incident: Incident,
  { log, deploys = [] }: Told,
): { sentences: string[]; links: Link[] } => {
  if (event.type === "ApprovalRequested") return before(incident, log);
  if (event.type === "FollowUpOpened")
    return {
      sentences: [],
      links: [{ text: `The follow-up, ${pullName(event.pull)}`, url: event.pull.url }],
    };
  if (event.type === "TroubleSeparated") return { sentences: sinceLive(event, log), links: [] };
  if (event.type === "AlertsJoined") return { sentences: toldApart(event, log), links: [] };
  if (event.type === "AlertsResolved")
    return { sentences: [...endOf(incident), ...deployedBefore(incident, deploys)], links: [] };
  if (event.type !== "IncidentClosed" && event.type !== "IncidentEscalated")
    return { sentences: [], links: [] };
  const told = event.detail ?? "";
  const isTold = (sentence: string) =>
    told.includes(sentence.replace(/ UTC$/, "")) || told.includes(lastOneAt);
  const ends = endOf(incident).filter((sentence) => !isTold(sentence));
  const live = isRecovery(event) ? deployedBefore(incident, deploys) : [];
  return { sentences: [...ends, ...live, ...waits(log, event)], links: [] };
};

/** Whether it is the end of a trouble that went away. */
export const isRecovery = (event: Event): boolean =>
  event.type === "IncidentClosed" && event.outcome === "recovered";

/** Whether a trouble went away without a fix that is known: a deploy may have ended it. */
export const mayBeDeployed = (incident: Incident): boolean =>
  incident.status === "closed" &&
  incident.merge === undefined &&
  incident.fix === undefined &&
  endOf(incident).length > 0;

/** The deploys between the begin of the trouble and its end, the latest last. */
export const deployedBefore = (incident: Incident, deploys: DeployRecord[]): string[] => {
  if (!mayBeDeployed(incident) || !("onsetAt" in incident)) return [];
  const end = Math.max(...alertsOfRound(incident).flatMap(({ endsAt }) => endsAt ?? []));
  const between = deploys.filter(
    ({ at, status }) => status === "succeeded" && at > incident.onsetAt && at <= end,
  );
  const shown = between
    .toSorted((a, b) => a.at - b.at)
    .slice(-limits.deploys)
    .map(({ sha, at }) => `${short(sha)} at ${clock(at)} UTC`);
  return shown.length === 0 ? [] : [`deployed before that, since the trouble began: ${shown.join(", ")}`];
};

/** The facts of the incident, and the deploys of its service since the trouble began, where they may explain its end. */
export type Told = { log: Event[]; deploys?: DeployRecord[] };

/** A recovery after the end tells when the last alert ended in these words. */
const lastOneAt = ", the last one at ";

/** A new trouble that begins once the fix is live may come from the fix. */
const sinceLive = (event: Event, log: Event[]): string[] => {
  const before = log.slice(0, log.indexOf(event));
  const opened = before.findLastIndex(({ type }) => type === "IncidentOpened");
  const live = before.slice(Math.max(0, opened)).findLast(({ type }) => type === "RemedyDeployed");
  return live === undefined
    ? []
    : [`it was told after the fix went live at ${clock(live.at)} UTC, and may come from it`];
};

/** The pull requests that came before: of this round, and of rounds in which the same trouble was there. */
const before = (incident: Incident, log: Event[]) => {
  const rounds = roundsBefore(log, incident.round).flatMap((one) => {
    if (!("pull" in one) || one.pull === undefined) return [];
    return [{ pull: one.pull, what: `round ${one.round}, ${cameTo(one, log)}` }];
  });
  const own = ownOf(incident);
  const others = proposedIn(log, incident.round)
    .filter((one) => own === undefined || pullId(one) !== pullId(own))
    .map(({ pull }) => ({ pull, what: "before it in this round" }));
  const earlier = [...rounds, ...others].slice(-limits.pulls);
  const again =
    rounds.length === 0
      ? []
      : [`round ${incident.round}, the same trouble was there before`, firingNow(incident)];
  return {
    sentences: again,
    links: earlier.map(({ pull, what }) => ({ text: `#${pull.number}: ${what}`, url: pull.url })),
  };
};

/** The end of a round: an answer that never came is remembered although the alert resolved later. */
const cameTo = (incident: Incident, log: Event[]): string => {
  const wasUnanswered = eventsOf(log, incident.round).some(
    (event) => event.type === "IncidentEscalated" && event.reason === "unanswered",
  );
  const end =
    incident.status === "closed"
      ? incident.outcome
      : incident.status === "escalated"
        ? incident.reason
        : incident.status;
  return wasUnanswered && end !== "unanswered" ? `unanswered, then ${end}` : end;
};

const firingNow = (incident: Incident): string =>
  alertsOfRound(incident)
    .filter(({ status }) => status === "firing")
    .map(({ name, startsAt }) => `${name} since ${clock(startsAt)} UTC`)
    .slice(0, limits.pulls)
    .join(", ");

/** The facts of one round. */
export const eventsOf = (log: Event[], round: number): Event[] => {
  const start = log.findIndex((event) => event.type === "IncidentOpened" && event.round === round);
  if (start < 0) return [];
  const next = log.findIndex((event) => event.type === "IncidentOpened" && event.round > round);
  return log.slice(start, next < 0 ? log.length : next);
};

type Proposed = { remedy: Remedy; pull: Pull };

/** The pull requests that were proposed in a round, each once. */
const proposedIn = (log: Event[], round: number): Proposed[] => {
  const proposed = eventsOf(log, round).flatMap((event) => (event.type === "RemedyProposed" ? [event] : []));
  return [...new Map(proposed.map((event) => [pullId(event), event])).values()];
};

const ownOf = (incident: Incident): Proposed | undefined => {
  const { pull, remedy } = knownOf(incident);
  return pull === undefined || remedy === undefined ? undefined : { pull, remedy };
};

/**
 * A pull request of the same story, and the comment that leads from it to what followed. `isLast`: the incident has none of its own yet, so
 * its readers on GitHub have only this one.
 */
type Led = Proposed & { marker: string; at: number; told: TimelineEntry; isLast?: boolean };

/**
 * Links for a reader of an earlier pull request: to the next one of its round, and from the round before to this one. `page` is the
 * incident's, where there are pages.
 */
export const leadsOn = (incident: Incident, log: Event[], page: string | undefined): Led[] => {
  const { id, round } = incident;
  const proposed = proposedIn(log, round);
  const asked = ownOf(incident);
  const own = asked?.pull;
  const started = eventsOf(log, round);
  const at = started[0]?.at ?? 0;
  const next: Led[] = proposed
    .filter((one) => asked !== undefined && pullId(one) !== pullId(asked))
    .map(({ pull, remedy }) => ({
      ...{ pull, remedy, marker: `${id}#${round}:next:${own?.number}`, at: lastProposalAt(started) },
      told: {
        title: "Goes on elsewhere",
        text: "the same incident goes on with another pull request",
        links: own === undefined ? [] : [{ text: `#${own.number}`, url: own.url }],
      },
    }));
  const [last] = proposedIn(log, round - 1).slice(-1);
  if (last === undefined) return next;
  const isOwn = asked !== undefined && pullId(last) === pullId(asked);
  // A question about it again tells the round itself.
  const isAsked = isActive(incident) || started.some(({ type }) => type === "ApprovalRequested");
  if (isOwn && isAsked) return next;
  const links =
    own !== undefined && !isOwn
      ? [{ text: `#${own.number}`, url: own.url }]
      : page === undefined
        ? []
        : [{ text: "The incident", url: page }];
  const former = eventsOf(log, round - 1);
  const onsetAt = onsetOf(started) ?? at;
  const goesOn = onsetAt < (former.findLast(({ type }) => type === "IncidentClosed")?.at ?? 0);
  const text = `round ${round} of the same incident: ${namesOf(started).join(", ")} ${goesOn ? "has fired since" : "fired at"} ${clock(onsetAt)} UTC`;
  const before = namesOf(former);
  const isSame = namesOf(started).some((name) => before.includes(name));
  const title = !isSame ? "Another alert since" : goesOn ? "Still firing" : "Fired again";
  return [
    ...next,
    {
      ...last,
      marker: `${id}#${round}:again:${own?.number ?? ""}`,
      at,
      told: { title, text, links },
      isLast: own === undefined,
    },
  ];
};

const lastProposalAt = (events: Event[]): number =>
  events.findLast(({ type }) => type === "RemedyProposed")?.at ?? 0;
const onsetOf = ([opened]: Event[]): number | undefined =>
  opened?.type === "IncidentOpened" ? opened.onsetAt : undefined;
/** The alerts that a round opened with, by name. */
const namesOf = ([opened]: Event[]): string[] =>
  opened?.type === "IncidentOpened" ? [...new Set(opened.alerts.map(({ name }) => name))] : [];

/** The instant at which Alertmanager saw the last alert end, once none fires. */
export const endOf = (incident: Incident): string[] => {
  const alerts = alertsOfRound(incident);
  const ends = alerts.flatMap(({ endsAt }) => endsAt ?? []);
  const isOver = alerts.length > 0 && alerts.every(({ status }) => status === "resolved");
  return isOver && ends.length > 0 ? [`the last alert ended at ${clock(Math.max(...ends))} UTC`] : [];
};

/**
 * The different reasons for waiting in the round, up to its end, each once with its times; of several figures of one step the last ones. A
 * reason that the end tells itself is left out.
 */
const waits = (log: Event[], end: EventOf<"IncidentClosed" | "IncidentEscalated">): string[] => {
  const opened = log.findLastIndex(({ type }) => type === "IncidentOpened");
  const known = new Map<string, { from: number; to: number }>();
  for (const event of log.slice(opened, log.indexOf(end))) {
    if (event.type !== "StepDelayed" || end.detail?.includes(event.detail)) continue;
    const from = known.get(event.detail)?.from ?? event.at;
    known.delete(event.detail);
    known.set(event.detail, { from, to: event.at });
  }
  const details = [...known].map(([detail, { from, to }]) =>
    from === to ? `${detail} (${clock(from)})` : `${detail} (${clock(from)} to ${clock(to)})`,
  );
  const shown = details.slice(-limits.waits);
  return shown.length === 0 ? [] : [`waited for: ${shown.join("; ")}`];
};

/** The alerts of the round before a fact. */
const alertsBefore = (event: Event, log: Event[]): Alert[] => {
  const before = log.slice(0, log.indexOf(event));
  const opened = before.findLastIndex(({ type }) => type === "IncidentOpened");
  return before
    .slice(Math.max(0, opened))
    .flatMap((one) => (one.type === "IncidentOpened" || one.type === "AlertsJoined" ? one.alerts : []));
};

/** The labels that tell alerts that joined from those of the same name before them. */
const toldApart = (event: EventOf<"AlertsJoined">, log: Event[]): string[] => {
  const before = alertsBefore(event, log);
  const labels = event.alerts.flatMap((alert) => {
    const same = before.filter(({ name }) => name === alert.name);
    if (same.length === 0) return [];
    const own = Object.entries(alert.labels).filter(([label, value]) =>
      same.every((one) => one.labels[label] !== value),
    );
    return own.length === 0 ? [] : [own.map(([label, value]) => `${label} “${value}”`).join(", ")];
  });
  const more = labels.length > limits.labels ? [`${labels.length - limits.labels} more`] : [];
  return labels.length === 0
    ? []
    : [
        `${labels.length === 1 ? "this one is" : "these are"} of ${[...labels.slice(0, limits.labels), ...more].join("; ")}`,
      ];
};

/** Whether another alert joined after the merge: the fix may have brought it. One that only fires anew is known already. */
export const isAfterMerge = (event: Event, log: Event[]): boolean => {
  if (event.type !== "AlertsJoined") return false;
  const known = new Set(alertsBefore(event, log).map(({ fingerprint }) => fingerprint));
  if (event.alerts.every(({ fingerprint }) => known.has(fingerprint))) return false;
  const merged = log.findLastIndex(({ type }) => type === "RemedyMerged" || type === "IncidentOpened");
  return log[merged]?.type === "RemedyMerged" && log.indexOf(event) > merged;
};

/** Whether it is the end of the last alert, told after the incident was closed by a verdict or by people. */
export const isLateEnd = (event: Event, incident: Incident, log: Event[]): boolean => {
  if (event.type !== "AlertsResolved" || incident.status !== "closed") return false;
  const events = eventsOf(log, incident.round);
  const isLast = events.findLast(({ type }) => type === "AlertsResolved") === event;
  const closed = events.findLastIndex(({ type }) => type === "IncidentClosed");
  return isLast && events.indexOf(event) > closed && endOf(incident).length > 0;
};
