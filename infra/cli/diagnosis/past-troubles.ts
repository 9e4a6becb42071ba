import type { Configured } from "../../../shared/config.ts";
import type { Alert } from "../../../shared/incident/model.ts";
import { selector } from "../../../shared/policy/match.ts";
import type { Series } from "../../../shared/ports/metrics.ts";

/** Alerts of one service and environment that began together; `at` is the first one's begin. */
export type PastTrouble = { service: Configured; environment: string; alerts: Alert[]; at: number };

const hourMs = 60 * 60_000;

/** The troubles that the series of ALERTS tell of, the oldest first, and the number of alerts that no service would take. */
export const troublesIn = (
  { series, stepMs }: { series: Series[]; stepMs: number },
  services: Configured[],
): { troubles: PastTrouble[]; left: number } => {
  const alerts = series.flatMap((one, index) => alertsIn(one, { index, stepMs }));
  const select = selector(services);
  const troubles: PastTrouble[] = [];
  let left = 0;
  for (const alert of alerts.toSorted((a, b) => a.startsAt - b.startsAt)) {
    const selected = select(alert);
    if (!("environment" in selected)) {
      left += 1;
      continue;
    }
    const { service, environment } = selected;
    const open = troubles.findLast(
      (one) => one.service === service && one.environment === environment && alert.startsAt - one.at < hourMs,
    );
    if (open === undefined) troubles.push({ service, environment, alerts: [alert], at: alert.startsAt });
    else open.alerts.push(alert);
  }
  return { troubles, left };
};

/** The times at which the alert began to fire: after a gap it is another. */
const alertsIn = (
  { labels, points }: Series,
  { index, stepMs }: { index: number; stepMs: number },
): Alert[] => {
  const { __name__: _, alertstate: __, alertname: name = "", ...rest } = labels;
  const begins = points.filter(([at], place) => {
    const before = points[place - 1]?.[0];
    return before === undefined || at - before > 2 * stepMs;
  });
  return begins.map(([startsAt]) => ({
    ...{ name, status: "firing", labels: { alertname: name, ...rest }, annotations: {} },
    ...{ fingerprint: `${index}`, startsAt },
  }));
};
