import type { Case, Series } from "../../shared/diagnosis/model.ts";
import { versionsIn } from "../../shared/diagnosis/onset/version-labels.ts";
import type { Alert } from "../../shared/incident/model.ts";
import type { Course } from "../../shared/ports/metrics.ts";
import type { Service } from "../../shared/ports/service.ts";
import type { Work } from "../step.ts";
import type { Rule } from "./signals/plan.ts";

/** Alerts of different names whose expressions are looked at, those that fired first. */
const maxAlerts = 3;
const day = 24 * 60 * 60 * 1000;

type Trouble = { service: string; environment: string; alerts: Alert[]; onsetAt: number };

type MeasuredCourse = Pick<Case, "onsetAt"> & { series: Series[]; rules: Rule[]; unread: string[] };

/**
 * Reads the onset of the alerts' conditions and the series of their expressions: one query for each alert name, and one more where versions
 * are compared.
 */
export const measure = async (
  work: Work,
  { service, environment, alerts, onsetAt }: Trouble,
): Promise<MeasuredCourse> => {
  const { metrics, serviceOf, clock } = work;
  const now = clock();
  const since = await oldestDeploy(work, { service, environment, onsetAt });
  const first = firstOfEach(alerts.filter(({ status }) => status === "firing"));
  const asked = first.map(async (alert) => {
    const startsAt = Math.min(now, Math.max(alert.startsAt, onsetAt));
    const course = await metrics.course(serviceOf(service), { ...alert, startsAt, ...since }, now);
    return { name: alert.name, heldAt: startsAt - Math.min(day, course.forMs), ...course };
  });
  const courses = await Promise.all(asked);
  return {
    onsetAt: Math.min(onsetAt, ...courses.map(({ heldAt }) => heldAt)),
    series: courses.flatMap(({ name, series, versions = [] }) =>
      [...series, ...byVersion(versions, serviceOf(service))].map((one) => ({
        ...one,
        service,
        alert: name,
      })),
    ),
    rules: courses.flatMap(({ rule }) => rule ?? []),
    unread: courses.flatMap(({ unread }) => unread ?? []),
  };
};

const byVersion = (measured: NonNullable<Course["versions"]>, { versionLabel = "" }: Service) =>
  measured.flatMap(({ version, ...rest }) => {
    const versions = versionsIn({ [versionLabel]: version }, versionLabel);
    return versions === undefined ? [] : [{ ...rest, versions }];
  });

/** The first deploy of the day before the onset. Its changes may cause trouble only now. */
const oldestDeploy = async (
  { store }: Pick<Work, "store">,
  { service, environment, onsetAt }: Omit<Trouble, "alerts">,
): Promise<{ since?: number }> => {
  const deploys = await store.deploys(service, environment, onsetAt - day);
  const times = deploys.map(({ at }) => at).filter((at) => at <= onsetAt);
  return times.length === 0 ? {} : { since: Math.min(...times) };
};

const firstOfEach = (alerts: Alert[]): Alert[] => {
  const oldest = alerts.toSorted((a, b) => a.startsAt - b.startsAt);
  return [...new Map(oldest.toReversed().map((alert) => [alert.name, alert])).values()]
    .toSorted((a, b) => a.startsAt - b.startsAt)
    .slice(0, maxAlerts);
};
