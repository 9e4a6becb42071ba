import { UpstreamError } from "../../shared/errors.ts";
import { troubles } from "../../shared/incident/alerts/alerts.ts";
import type { In } from "../../shared/incident/model.ts";
import type { RuleText } from "../../shared/incident/recovery.ts";
import { gridOf } from "../../shared/policy/recovery/recovery.ts";
import { type Climb, climbOf, type Ramp, rampOf } from "../../shared/policy/recovery/trend.ts";
import type { Grid, Labels, Series } from "../../shared/ports/metrics.ts";
import { knownBy } from "../../shared/promql/known-labels.ts";
import { consistent, lasting } from "../../shared/promql/labels.ts";
import { sidesOf } from "../../shared/promql/selectors.ts";
import { type Threshold, thresholdsOf } from "../../shared/promql/threshold.ts";
import { clock, span } from "../../shared/text/format.ts";
import type { Work } from "../step.ts";

type Window = { from: number; to: number };
/** A sentence about a value that climbs, and when its alert is looked at again. */
export type Climbing = { detail: string; until?: number };

/** A value that would be over its threshold again within so many hold times is not over. */
const holds = 24;
/** A value that stayed quiet for this much longer than it took to hurt does not hurt any more. */
const outlastedBy = 1.1;

/** The finding about a value that climbs towards its threshold as a leak does: a restart alone is not a cure. */
export const climbing = async (
  work: Work,
  incident: In<"deployed">,
  window: Window,
): Promise<Climbing | undefined> => {
  const found = await Promise.all(
    troubles(incident).flatMap((alert) =>
      (incident.questions?.find((one) => one.alert === alert.name)?.rules ?? []).flatMap((rule) =>
        thresholdsOf(rule.expr).map((compared) => climb(work, incident, { alert, rule, compared, window })),
      ),
    ),
  );
  return found.find((one) => one !== undefined);
};

type Asked = {
  alert: { name: string; labels: Labels };
  rule: RuleText;
  compared: Threshold;
  window: Window;
};

const climb = async (
  { metrics, serviceOf }: Work,
  incident: In<"deployed">,
  { alert, rule, compared, window }: Asked,
): Promise<Climbing | undefined> => {
  const service = serviceOf(incident.service);
  const own = { alert: alert.labels, rule: rule.labels };
  const labels = lasting(knownBy(own, service.verify.labels ?? {}, sidesOf(rule.expr)));
  const read = async (grid: Grid): Promise<Series[]> =>
    (await metrics.range(service, compared.query, grid)).filter((one) => consistent(one.labels, labels));
  try {
    const after = await read(gridOf(window, window.to - window.from));
    if (after.every(({ points }) => climbOf(points, compared) === undefined)) return undefined;
    const before = await rampBefore(incident.onsetAt, async (grid) =>
      (await read(grid)).flatMap(({ points }) => rampOf(points, compared) ?? []),
    );
    const climbs = after.flatMap(({ points }) => climbOf(points, compared, before) ?? []);
    return finding(alert.name, { climbs, before, window, holdMs: service.verify.holdMs });
  } catch (error) {
    if (error instanceof UpstreamError) return undefined;
    throw error;
  }
};

const hour = 60 * 60_000;
/** The look-backs for a climb: the short one first, as the long one is too coarse for a steep climb. */
const looks = [hour / 6, 2 * hour, 24 * hour];
const steps = 300;

/** The slowest way that the value took to its threshold before the onset. */
const rampBefore = async (
  onsetAt: number,
  read: (grid: Grid) => Promise<Ramp[]>,
): Promise<Ramp | undefined> => {
  for (const ms of looks) {
    const stepMs = Math.max(1000, Math.ceil(ms / steps));
    const count = Math.floor(ms / stepMs);
    const ramps = await read({ start: onsetAt + 5 * stepMs - (count - 1) * stepMs, stepMs, count });
    const [slowest] = ramps.toSorted((a, b) => b.ms - a.ms);
    // A climb that fills the whole look began before it.
    if (slowest !== undefined && slowest.ms < 0.9 * ms) return slowest;
  }
  return undefined;
};

type Seen = { climbs: Climb[]; before: Ramp | undefined; window: Window; holdMs: number };

const finding = (name: string, { climbs, before, window, holdMs }: Seen): Climbing | undefined => {
  const soonest = Math.min(...climbs.map(({ crossingMs }) => crossingMs));
  const isSoon = soonest <= holds * holdMs;
  const until = before === undefined ? undefined : window.from + outlastedBy * before.ms;
  const isAsBefore = climbs.some((one) => one.isAsBefore) && until !== undefined && window.to < until;
  if (!isSoon && !isAsBefore) return undefined;
  if (before === undefined || until === undefined)
    return {
      detail: `${name} is quiet so far, but its value climbs: at this pace it is over its threshold again within ${coarse(soonest)}`,
    };
  return {
    detail: `${name} is quiet so far; it took ${span(before.ms)} to hurt last time, and its value climbs as before: looked at again at ${clock(until)} UTC`,
    until,
  };
};

const minutes = [2, 5, 10, 30, 60, 120, 360, 1440];

/** Coarse, so that the same finding stays the same sentence. */
const coarse = (ms: number): string => {
  const bound = minutes.find((one) => ms <= one * 60_000) ?? 0;
  if (bound === 0) return "days";
  return bound < 120 ? `${bound} min` : `${bound / 60} h`;
};
