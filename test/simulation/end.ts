import { retryPolicy } from "../../shared/incident/commands.ts";
import type { Event } from "../../shared/incident/events.ts";
import { dueOf, type Incident, isActive } from "../../shared/incident/model.ts";
import { bot } from "./github.ts";
import type { Rule } from "./rules.ts";
import { minute, type Scene } from "./scene.ts";

type Broken = { rule: Rule; detail: string };

/** The rules that must hold once nothing goes wrong any more and all had time to come to rest, as far as they do not hold now. */
export const atTheEnd = (given: Scene, pending: { id: string; version: number }[]): Broken[] => {
  const broken: Broken[] = [];
  const violate = (rule: Rule, detail: string): void => void broken.push({ rule, detail });
  const scene = { ...given, ledger: { ...given.ledger, violate } };
  nothingHangs(scene, pending);
  noAlertIsLost(scene);
  everyEndIsTold(scene);
  buttonsAreOfNow(scene);
  pullsAreKnown(scene);
  commentsAreOnce(scene);
  pagesAreRight(scene);
  return broken;
};

/** Whether nothing is under way any more. */
export const isAtRest = ({ ledger }: Scene): boolean => ![...ledger.incidents.values()].some(isActive);

const nothingHangs = ({ ledger, schedule }: Scene, pending: { id: string }[]): void => {
  const now = schedule.now();
  for (const incident of ledger.incidents.values())
    if (isActive(incident) && (dueOf(incident) ?? now) < now - minute)
      ledger.violate("nothing hangs", `${incident.id} is ${incident.status} past its due time`);
  for (const { id } of pending) ledger.violate("all news is told in the end", id);
};

/** Every firing that was acknowledged is in the facts, if only as one that was known. */
const noAlertIsLost = ({ ledger }: Scene): void => {
  for (const { service, environment, fingerprint, at } of ledger.acknowledged) {
    const all = [...ledger.logs]
      .filter(([id]) => id.startsWith(`${service}/${environment}`))
      .flatMap(([, log]) => log);
    const isKnown = all.some(
      (event) =>
        "alerts" in event &&
        event.at <= at + 6 * minute &&
        event.alerts.some((alert) => alert.fingerprint === fingerprint),
    );
    if (!isKnown) ledger.violate("no acknowledged alert is lost", `${service}/${environment}`);
  }
};

type Ended = { marker: string; event: Event };

/** The ends that people are told: not those of retries by ourselves that end as before. */
const endsOf = (id: string, log: Event[]): Ended[] => {
  let round = 0;
  let isRetry = false;
  let before = "";
  const ends: Ended[] = [];
  for (const [index, event] of log.entries()) {
    if (event.type === "IncidentOpened") round = event.round;
    if (event.type === "IncidentResumed") isRetry = event.by === retryPolicy;
    const isVain = event.type === "IncidentEscalated" && isRetry && event.detail === before;
    if (event.type === "IncidentEscalated") before = event.detail;
    if ((event.type === "IncidentClosed" || event.type === "IncidentEscalated") && !isVain)
      ends.push({ marker: `${id}#${round}:${index}:${event.type}`, event });
  }
  return ends;
};

