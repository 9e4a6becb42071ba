import type { IncidentId } from "../../shared/brands.ts";
import { troubleIds } from "../../shared/incident/alerts/troubles.ts";
import {
  type In,
  type Incident,
  incidentId,
  isActive,
  type Pull,
  type Remedy,
  takenUp,
} from "../../shared/incident/model.ts";
import { isSamePull } from "../../shared/incident/remedies/remedies.ts";
import type { Work } from "../step.ts";
import { isConfigured } from "../stop/hold.ts";

/** Incidents of one repository that are looked through at most. */
const most = 100;

/**
 * The other incident of the same repository that has, or is about to have, the pull request of this remedy: one cause has one pull
 * request. Of two that are about to open it, the one whose id comes first does.
 */
export const incidentWithRemedy = async (
  work: Work,
  incident: In<"diagnosed">,
  remedy: Remedy,
): Promise<IncidentId | undefined> => {
  const { id } = incident;
  return (await othersOf(work, incident)).find((other) => holds(other, remedy, id))?.id;
};

/** Whether people are asked about the pull request for another incident, or it is approved there: it must stay open. */
export const isAskedElsewhere = async (work: Work, incident: Incident, { url }: Pull): Promise<boolean> =>
  (await othersOf(work, incident)).some(
    (other) => (other.status === "proposed" || other.status === "approved") && other.pull.url === url,
  );

/** The other incidents whose people are asked about the pull request of this one. */
export const askedBeside = async (
  work: Work,
  incident: In<"proposed" | "approved">,
): Promise<In<"proposed">[]> => {
  const { url } = incident.pull;
  return (await othersOf(work, incident)).flatMap((other) =>
    other.status === "proposed" && other.held === undefined && other.pull.url === url ? [other] : [],
  );
};

/** The incident that asks about this pull request already, or does so first: of two that opened it together, the one whose id comes first. */
export const askedFirst = async (work: Work, incident: In<"proposed">): Promise<IncidentId | undefined> => {
  const { id, pull } = incident;
  const others = await othersOf(work, incident);
  return others.find(
    (other) =>
      (other.status === "approved" && other.pull.url === pull.url) ||
      (other.status === "proposed" && other.pull.url === pull.url && (other.asked || other.id < id)),
  )?.id;
};

/** The other incidents of the same repository, those of the same service included; none for a service that is no longer configured. */
export const othersOf = async (work: Work, incident: Incident): Promise<Incident[]> => {
  const { id } = incident;
  if (!isConfigured(work.serviceOf, incident.service)) return [];
  const { repository } = work.serviceOf(incident.service);
  const ids = work
    .servicesIn(repository)
    .flatMap(({ name, environments }) => environments.map((environment) => incidentId(name, environment)))
    .filter((other) => other !== id)
    .slice(0, most);
  const loaded = await loadAll(work, ids);
  const beside = [incident, ...loaded].flatMap((one) => troubleIds(one).slice(1));
  const others = await loadAll(
    work,
    beside.filter((other) => other !== id),
  );
  return [...loaded, ...others];
};

const loadAll = async ({ store }: Work, ids: IncidentId[]): Promise<Incident[]> =>
  (await Promise.all(ids.map((id) => store.load(id)))).map(({ incident }) => incident);

const holds = (incident: Incident, remedy: Remedy, id: IncidentId): boolean => {
  if (!isActive(incident)) return false;
  if (incident.status === "diagnosed") {
    const next = incident.diagnosis.remedies[takenUp(incident).at(-1) ?? 0];
    return incident.id < id && next !== undefined && isSamePull(next, remedy);
  }
  if (!("remedy" in incident) || incident.remedy === undefined) return false;
  return (!("fix" in incident) || incident.fix === undefined) && isSamePull(incident.remedy, remedy);
};
