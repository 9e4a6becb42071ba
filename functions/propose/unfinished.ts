import { UpstreamError } from "../../shared/errors.ts";
import { numbered, type RefName, refName } from "../../shared/git/ref-name.ts";
import type { Event } from "../../shared/incident/events.ts";
import {
  type Incident,
  isActive,
  knownOf,
  type Pull,
  type Remedy,
  type Revert,
  type Started,
  takenUp,
  type Withdraw,
} from "../../shared/incident/model.ts";
import { isSamePull, pullId, pullKey } from "../../shared/incident/remedies/remedies.ts";
import type { Service } from "../../shared/ports/service.ts";
import { branchFor, isTogether, seriesBranch } from "../../shared/remedy/revert/branch.ts";
import { withdrawalBranch } from "../../shared/remedy/revert/withdrawal.ts";
import { eventsOf } from "../../shared/text/story.ts";
import { repositoryOf, type Work } from "../step.ts";
import { othersOf } from "./shared-pull.ts";

/** A remedy whose branch follows from itself. */
type Named = Revert | Withdraw;
export const isNamed = (remedy: Remedy | undefined): remedy is Named =>
  remedy?.kind === "revert" || (remedy?.kind === "withdraw" && remedy.of.kind === "revert");

/** The number of branches of one name that are looked at. */
const most = 20;

const rootOf = (service: Pick<Service, "paths">, remedy: Named): RefName =>
  remedy.kind === "withdraw" ? withdrawalBranch(remedy) : branchFor(remedy, service.paths);

/** Whether the service's pull request for the remedy comes from this branch. */
export const isBranchFor = (service: Pick<Service, "paths">, remedy: Remedy, branch: string): boolean => {
  if (!isNamed(remedy)) return true;
  const root = rootOf(service, remedy);
  return Array.from({ length: most }, (_, index) => numbered(root, index + 1)).some((one) => one === branch);
};

/** The open pull request from the branch of the remedy, or from the first of those with a number that is not over. */
export const openFromBranch = async (
  work: Pick<Work, "pulls" | "history">,
  service: Service,
  remedy: Named,
): Promise<Pull | undefined> => {
  const own = await openFrom(work, service, rootOf(service, remedy));
  if (own !== undefined) return own;
  const other = await seriesOf(work, service, remedy);
  return other && openFrom(work, service, other);
};

/** The branch of a change that goes back with later ones, or with those that landed with it by rebase: it is named after the first and the last of them. */
const seriesOf = async (
  { history }: Pick<Work, "history">,
  service: Service,
  remedy: Named,
): Promise<RefName | undefined> => {
  if (remedy.kind === "withdraw" || remedy.from !== undefined) return undefined;
  try {
    const { commit, pulls } = await history.change(service, remedy.sha);
    const together = pulls.find((one) => isTogether(one, remedy));
    if (together !== undefined) return refName(together.branch);
    const [newest, ...others] = (await history.landed(service, commit))?.commits ?? [];
    const oldest = others.at(-1);
    return newest && oldest && seriesBranch([newest.sha, oldest.sha], []);
  } catch (error) {
    // Nothing was opened for a change that GitHub does not know any more.
    if (error instanceof UpstreamError && !error.retryable) return undefined;
    throw error;
  }
};

const openFrom = async (
  { pulls }: Pick<Work, "pulls">,
  service: Service,
  root: RefName,
): Promise<Pull | undefined> => {
  for (let number = 1; number <= most; number++) {
    const found = await pulls.findPull(service, numbered(root, number));
    if (found === undefined) return undefined;
    if (found.state === "open") return found.pull;
  }
  return undefined;
};

export type Unfinished = { place: Service; remedy: Named; pull: Pull };

/**
 * The pull requests that were opened for an incident which went another way before they were recorded: GitHub refused the label or the status,
 * or the process ended. None that another incident, or a later round of this one, is to have or has. `now` is the incident as it stands.
 */
export const unfinishedOf = async (
  work: Work,
  incident: Started,
  { log, now }: { log: Event[]; now: Started },
): Promise<Unfinished[]> => {
  const next = attempted(work, incident);
  const earlier = givenUp(work, incident, log).filter((one) => next === undefined || !isSamePull(one, next));
  const open = (remedy: Named) => openFor(work, incident, { remedy, now });
  const [[last, ...series], others] = await Promise.all([
    next === undefined ? [] : open(next),
    Promise.all(earlier.map(open)),
  ]);
  const known = recorded(log).map(pullId);
  const rest = [...series, ...others.flat()].filter((one) => !known.includes(pullId(one)));
  return last === undefined ? rest : [last, ...rest];
};

