import { UpstreamError } from "../../shared/errors.ts";
import { numbered, type RefName, refName } from "../../shared/git/ref-name.ts";
import {
  type In,
  type Incident,
  isActive,
  type Pull,
  type Remedy,
  type Revert,
  type Started,
  takenUp,
  type Withdraw,
} from "../../shared/incident/model.ts";
import { isSameRemedy } from "../../shared/incident/remedies.ts";
import type { Service } from "../../shared/ports/service.ts";
import { branchFor, isTogether, seriesBranch } from "../../shared/remedy/revert/branch.ts";
import { withdrawalBranch } from "../../shared/remedy/revert/withdrawal.ts";
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

/**
 * The pull request that was opened for an incident which went another way before it was recorded: GitHub refused its label or its status,
 * or the process ended. Undefined when another incident, or a later round of this one, is to have it or has it. `now` is the incident as it stands.
 */
export const unfinishedOf = async (
  work: Work,
  incident: Started,
  now: Started = incident,
): Promise<{ place: Service; pull: Pull } | undefined> => {
  const remedy = attempted(work, incident);
  if (remedy === undefined) return undefined;
  const place = repositoryOf(work, incident.service, remedy);
  const pull = await openFromBranch(work, place, remedy);
  if (pull === undefined) return undefined;
  const others = [...(await othersOf(work, incident)), ...(now === incident ? [] : [now])];
  return others.some((other) => wants(other, remedy) || has(other, pull)) ? undefined : { place, pull };
};

/** The remedy that would have been proposed next, had the incident not ended or found a fix by people. */
const attempted = ({ serviceOf }: Work, incident: Started): Named | undefined => {
  const { diagnosis, pull, fix, taken } = incident as Partial<In<"merged">>;
  const isOver = incident.status === "closed" || incident.status === "escalated" || fix !== undefined;
  if (!isOver || pull !== undefined || diagnosis === undefined) return undefined;
  const remedy = diagnosis.remedies[takenUp(taken === undefined ? {} : { taken }).at(-1) ?? 0];
  const { minConfidence } = serviceOf(incident.service).policy;
  if (!isNamed(remedy)) return undefined;
  return remedy.kind === "withdraw" || remedy.score >= minConfidence ? remedy : undefined;
};

/** Whether people are asked about it there, or may still merge it. */
const has = (other: Incident, { url }: Pull): boolean =>
  (other.status === "proposed" || other.status === "approved" || other.status === "escalated") &&
  other.pull?.url === url;

const wants = (other: Incident, remedy: Named): boolean => {
  if (!isActive(other) || !("diagnosis" in other) || other.diagnosis === undefined) return false;
  // A remedy that is merged, by us or by people, is not opened any more.
  if (other.status === "merged" || other.status === "deployed") return false;
  const next = "remedy" in other ? other.remedy : other.diagnosis.remedies[takenUp(other).at(-1) ?? 0];
  return next !== undefined && isSameRemedy(next, remedy);
};
