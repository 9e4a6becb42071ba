import { amounts, clock, span } from "../../text/format.ts";
import { allDeploys } from "../candidates/case-rollouts.ts";
import { hadBegun, rolloutTimes } from "../candidates/rollout-time.ts";
import type { Live } from "../in-production/live.ts";
import type { Case, Evidence } from "../model.ts";
import type { Shift } from "../onset/change-point.ts";
import { type Onset, slackMs } from "../onset/onset.ts";
import { isHealth } from "../onset/signals.ts";
import { delayDensity, othersOf } from "./deploy-moment.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Log-odds of a step: at most those after the only deploy of a day, at least those after one of many. */
const most = 1.8;
const least = 0.3;
/** The only deploy of a day has the most up to this gap. */
const fullMs = 10 * minute;
/** Log-odds of a change that went live while the alert's metric climbed already. */
const duringClimb = -2;
/** Deploys are looked at for so long before the step. */
const longestMs = 6 * hour;

/**
 * Log-odds of a step `gapMs` after a deploy, with the gaps of the `others` of the day: the rarer deploys are, the more it says (−ln of their
 * number, the rate λ of that day), and one of them alone explains it (ln of its share of the densities φ). A late step says less.
 */
export const stepWeight = (gapMs: number, others: number[]): number => {
  const density = delayDensity(gapMs);
  const sum = others.reduce((all, gap) => all + delayDensity(gap), density);
  const weight =
    most -
    Math.log(others.length + 1) +
    Math.log(density / sum) +
    Math.min(0, Math.log(density / delayDensity(fullMs)));
  return Math.max(least, weight);
};

/** Finds what the step of the alert's metric, and the time of the deploy's report, say of a change of a service. */
export const stepAfterDeploys = (
  given: Case,
  onset: Onset,
  isBlamed: (service: string) => boolean,
): ((live: Live, service: string) => Evidence[]) => {
  const deploys = allDeploys(given);
  const ofDay = deploys.filter(({ at }) => at <= onset.at && at >= onset.at - day);
  const timeOf = rolloutTimes(deploys);
  return (live, service) => {
    const own = ofDay.filter((deploy) => deploy.service === service);
    const others = isBlamed(service) ? othersOf(own, live) : undefined;
    return [
      ...byReport(live, onset, timeOf(service).succeeded),
      ...byMetric(live, onset, { service, alerting: given.service, ...(others && { others }) }),
    ];
  };
};

type Place = {
  /** The service that the change went live with, and the one that alerts. */
  service: string;
  alerting: string;
  /** The other deploys of that service in the day before the onset; absent where the trouble is not of that service. */
  others?: number[];
};

/** The metric that moved, told once with its values; it speaks for what went live just before, and against what came after. */
const byMetric = (live: Live, onset: Onset, place: Place): Evidence[] => {
  const { alerting, others } = place;
  const shift = shiftOf(onset, place);
  if (shift === undefined) return [];
  const bend = bendOf(shift, onset);
  if (bend !== undefined && live.at > bend.cause.to + slackMs)
    return [
      {
        weight: duringClimb,
        reason: `${shift.metric} climbs since ${clock(bend.at)}, ${span(live.at - bend.at)} before it ${wentLive(live)}`,
        measured: true,
      },
    ];
  const gap = shift.at - live.at;
  const [was, is] = amounts([shift.before, shift.after], shift.metric);
  const whose = shift.service === alerting || shift.service === "" ? "" : ` of ${shift.service}`;
  const moved = `${shift.metric}${whose} ${was} → ${is} at ${clock(shift.at)}`;
  const came = wentLive(live);
  if (gap < -slackMs)
    return [{ weight: -4, reason: `${moved}, ${span(-gap)} before it ${came}`, measured: true }];
  const after = `${span(Math.max(0, gap))} after it ${came}`;
  if (live.by === "landing") return [{ weight: 0, reason: `${moved}, ${after}`, always: true }];
  const reason = `${moved}, ${live.reportedAt === undefined ? after : "as it was rolled out"}`;
  const weight =
    others === undefined
      ? least
      : stepWeight(
          gap,
          others.map((at) => shift.at - at),
        );
  return onset.at - live.at > longestMs
    ? []
    : [{ weight, reason, always: true, measured: true, timing: "step" }];
};

const wentLive = ({ by }: Live): string => (by === "deploy" ? "went live" : "landed");

/** The beginning of the climb at whose end a metric left its usual range, where it climbed steadily instead of stepping. */
const bendOf = (shift: Shift, { moved }: Onset): Shift | undefined =>
  moved.find(
    ({ isBend, metric, service, at }) =>
      isBend === true && metric === shift.metric && service === shift.service && at < shift.at,
  );

const shiftOf = ({ shifts, watched }: Onset, { service, alerting }: Place): Shift | undefined => {
  const of = (name: string) => (shift: Shift) =>
    !shift.load && (shift.service === name || shift.service === "");
  const isWatchedItself = watched.some((series) => series.service === service && isHealth(series));
  const own = shifts.find(of(service));
  return own !== undefined || isWatchedItself ? own : shifts.find(of(alerting));
};

/**
 * A deploy whose only report came after the onset: the log of the probability that its rollout had begun by then, by the time that
 * rollouts of its service take.
 */
const byReport = (live: Live, { at }: Onset, usualMs: number): Evidence[] => {
  const { reportedAt, beganAt } = live;
  if (reportedAt === undefined || beganAt !== undefined || live.at > at + slackMs) return [];
  const late = reportedAt - at;
  const weight = Math.log(hadBegun(late, usualMs));
  if (weight > -0.1) return [];
  return [
    {
      weight,
      reason: `is told as live ${span(late)} after the trouble began, and rollouts take ${span(usualMs)} here`,
    },
  ];
};