/** The marker of the incident's message, also of one that was posted anew for a deleted one. */
const roundOf = (marker: string): string => marker.replace(/(#\d+)(\/[\d.]+)+$/, "$1");

/** A round that ended before it had a message, or before its message was posted anew, is told by the message itself. */
const isTheMessage = (slack: Scene["slack"], marker: string, event: Event): boolean => {
  const detail = "detail" in event ? (event.detail ?? "") : "";
  return [...slack.messages.values()].some(
    ({ view }) =>
      marker.startsWith(`${roundOf(view.marker)}:`) &&
      view.lines.some(({ text }) => text.includes(detail.slice(0, 60))),
  );
};

const everyEndIsTold = ({ ledger, slack }: Scene): void => {
  const replies = [...slack.messages.values()].flatMap((one) => one.replies.map(({ marker }) => marker));
  for (const [id, log] of ledger.logs)
    for (const { marker, event } of endsOf(id, log)) {
      const count = replies.filter((one) => one === marker).length;
      if (count === 0 && !isTheMessage(slack, marker, event)) ledger.violate("every end is told", marker);
      if (count > 1 && ![...slack.messages.values()].some(({ isDeleted }) => isDeleted))
        ledger.violate("every end is told once", `${marker}, ${count} times`);
    }
};

const buttonsAreOfNow = ({ ledger, slack }: Scene): void => {
  for (const { view, isDeleted } of slack.messages.values()) {
    if (view.buttons === undefined || isDeleted) continue;
    const { incident: id, round, nonce } = view.buttons;
    const incident = ledger.incidents.get(id);
    const isOfNow =
      incident?.status === "proposed" &&
      incident.asked &&
      incident.round === round &&
      incident.terms?.nonce === nonce;
    if (!isOfNow)
      ledger.violate(
        "buttons are of the question that is open",
        `${view.marker}, but ${incident?.status}#${incident?.round}`,
      );
  }
};

const pullOf = (incident: Incident): number | undefined =>
  "pull" in incident ? incident.pull?.number : undefined;

const pullsAreKnown = ({ ledger, github }: Scene): void => {
  const all = [...ledger.logs.values()].flat();
  const known = new Set(
    all.flatMap((event) => {
      if (event.type === "RemedyProposed" || event.type === "FollowUpOpened") return [event.pull.number];
      return event.type === "IncidentEscalated" && event.made !== undefined ? [event.made.pull.number] : [];
    }),
  );
  // The round after one that ended under its merge finds the merge as a fix that is there.
  const merged = new Set(
    all.flatMap((event) => {
      if (event.type === "FixFound") return event.fix.sha ?? [];
      return event.type === "RemedyMerged" ? event.sha : [];
    }),
  );
  const holders = [...ledger.incidents.values()];
  for (const { number, state, mergeSha, branch, by, reopened } of github.pulls.values()) {
    if (!branch.startsWith("countersteer/")) continue;
    // A person is told of one that GitHub refuses to close.
    const isTold = all.some((event) => event.type === "PullLeftOpen" && event.number === number);
    if (state === "open" && !known.has(number) && !isTold && (reopened === undefined || reopened.by === bot))
      ledger.violate("what was opened is recorded", `#${number}`);
    if (state === "merged" && by === bot && !merged.has(mergeSha ?? ""))
      ledger.violate("what was merged is recorded", `#${number}`);
    const of = holders.filter((one) => pullOf(one) === number);
    const isOver = of.every(
      (one) => one.status === "closed" && ["recovered", "rejected", "verified"].includes(one.outcome),
    );
    if (state === "open" && of.length > 0 && isOver && reopened === undefined && !isTold)
      ledger.violate(
        "a pull request that nobody needs is closed",
        `#${number}: ${of.map(({ id }) => id).join()}`,
      );
  }
};

const commentsAreOnce = ({ ledger, github }: Scene): void => {
  for (const { number, comments } of github.pulls.values()) {
    const markers = comments.flatMap(({ marker }) => marker ?? []);
    for (const marker of new Set(markers))
      if (markers.filter((one) => one === marker).length > 1)
        ledger.violate("every comment is there once", `#${number}: ${marker}`);
  }
};

const isWaiting = (incident: Incident): boolean =>
  isActive(incident) ||
  (incident.status === "escalated" && incident.alerts.some(({ status }) => status === "firing"));

const pagesAreRight = ({ ledger, pages }: Scene): void => {
  for (const incident of ledger.incidents.values()) {
    const isAsked = "page" in incident && incident.page !== undefined;
    if (isAsked && isWaiting(incident) && !pages.has(incident.id))
      ledger.violate("a person is called", `${incident.id}: ${incident.page?.detail}`);
    if (pages.has(incident.id) && !isWaiting(incident) && !("followUp" in incident))
      ledger.violate("a page ends with its trouble", incident.id);
  }
};
