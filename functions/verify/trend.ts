import { UpstreamError } from "../../shared/errors.ts";
import { troubles } from "../../shared/incident/alerts.ts";
import type { In, RuleText } from "../../shared/incident/model.ts";
import { gridOf } from "../../shared/policy/recovery.ts";
import { knownBy } from "../../shared/policy/recovery-scope.ts";
import { crossingMs } from "../../shared/policy/recovery-trend.ts";
import { consistent, type Labels } from "../../shared/promql/labels.ts";
import { sidesOf } from "../../shared/promql/selectors.ts";
import { thresholdOf } from "../../shared/promql/threshold.ts";
import type { Work } from "../step.ts";

type Window = { from: number; to: number };
/** A value that would be over its threshold again within so many hold times is not over. */
const holds = 24;

/** A sentence about a value that climbs towards its threshold as a leak does: a restart alone is not a cure. */
export const climbing = async (
  work: Work,
  incident: In<"deployed">,
  window: Window,
): Promise<string | undefined> => {
  const found = await Promise.all(
    troubles(incident).flatMap((alert) =>
      (incident.questions?.find((one) => one.alert === alert.name)?.rules ?? []).map((rule) =>
        climb(work, incident.service, { alert, rule, window }),
      ),
    ),
  );
  return found.find((sentence) => sentence !== undefined);
};

type Climbing = { alert: { name: string; labels: Labels }; rule: RuleText; window: Window };

const climb = async (
  { metrics, serviceOf }: Work,
  name: string,
  { alert, rule, window }: Climbing,
): Promise<string | undefined> => {
  const compared = thresholdOf(rule.expr);
  if (compared === undefined) return undefined;
  const service = serviceOf(name);
  const { holdMs } = service.verify;
  const labels = knownBy({ alert: alert.labels, rule: rule.labels }, {}, sidesOf(rule.expr));
  try {
    const grid = gridOf(window, window.to - window.from);
    const series = await metrics.range(service, compared.query, grid);
    const times = series
      .filter((one) => consistent(one.labels, labels))
      .flatMap(({ points }) => crossingMs(points, compared) ?? []);
    const soonest = Math.min(...times);
    if (times.length === 0 || soonest > holds * holdMs) return undefined;
    return `${alert.name} is quiet so far, but its value climbs as before: at this pace it is over its threshold again within ${coarse(soonest)}`;
  } catch (error) {
    if (error instanceof UpstreamError) return undefined;
    throw error;
  }
};

const minutes = [2, 5, 10, 30, 60, 120, 360, 1440];

/** Coarse, so that the same finding stays the same sentence. */
const coarse = (ms: number): string => {
  const bound = minutes.find((one) => ms <= one * 60_000) ?? 0;
  if (bound === 0) return "days";
  return bound < 120 ? `${bound} min` : `${bound / 60} h`;
};
