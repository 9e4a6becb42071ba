import type { Case, Series } from "../../shared/diagnosis/model.ts";
import { versionsIn } from "../../shared/diagnosis/onset/version-labels.ts";
import type { Alert } from "../../shared/incident/model.ts";
import type { Course } from "../../shared/ports/metrics.ts";
import type { Service } from "../../shared/ports/service.ts";
import type { Work } from "../step.ts";

/** Alerts of different names whose expressions are looked at, those that fired first. */
const maxAlerts = 3;
const day = 24 * 60 * 60 * 1000;

/** The time before the onset from which the usual traffic is read, and the time after it. */
const usualMs = 3 * 60 * 60 * 1000;
const pastMs = 5 * 60 * 1000;

type Trouble = { service: string; environment: string; alerts: Alert[]; onsetAt: number };

/**
 * Reads the onset of the alerts' conditions, the series of their expressions, and the traffic: one query for each alert name, one more
 * where versions are compared, one for traffic, and two for the signals of each service.
 */
export const measure = async (
  work: Work,
  { service, environment, alerts, onsetAt }: Trouble,
): Promise<Pick<Case, "onsetAt"> & { series: Series[]; unread: string[] }> => {
  const { metrics, serviceOf, clock } = work;
  const now = clock();
  const since = await oldestDeploy(work, { service, environment, onsetAt });
  const first = firstOfEach(alerts.filter(({ status }) => status === "firing"));
  const asked = first.map(async (alert) => {
    const startsAt = Math.min(now, Math.max(alert.startsAt, onsetAt));
    const course = await metrics.course(serviceOf(service), { ...alert, startsAt, ...since }, now);
    return { name: alert.name, heldAt: startsAt - Math.min(day, course.forMs), ...course };
  });
  const [courses, traffic, signals] = await Promise.all([
    Promise.all(asked),
    readTraffic(work, { service, onsetAt }),
    readSignals(work, { service, onsetAt }),
  ]);
  return {
    onsetAt: Math.min(onsetAt, ...courses.map(({ heldAt }) => heldAt)),
    series: [
      ...courses.flatMap(({ name, series, versions = [] }) =>
        [...series, ...byVersion(versions, serviceOf(service))].map((one) => ({
          ...one,
          service,
          alert: name,
        })),
      ),
      ...traffic.series,
      ...signals.series,
    ],
    unread: [...courses.flatMap(({ unread }) => unread ?? []), ...traffic.unread, ...signals.unread],
  };
};

const byVersion = (measured: NonNullable<Course["versions"]>, { versionLabel = "" }: Service) =>
  measured.flatMap(({ version, ...rest }) => {
    const versions = versionsIn({ [versionLabel]: version }, versionLabel);
    return versions === undefined ? [] : [{ ...rest, versions }];
  });

/** The result of the service's own traffic query; undefined for a service without one. */
const readTraffic = async (
  { metrics, serviceOf, clock }: Work,
  { service, onsetAt }: Pick<Trouble, "service" | "onsetAt">,
): Promise<{ series: Series[]; unread: string[] }> => {
  const configured = serviceOf(service);
  const { traffic } = configured;
  if (traffic === undefined) return { series: [], unread: [] };
  const read = await metrics.values(configured, traffic, windowOf(onsetAt, clock()));
  if ("unread" in read) return { series: [], unread: [`what comes in is not known: ${read.unread}`] };
  return { series: [{ service, metric: "traffic", load: true, points: read.points }], unread: [] };
};

const windowOf = (onsetAt: number, now: number): { from: number; to: number } => ({
  from: onsetAt - usualMs,
  to: Math.min(now, onsetAt + pastMs),
});

/** Services that the alerting one depends on whose signals are read. */
const maxDependencies = 5;
/** The names of the signals of a service in a diagnosis. */
const signalNames = { errors: "failed requests", latency: "latency" } as const;

/** The configured signals of the service and of those that it depends on. */
const readSignals = async (
  { metrics, serviceOf, clock }: Work,
  { service, onsetAt }: Pick<Trouble, "service" | "onsetAt">,
): Promise<{ series: Series[]; unread: string[] }> => {
  const window = windowOf(onsetAt, clock());
  const others = (serviceOf(service).dependsOn ?? []).slice(0, maxDependencies);
  const asked = [service, ...others].map(serviceOf).flatMap((configured) =>
    (["errors", "latency"] as const).flatMap((signal) => {
      const query = configured.signals?.[signal];
      return query === undefined ? [] : [{ configured, query, metric: signalNames[signal] }];
    }),
  );
  const read = await Promise.all(
    asked.map(async ({ configured, query, metric }) => ({
      ...{ service: configured.name, metric },
      result: await metrics.values(configured, query, window),
    })),
  );
  return {
    series: read.flatMap(({ service, metric, result }) =>
      "points" in result ? [{ service, metric, points: result.points }] : [],
    ),
    unread: read.flatMap(({ service, metric, result }) =>
      "unread" in result ? [`the ${metric} of ${service} could not be read (${result.unread})`] : [],
    ),
  };
};

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
