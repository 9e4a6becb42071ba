import { type Refused, refuse } from "../../yaml/refused.ts";
import { limits as defaults, type Limits } from "./model.ts";

/** Measurements of a workload under load. `utilisation` and `target` are in the same unit, per replica. */
export type Seen = {
  current: number;
  utilisation?: number;
  target?: number;
  /** The autoscaler's, where one decides. */
  bounds?: { min: number; max: number };
  /** The autoscaler's desired count, and whether its metric works (condition ScalingActive). */
  desired?: number;
  scalingActive?: boolean;
};
export type Amount = { field: "min" | "max" | "replicas"; to: number; reason: string };

/** The wanted number: current × utilisation ÷ target (the HPA's own formula), at most `step` times as many and `ceiling`. */
export const howMuch = (seen: Seen, limits: Limits = defaults): Amount | Refused => {
  const { current, bounds, desired, scalingActive } = seen;
  const [load, why] = wanted(seen);
  if (bounds && scalingActive === false) return toMinimum(load, bounds, { current, limits });
  if (bounds && (desired ?? current) < bounds.max)
    return refuse(
      `its maximum of ${bounds.max} is not reached (${desired ?? current} wanted), so raising it changes nothing`,
    );
  const from = bounds?.max ?? current;
  const clamped = clamp(Math.max(load, from), from, limits);
  const [to, limit] = clamped;
  if (to <= from)
    return refuse(
      load <= from
        ? `${why}, which is no more than the ${from} there are`
        : `${from} is the ceiling of the policy (${limits.ceiling})`,
    );
  return { field: bounds ? "max" : "replicas", to, reason: `${why}${limit}` };
};

const wanted = ({ current, utilisation, target, bounds }: Seen): [number, string] => {
  if (utilisation === undefined || target === undefined || !(target > 0) || !(utilisation >= 0)) {
    const from = bounds?.max ?? current;
    return [Math.ceil(from * 1.5), `${from} and half as many again, as the load above it is not measured`];
  }
  const load = Math.ceil((current * utilisation) / target);
  return [
    load,
    `today's load needs ${load}, as the present ${current} are used at ${figure((utilisation / target) * 100)} % of their target`,
  ];
};

/** An autoscaler without a working metric keeps its present count, so only its minimum helps. */
const toMinimum = (
  load: number,
  { min, max }: { min: number; max: number },
  { current, limits }: { current: number; limits: Limits },
): Amount | Refused => {
  const [to] = clamp(Math.min(max, Math.max(load, current, min + 1)), Math.max(min, 1), limits);
  if (to <= min)
    return refuse(
      `its metric does not work (ScalingActive=False) and its floor of ${min} cannot rise above its maximum of ${max}`,
    );
  return {
    ...{ field: "min", to },
    reason: `its metric does not work (ScalingActive=False), so a higher maximum would change nothing: the floor goes from ${min} to ${to}`,
  };
};

const clamp = (wanted: number, from: number, { step, ceiling }: Limits): [number, string] => {
  const most = Math.min(Math.max(Math.floor(from * step), from), Math.max(ceiling, from));
  return wanted <= most
    ? [wanted, ""]
    : [most, `, limited to ${most} (at most ×${step}, never above ${ceiling})`];
};

const figure = (value: number): string => String(Math.round(value * 100) / 100);
