import { alertsOfRound } from "../incident/alerts.ts";
import { roundsBefore } from "../incident/earlier.ts";
import type { Event } from "../incident/events.ts";
import type { Incident } from "../incident/model.ts";
import { clock } from "./format.ts";

/** Waits that the last comment of a round lists, and earlier pull requests that its question links. */
const limits = { waits: 3, pulls: 3 };

/** What a reader of the pull request alone could not know about a fact: earlier rounds, waits, and when the trouble ended. */
export const inContext = (event: Event, incident: Incident, log: Event[]): string => {
  if (event.type === "ApprovalRequested") return before(log, incident.round);
  if (event.type !== "IncidentClosed" && event.type !== "IncidentEscalated") return "";
  return [endOf(incident), ...waits(log, event)]
    .map((sentence) => (sentence === "" ? "" : `; ${sentence}`))
    .join("");
};

/** The pull requests of earlier rounds: the trouble came back. */
const before = (log: Event[], round: number): string => {
  const told = roundsBefore(log, round)
    .flatMap((one) => {
      if (!("pull" in one) || one.pull === undefined) return [];
      const came =
        one.status === "closed" ? one.outcome : one.status === "escalated" ? one.reason : one.status;
      return [`#${one.pull.number} in round ${one.round} (${came})`];
    })
    .slice(-limits.pulls);
  return told.length === 0 ? "" : `; round ${round}, the same trouble had before: ${told.join(", ")}`;
};

/** When Alertmanager saw the last alert end, once none fires. */
const endOf = (incident: Incident): string => {
  const alerts = alertsOfRound(incident);
  const ends = alerts.flatMap(({ endsAt }) => endsAt ?? []);
  const isOver = alerts.length > 0 && alerts.every(({ status }) => status === "resolved");
  return isOver && ends.length > 0 ? `the last alert ended at ${clock(Math.max(...ends))} UTC` : "";
};

/** The different reasons for waiting in the round, up to its end. */
const waits = (log: Event[], end: Event): string[] => {
  const opened = log.findLastIndex(({ type }) => type === "IncidentOpened");
  const details = log
    .slice(opened, log.indexOf(end))
    .flatMap((event) => (event.type === "StepDelayed" ? [`${event.detail} (${clock(event.at)})`] : []));
  const shown = details.slice(-limits.waits);
  return shown.length === 0 ? [] : [`waited for: ${shown.join("; ")}`];
};

/** Whether an alert joined after the merge: the fix may have brought it. */
export const isAfterMerge = (event: Event, log: Event[]): boolean => {
  if (event.type !== "AlertsJoined") return false;
  const opened = log.findLastIndex(({ type }) => type === "IncidentOpened");
  const merged = log.findLastIndex(({ type }) => type === "RemedyMerged");
  return merged > opened && log.indexOf(event) > merged;
};
