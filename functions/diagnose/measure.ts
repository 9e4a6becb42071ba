import type { Case, Series } from "../../shared/diagnosis/case.ts";
import type { Alert } from "../../shared/incident/model.ts";
import type { Work } from "../step.ts";

/** Alerts of different names whose expressions are looked at, those that fired first. */
const maxAlerts = 3;
const day = 24 * 60 * 60 * 1000;

type Trouble = { service: string; alerts: Alert[]; onsetAt: number };

/** When the alerts' conditions began to hold, and the course of what they watch: one query an alert name. */
export const measure = async (
  { metrics, serviceOf, clock }: Work,
  { service, alerts, onsetAt }: Trouble,
): Promise<Pick<Case, "onsetAt"> & { series: Series[]; unread: string[] }> => {
  const now = clock();
  const first = firstOfEach(alerts.filter(({ status }) => status === "firing"));
  const courses = await Promise.all(
    first.map(async (alert) => {
      const startsAt = Math.min(now, Math.max(alert.startsAt, onsetAt));
      const course = await metrics.course(serviceOf(service), { ...alert, startsAt }, now);
      return { name: alert.name, heldAt: startsAt - Math.min(day, course.forMs), ...course };
    }),
  );
  return {
    onsetAt: Math.min(onsetAt, ...courses.map(({ heldAt }) => heldAt)),
    series: courses.flatMap(({ name, series }) => series.map((one) => ({ ...one, service, alert: name }))),
    unread: courses.flatMap(({ unread }) => unread ?? []),
  };
};

const firstOfEach = (alerts: Alert[]): Alert[] => {
  const oldest = alerts.toSorted((a, b) => a.startsAt - b.startsAt);
  return [...new Map(oldest.toReversed().map((alert) => [alert.name, alert])).values()]
    .toSorted((a, b) => a.startsAt - b.startsAt)
    .slice(0, maxAlerts);
};
