import { clock, figure } from "../../text/format.ts";
import type { Case, Evidence } from "../model.ts";
import { externalCause, isMachineMetric, outsideEvent } from "../onset/external-causes.ts";
import { isErrorLevel, othersOf } from "../onset/log-patterns.ts";
import { type Onset, slackMs } from "../onset/onset.ts";

const minute = 60_000;
/** What speaks for a cause that is none of the commits: load, a certificate, a node, an upstream. */
export const externalEvidence = (given: Case, onset: Onset): Evidence[] => [
  ...loads(given, onset),
  ...logged(given, onset),
  ...machines(onset),
];

/** By how much load must rise, and how close to the onset: what rises well after it may be retries, and nobody's cause. */
const rise = { factor: 1.4, before: 15 * minute, after: slackMs };
const loads = (_: Case, { shifts, at }: Onset): Evidence[] =>
  shifts
    .filter(
      ({ load, before, after, at: moved }) =>
        load && after > rise.factor * before && moved > at - rise.before && moved < at + rise.after,
    )
    .slice(0, 1)
    .map(({ metric, service, before, after, at: moved }) => ({
      weight: 2.5,
      reason: `${metric} of ${service || "the service"} ${figure(before)} → ${figure(after)} at ${clock(moved)}: more came in`,
    }));

const machines = ({ shifts, at }: Onset): Evidence[] =>
  shifts
    .filter(({ metric, at: moved }) => isMachineMetric(metric) && Math.abs(moved - at) < rise.before)
    .slice(0, 1)
    .map(({ metric, service, before, after, at: moved }) => ({
      weight: 2.5,
      reason: `${metric} of ${service || "the service"} ${figure(before)} → ${figure(after)} at ${clock(moved)}: a machine or its provider`,
    }));

const logged = (given: Case, { patterns }: Onset): Evidence[] => {
  const others = othersOf(given);
  return patterns
    .flatMap((pattern) => {
      const { text, service } = pattern;
      const cause = outsideEvent(text) ?? (isErrorLevel(pattern) ? externalCause(text, others) : undefined);
      return cause === undefined ? [] : [{ what: cause, text, service }];
    })
    .slice(0, 1)
    .map(({ what: cause, text, service }) => ({
      weight: 3,
      reason: `a new log line of ${service || "the service"} speaks of ${cause}: “${text.slice(0, 100)}”`,
    }));
};
