import { alertsOfRound } from "../../shared/incident/alerts/alerts.ts";
import type { Event } from "../../shared/incident/events.ts";
import type { In, Incident } from "../../shared/incident/model.ts";
import type { PullRecord } from "./github.ts";
import { nameOf, type Place } from "./production.ts";
import { approversOf, minute, type Scene } from "./scene.ts";

/** Rules that are judged in the instant in which something is done. */

const withPull = ({ ledger }: Scene, number: number): Incident[] =>
  [...ledger.incidents.values()].filter((one) => "pull" in one && one.pull?.number === number);

const rootOf = (branch: string): string => branch.replace(/-\d{1,2}$/, "");

export const secondPull = ({ github, ledger }: Scene, pull: PullRecord): void => {
  const others = [...github.pulls.values()].filter(
    (one) => one !== pull && one.state === "open" && rootOf(one.branch) === rootOf(pull.branch),
  );
  for (const { number } of others)
    if (pull.branch.startsWith("countersteer/"))
      ledger.violate("one open pull request a change", `#${number} and #${pull.number}`);
};

/** A merge that was under way when the incident ended may still go through; one that began afterwards may not. */
const graceMs = 30_000;

export const mergedWrongly = (scene: Scene, pull: PullRecord): void => {
  const { ledger, schedule } = scene;
  ledger.seen.add("merged by Countersteer");
  const now = schedule.now();
  if (ledger.stopped.since !== undefined && now - ledger.stopped.since > minute)
    ledger.violate("nothing is merged while it is stopped", `#${pull.number}`);
  const known = withPull(scene, pull.number);
  const approved = known.filter((one) => one.status === "approved");
  if (approved.length === 0) lateMerge(scene, pull, known);
  for (const one of approved) if (one.status === "approved") grantedWrongly(scene, one, pull);
  for (const one of known)
    if (one.status === "proposed" && one.held !== undefined && now - one.held.since > minute)
      ledger.violate("nothing is merged while it is held", `#${pull.number}: ${one.held.detail}`);
};

const lateMerge = ({ ledger, schedule }: Scene, pull: PullRecord, known: Incident[]): void => {
  const began = ledger.merging.get(pull.number) ?? schedule.now();
  const left = [...ledger.left.values()].filter((one) => one.pull === pull.number);
  const last = left.toSorted((a, b) => b.at - a.at)[0];
  const detail = `#${pull.number}: ${known.map(({ id, status }) => `${id} is ${status}`).join(", ")}; ${last?.by}`;
  if (last === undefined) ledger.violate("merged only what is approved", detail);
  else if (last.at < began - graceMs) ledger.violate("nothing is merged after an end", detail);
  else ledger.seen.add("ended under a merge");
  if (last?.by.includes("IncidentEscalated"))
    ledger.violate("the deadline does not race a merge under way", detail);
};

const grantedWrongly = (scene: Scene, incident: In<"approved">, pull: PullRecord): void => {
  const { ledger, slack, config, schedule } = scene;
  const { approval, service, environment, remedy } = incident;
  if (approval.head !== pull.head)
    ledger.violate(
      "merged is what was approved",
      `#${pull.number} at ${pull.head}, approved ${approval.head}`,
    );
  if (approval.by === "policy:auto") return void ledger.seen.add("merged by itself");
  const votes = approval.votes ?? [];
  for (const { person } of votes) {
    const isSaid =
      ledger.clicks.some(
        ({ user, kind, head, round }) =>
          user === person && kind === "approve" && head === pull.head && round === incident.round,
      ) ||
      pull.reviews.some(
        ({ by, state, head }) => person === slackOf(by) && state === "approved" && head === pull.head,
      ) ||
      pull.comments.some(
        ({ by, text }) => person === slackOf(by) && text.startsWith("/countersteer approve"),
      );
    if (!isSaid) ledger.violate("an approval is what a person did", `${person} for #${pull.number}`);
    const asked = [service, ...(incident.sharers ?? []), ...ownersOf(scene, pull)].flatMap(
      (name) => approversOf[name] ?? [],
    );
    if (!asked.includes(person)) ledger.violate("only approvers approve", `${person} for ${service}`);
    const since = ledger.gone.get(person);
    if (since !== undefined && slack.gone.has(person) && schedule.now() - since > 2 * minute)
      ledger.violate("nothing is merged by a revoked right", `${person} left for #${pull.number}`);
  }
  const authors = remedy.kind === "revert" ? [scene.repository.of(remedy.sha).author] : [];
  const isByAuthor =
    votes.length > 0 && votes.every(({ person }) => authors.some((author) => slackOf(author) === person));
  if (config.people !== undefined && environment === "production" && isByAuthor)
    ledger.violate("four eyes", `${votes[0]?.person} alone for #${pull.number}`);
};

/** The services that have a path of the pull request. */
const ownersOf = ({ github, config }: Scene, pull: PullRecord): string[] => {
  const changed = github.changesOf(pull).map(({ path }) => path);
  return config.services
    .filter(({ paths }) => changed.some((path) => paths.some((prefix) => path.startsWith(prefix))))
    .map(({ name }) => name);
};

const slackOf = (login: string): string => `U0${login.toUpperCase()}`;

/** Nobody's pull request is closed while people are asked about it. */
export const closedUnderOthers = (scene: Scene, pull: PullRecord): void => {
  const { ledger, schedule } = scene;
  // GitHub closes whatever is asked about since the look before: that is seen, and put right.
  const isLong = ({ id }: Incident): boolean => {
    const log = ledger.logs.get(id) ?? [];
    const round = log.slice(log.findLastIndex(({ type }) => type === "IncidentOpened"));
    return round.some(({ type, at }) => type === "ApprovalRequested" && at < schedule.now() - graceMs);
  };
  for (const one of withPull(scene, pull.number))
    if (((one.status === "proposed" && one.asked) || one.status === "approved") && isLong(one))
      ledger.violate("no pull request is closed while it is needed", `#${pull.number} under ${one.id}`);
};

/** A recovery that is told must be true. Clocks that are wrong make Prometheus look at another time. */
export const toldWrongly = (scene: Scene, incident: Incident, event: Event): void => {
  const { production, ledger, skew, schedule } = scene;
  if (event.type !== "IncidentClosed" || event.verdict !== "fixed" || skew.ms !== 0) return;
  // A trouble that began once the fix was live is another one, and opens the next round.
  const live = ledger.ends.get(incident.id) ?? Number.POSITIVE_INFINITY;
  for (const place of troubledPlaces(production.places, ledger.incidents.get(incident.id) ?? incident)) {
    const since = production.since(place);
    if (production.isBroken(place) && since < live - graceMs && schedule.now() - since > 2 * minute)
      ledger.violate("verified is true", `${incident.id}: ${event.outcome}, but ${nameOf(place)} is broken`);
  }
};

/** The incident's own place, and those of the alerts that it was opened or joined for. */
const troubledPlaces = (places: Place[], incident: Incident): Place[] => {
  const names = incident.status === "none" ? [] : alertsOfRound(incident).map(({ name }) => name);
  return places.filter(
    (place) =>
      (place.service === incident.service && place.environment === incident.environment) ||
      names.includes(`Errors_${nameOf(place)}`),
  );
};
