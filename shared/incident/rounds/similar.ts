import type { EpochMs, IncidentId } from "../../brands.ts";
import { alertsOfRound } from "../alerts/alerts.ts";
import { diagnosisOf } from "../diagnosis/review.ts";
import type { Incident, Remedy, Started } from "../model.ts";

/** An earlier trouble of the same alert or the same change, of any service, and what ended it. */
export type Similar = {
  incident: IncidentId;
  openedAt: EpochMs;
  because: "alert" | "change";
  ended: string;
  remedy?: Remedy;
};

/** The troubles among `others` that began before this one and share its alert or its likeliest change, the latest first. */
export const similarTo = (incident: Started, others: Incident[]): Similar[] => {
  const names = namesOf(incident);
  const culprit = culpritOf(incident);
  return others
    .flatMap((other): Similar[] => {
      if (other.status === "none" || other.openedAt >= incident.openedAt) return [];
      const isSameChange = culprit !== undefined && culpritOf(other) === culprit;
      const isSameAlert = [...namesOf(other)].some((name) => names.has(name));
      if (!isSameChange && !isSameAlert) return [];
      const because = isSameChange ? "change" : "alert";
      return [{ incident: other.id, openedAt: other.openedAt, because, ...endOf(other) }];
    })
    .toSorted((a, b) => b.openedAt - a.openedAt);
};

const namesOf = (incident: Incident): Set<string> => new Set(alertsOfRound(incident).map(({ name }) => name));

const culpritOf = (incident: Incident): string | undefined => diagnosisOf(incident)?.suspects[0]?.sha;

const endOf = (incident: Started): Pick<Similar, "ended" | "remedy"> => {
  const ended = "outcome" in incident ? incident.outcome : incident.status;
  const remedy = "remedy" in incident ? incident.remedy : undefined;
  return { ended, ...(remedy !== undefined && { remedy }) };
};