/** Of the change's own branch and of its series: a person may have opened the one again, and the other is ours. */
const openFor = async (
  work: Work,
  incident: Started,
  { remedy, now }: { remedy: Named; now: Started },
): Promise<Unfinished[]> => {
  const place = repositoryOf(work, incident.service, remedy);
  const roots = [rootOf(place, remedy), await seriesOf(work, place, remedy)];
  const pulls = await Promise.all(roots.map((root) => root && openFrom(work, place, root)));
  const others = [...(await othersOf(work, incident)), ...(now === incident ? [] : [now])];
  const isNeeded = (pull: Pull): boolean =>
    others.some((other) => wants(work, other, { remedy, pull }) || has(other, pull));
  return pulls.flatMap((pull) => (pull === undefined || isNeeded(pull) ? [] : [{ place, remedy, pull }]));
};

const isOver = (incident: Started): boolean =>
  incident.status === "closed" ||
  incident.status === "escalated" ||
  ("fix" in incident && incident.fix !== undefined);

/** Whether the remedy is one that the incident's service would have had opened. */
const isOverBar = ({ serviceOf }: Work, { service }: Started, remedy: Remedy | undefined): remedy is Named =>
  isNamed(remedy) && (remedy.kind === "withdraw" || remedy.score >= serviceOf(service).policy.minConfidence);

/** The remedy that would have been proposed next, had the incident not ended or found a fix by people. */
const attempted = (work: Work, incident: Started): Named | undefined => {
  const { diagnosis, pull, taken } = knownOf(incident);
  if (!isOver(incident) || pull !== undefined || diagnosis === undefined) return undefined;
  const remedy = diagnosis.remedies[takenUp(taken === undefined ? {} : { taken }).at(-1) ?? 0];
  return isOverBar(work, incident, remedy) ? remedy : undefined;
};

const recorded = (log: Event[]): { remedy: Remedy; pull: Pull }[] =>
  log.flatMap((event) => {
    if (event.type === "RemedyProposed" || event.type === "FollowUpOpened") return [event];
    return event.type === "IncidentEscalated" && event.made !== undefined ? [event.made] : [];
  });

/** The first remedies of this round's earlier diagnoses that were never recorded as proposed: a later diagnosis may have come between. */
const givenUp = (work: Work, incident: Started, log: Event[]): Named[] => {
  if (!isOver(incident)) return [];
  const events = eventsOf(log, incident.round);
  const proposed = recorded(events).map(({ remedy }) => pullKey(remedy));
  const firsts = events.flatMap((event) =>
    "diagnosis" in event ? event.diagnosis.remedies.slice(0, 1) : [],
  );
  const named = firsts.filter((remedy) => isOverBar(work, incident, remedy));
  const byKey = new Map(named.map((remedy) => [pullKey(remedy), remedy]));
  return [...byKey].flatMap(([key, remedy]) => (proposed.includes(key) ? [] : [remedy]));
};

/** Whether people are asked about it there, or may still merge it. */
const has = (other: Incident, { url }: Pull): boolean =>
  (other.status === "proposed" || other.status === "approved" || other.status === "escalated") &&
  other.pull?.url === url;

/** Whether it is about to open the same one. Changes that go back together do so within the paths of each service. */
const wants = (
  { serviceOf }: Work,
  other: Incident,
  { remedy, pull }: { remedy: Named; pull: Pull },
): boolean => {
  if (!isActive(other) || !("diagnosis" in other) || other.diagnosis === undefined) return false;
  // A remedy that is merged, by us or by people, is not opened any more.
  if (other.status === "merged" || other.status === "deployed") return false;
  const next = "remedy" in other ? other.remedy : other.diagnosis.remedies[takenUp(other).at(-1) ?? 0];
  if (next === undefined || !isSamePull(next, remedy)) return false;
  const isOfPaths = remedy.kind === "revert" && remedy.from !== undefined;
  return !isOfPaths || isBranchFor(serviceOf(other.service), remedy, pull.branch);
};
