import { courseOf } from "../../shared/diagnosis/course.ts";
import { alertsOfRound } from "../../shared/incident/alerts/alerts.ts";
import type { Chart, In } from "../../shared/incident/model.ts";
import type { Work } from "../step.ts";

/** The course that the diagnosis drew, read again up to now: before, during and after the trouble. Undefined where it cannot be read. */
export const wholeCourse = async (
  { metrics, serviceOf, clock }: Work,
  incident: In<"deployed">,
): Promise<Chart | undefined> => {
  const drawn = incident.diagnosis?.chart;
  const alert = alertsOfRound(incident).find(({ name }) => name === drawn?.alert);
  if (drawn === undefined || alert === undefined) return undefined;
  const { threshold, above = true } = drawn;
  const read = await metrics.course(serviceOf(incident.service), { ...alert, since: drawn.at }, clock());
  return courseOf({
    series: read.series.map((one) => ({ ...one, alert: alert.name })),
    onsetAt: incident.diagnosis?.onsetAt ?? incident.onsetAt,
    compared: () => (threshold === undefined ? undefined : { threshold, above }),
    isOver: true,
  });
};
