import type { DeployRecord } from "../../ports/store.ts";
import { type Rollout, rolloutsOf } from "./rollouts.ts";

const minute = 60_000;
/**
 * The time that a rollout usually takes until it is told, before any of the service is known. One that succeeds is told within Kubernetes'
 * `progressDeadlineSeconds` of ten minutes in nine of ten cases (by judgement); one that fails is told when that time is over.
 */
const assumedMs = { succeeded: 5 * minute, failed: 10 * minute };
/** The assumed time counts as much as this many rollouts of the service. */
const assumedCount = 3;
/** The shape of the log-logistic distribution: with a median of five minutes a tenth takes longer than ten. */
const shape = Math.log(9) / Math.log(10 / 5);
/** A rollout that took longer than all but this share of them is not looked for. */
const rarest = 0.02;

type Ended = keyof typeof assumedMs;
/** How long rollouts of a service take until they are told, by their end: the median in ms. */
export type RolloutTime = Record<Ended, number>;

/** The usual time of each service's rollouts, by those whose beginning and end were told; the geometric mean stands for the median. */
export const rolloutTimes = (deploys: DeployRecord[]): ((service: string) => RolloutTime) => {
  const by = Map.groupBy(rolloutsOf(deploys), ({ service }) => service);
  const found = new Map([...by].map(([service, rollouts]) => [service, timeOf(rollouts)]));
  return (service) => found.get(service) ?? assumedMs;
};

const timeOf = (rollouts: Rollout[]): RolloutTime => {
  const of = (status: Ended): number => {
    const known = rollouts.flatMap(({ status: ended, at, beganAt }) =>
      ended === status && beganAt !== undefined ? [Math.log(Math.max(1000, at - beganAt))] : [],
    );
    const sum = known.reduce((all, one) => all + one, assumedCount * Math.log(assumedMs[status]));
    return Math.exp(sum / (assumedCount + known.length));
  };
  return { succeeded: of("succeeded"), failed: of("failed") };
};

/** The probability that a rollout that is told `lateMs` after the onset had begun by then: it took at least as long. */
export const hadBegun = (lateMs: number, usualMs: number): number =>
  1 / (1 + (Math.max(0, lateMs) / usualMs) ** shape);

/** The latest time after the onset at which a rollout is told that may have begun before. */
export const latestMs = (usualMs: number): number => usualMs * (1 / rarest - 1) ** (1 / shape);
