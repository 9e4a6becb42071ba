import { clock, figure } from "../../text/format.ts";
import { allDeploys } from "../candidates/case-rollouts.ts";
import type { Live } from "../in-production/live.ts";
import type { Case, Evidence } from "../model.ts";
import type { Shift } from "../onset/change-point.ts";
import { isOfYouth } from "../onset/signals.ts";

const minute = 60_000;
/** The least time from a metric's move to the alert. A later move may be the trouble itself. */
const earlier = 30 * minute;
/** Clocks and scrapes are off by this much. */
const slack = 2 * minute;
/** A leak shows only once the rollout has gone through and work has come in. */
const leakDelay = 10 * minute;
const inexact = { share: 0.1, mostMs: 30 * minute };
const strongest = 3;
const weakest = 1;
const hour = 60 * minute;
const day = 24 * hour;

/** A metric that moved as a deploy brought a change, well before the alert: a leak begins long before it hurts. */
export type DeployCorrelation = { shift: Shift; weight: number };

/** Finds the metric of its service that moved as a change went live, if there is one. */
export const correlateDeploys = (
  given: Case,
  { moved, symptom }: { moved: Shift[]; symptom: string },
): ((live: Live) => DeployCorrelation | undefined) => {
  const times = new Map<string, number[]>();
  const first = moved.reduce((least, { at }) => Math.min(least, at), given.onsetAt);
  /** The time that is looked at: a day, or as far back as a slow rise began. */
  const spanMs = Math.max(day, given.onsetAt - first + hour);
  for (const deploy of allDeploys(given))
    if (deploy.status === "succeeded" && deploy.at > given.onsetAt - spanMs && deploy.at <= given.onsetAt)
      times.set(deploy.service, [...(times.get(deploy.service) ?? []), deploy.at]);
  const isOwn = ({ service }: Shift): boolean => service === given.service || service === "";
  const hurt = moved.filter(isOwn).reduce((least, { at }) => Math.min(least, at), given.onsetAt - slack);
  // Series of other services that moved before the onset; those that moved at the same time may share an outside cause.
  const shifts = moved.filter(
    (shift) =>
      !shift.load &&
      !isOfYouth(shift, symptom) &&
      (shift.at < given.onsetAt - earlier || (!isOwn(shift) && shift.at < hurt)),
  );
  return (live) => {
    if (live.by !== "deploy") return undefined;
    const service = live.service ?? given.service;
    const all = times.get(service) ?? [];
    const own = shifts.filter(
      (shift) =>
        (shift.service === service || shift.service === "") &&
        tooEarly(live, shift) <= inexactOf(shift, all) &&
        live.at <= shift.cause.to + slack &&
        // The deploy nearest to the shift counts.
        all.every((at) => Math.abs(at - shift.at) >= Math.abs(live.at - shift.at)),
    );
    const [shift] = own.toSorted((a, b) => Math.abs(a.at - live.at) - Math.abs(b.at - live.at));
    if (shift === undefined) return undefined;
    // The chance that one of so many deploys lies here at random: the more deploys, and the less exact the time of the move, the greater.
    const chance =
      (new Set(all).size *
        (shift.cause.to - shift.cause.from + delayOf(shift) + slack + 2 * tooEarly(live, shift))) /
      spanMs;
    return { shift, weight: Math.min(strongest, Math.max(weakest, -Math.log(Math.min(1, chance)))) };
  };
};

/** The time by which a deploy was before all that the points of a metric tell of its cause. */
const tooEarly = ({ at }: Live, shift: Shift): number => Math.max(0, shift.cause.from - delayOf(shift) - at);

/** The rhythm of a day bends a climb as well: its beginning is known to a share of its length. That is enough where one deploy came before. */
const inexactOf = ({ isBend, riseMs, at }: Shift, deploys: number[]): number =>
  isBend === true && new Set(deploys.filter((time) => time <= at)).size === 1
    ? Math.min(inexact.mostMs, inexact.share * riseMs)
    : 0;

const delayOf = ({ isBend }: Shift): number => (isBend === true ? leakDelay : slack);

export const byCorrelation = (correlation: DeployCorrelation | undefined): Evidence[] =>
  correlation === undefined
    ? []
    : [
        {
          weight: correlation.weight,
          reason: `${correlation.shift.metric} ${figure(correlation.shift.before)} → ${figure(correlation.shift.after)} at ${clock(correlation.shift.at)}, as it went live`,
          always: true,
          measured: true,
          timing: "step",
        },
      ];
