import { consistent, type Grid, type Labels, ownLabels } from "../../policy/recovery.ts";
import type { Course, Service } from "../../ports.ts";
import type { Api } from "./api.ts";
import { compared } from "./promql.ts";
import { rulesOf } from "./rules.ts";

type Question = {
  alert: { name: string; labels: Labels; startsAt: number };
  verify: Service["verify"];
  now: number;
};

const minute = 60_000;
const hour = 60 * minute;
/** How far back the usual is looked for, and how far past the alert's start. */
const lookBackMs = 6 * hour;
const pastMs = 5 * minute;
const steps = { leastMs: 1000, mostMs: minute, most: 1500 };
/** Series of one alert; the labels of the alert leave one as a rule. */
const maxSeries = 5;

/** The values that the alert's expression compares, from well before its start, as finely as its rule looks. Throws UpstreamError. */
export const readCourse = async (api: Api, { alert, verify, now }: Question): Promise<Course> => {
  const [rule] = await rulesOf(api, alert);
  const query = verify.expr ?? rule?.query;
  const { forMs = 0, everyMs = minute, labels = {} } = rule ?? {};
  if (query === undefined) return { forMs, series: [] };
  const values = compared(query);
  if (values === undefined) return { forMs, series: [] };
  const own = ownLabels(alert.labels, labels);
  const grid = gridOf(
    { begun: alert.startsAt - forMs, until: Math.min(now, alert.startsAt + pastMs) },
    everyMs,
  );
  const found = await api.values(values.query, grid);
  return {
    forMs,
    series: found
      .filter((one) => consistent(one.labels, own))
      .slice(0, maxSeries)
      .map(({ points }) => ({ metric: `${alert.name}'s ${values.isRatio ? "ratio" : "value"}`, points })),
  };
};

const gridOf = ({ begun, until }: { begun: number; until: number }, everyMs: number): Grid => {
  const stepMs = Math.round(Math.min(steps.mostMs, Math.max(steps.leastMs, everyMs)));
  const count = Math.min(steps.most, Math.ceil((Math.max(begun, until) - begun + lookBackMs) / stepMs));
  return { start: until - (count - 1) * stepMs, stepMs, count };
};
