import { amounts, clock } from "../../text/format.ts";
import type { Live } from "../in-production/live.ts";
import type { Evidence } from "../model.ts";
import { worseOf } from "../onset/by-version.ts";
import type { Shift } from "../onset/change-point.ts";
import type { Onset } from "../onset/onset.ts";
import { isHealth } from "../onset/signals.ts";
import type { VersionComparison } from "./version-comparison.ts";

const minute = 60_000;
const day = 24 * 60 * minute;
/** A service that moved within this time before the onset, or after it, moved with the trouble. */
const near = { before: 30 * minute, after: 2 * minute };
/** The share of the greatest move from which on a service counts as moved most. */
const most = 0.93;
/** The least share of the greater value that a signal counts as: a rise from nothing is not endless. */
const floor = 0.02;
/**
 * The odds that one of n services moved most by chance are 1 : n − 1; `most` is the share of their logarithm that counts. `behind` is for a
 * move of no size against the greatest.
 */
const weights = {
  most: 0.7,
  behind: -12,
  victim: -2,
  well: -3,
  wellBelow: -0.5,
  unchanged: 3,
  elsewhere: 1.5,
};

/** A service whose errors or latency moved for the worse, and how many times they doubled. */
type Ill = { shift: Shift; octaves: number };
/** The health of several services, by their requests. `worst` are those in which the trouble is at home, by their versions or else by its size. */
export type ServiceHealth = {
  watched: Set<string>;
  ill: Map<string, Ill>;
  greatest: Ill;
  worst: Set<string>;
  isByVersion: boolean;
};

/** Undefined unless the errors or the latency of several services are known, and some of them are worse. */
export const serviceHealth = (
  onset: Pick<Onset, "at" | "shifts" | "watched">,
  comparisons: VersionComparison[],
): ServiceHealth | undefined => {
  const watched = new Set(onset.watched.filter(isHealth).map(({ service }) => service));
  const ill = illOf(onset);
  const [greatest] = [...ill.values()].toSorted((a, b) => b.octaves - a.octaves);
  if (watched.size < 2 || greatest === undefined) return undefined;
  const byVersion = comparisons.flatMap(({ isWorse, deploy }) => (isWorse && deploy ? [deploy.service] : []));
  const bySize = [...ill].filter(([, { octaves }]) => octaves >= most * greatest.octaves);
  const isByVersion = byVersion.length > 0;
  const worst = new Set(isByVersion ? byVersion : bySize.map(([service]) => service));
  return { watched, ill, greatest, worst, isByVersion };
};

const illOf = ({ at, shifts }: Pick<Onset, "at" | "shifts">): Map<string, Ill> => {
  const ill = new Map<string, Ill>();
  for (const shift of shifts) {
    if (!isHealth(shift) || shift.at < at - near.before || shift.at > at + near.after) continue;
    const octaves = octavesOf(shift);
    if (octaves > (ill.get(shift.service)?.octaves ?? 0)) ill.set(shift.service, { shift, octaves });
  }
  return ill;
};

/** The number of times that a signal doubled for the worse. */
const octavesOf = ({ metric, before, after }: Shift): number => {
  const [was, is] = worseOf(metric) === -1 ? [after, before] : [before, after];
  const least = floor * Math.max(Math.abs(was), Math.abs(is));
  return Math.log2((Math.max(is, 0) + least) / (Math.max(was, 0) + least));
};

const told = ({ shift: { service, metric, before, after, at } }: Ill): string => {
  const [was, is] = amounts([before, after], metric);
  return `${metric} of ${service} ${was} → ${is} at ${clock(at)}`;
};

/** Whether the trouble is at home in one of the services. */
export const isWorst = (health: ServiceHealth | undefined, services: string[]): boolean =>
  services.some((service) => health?.worst.has(service));

/** Whether the errors and the latency of a service are known and did not move. */
export const isWell = (health: ServiceHealth | undefined, service: string): boolean =>
  health?.watched.has(service) === true && !health.ill.has(service) && !health.worst.has(service);

/** Evidence about a change by the health of its own service. */
export const byHealth = (
  health: ServiceHealth | undefined,
  { service, dependsOn = [] }: { service: string; dependsOn?: string[] | undefined },
): Evidence[] => {
  if (health === undefined || !health.watched.has(service)) return [];
  const own = health.ill.get(service);
  if (own !== undefined) return [{ ...bySize(health, own), measured: true, place: true }];
  if (health.worst.has(service)) return [];
  // A service that answers in another form harms its callers, not itself.
  const weight = dependsOn.includes(service) ? weights.wellBelow : weights.well;
  return [{ weight, reason: `errors and latency of ${service} did not move`, measured: true, place: true }];
};

const bySize = ({ watched, greatest, worst, isByVersion }: ServiceHealth, own: Ill): Evidence => {
  if (worst.has(own.shift.service))
    return { weight: best(watched), reason: `${told(own)}: no other service fares worse` };
  if (isByVersion)
    return {
      weight: weights.victim,
      reason: `${told(own)}, and a new version of ${[...worst].join(", ")} is bad`,
    };
  const weight = Math.max(weights.victim, best(watched) + behindOf(own, greatest));
  return { weight, reason: `${told(own)}, less than ${told(greatest)}` };
};
const best = (watched: Set<string>): number => weights.most * Math.log(watched.size);
const behindOf = (one: Ill, greatest: Ill): number => weights.behind * (1 - one.octaves / greatest.octaves);

/** Evidence for a cause beside the changes: the trouble is likely at home where nothing was brought live. */
export const unchangedWhereWorst = (
  health: ServiceHealth | undefined,
  { live, serviceOf, at }: { live: Map<string, Live>; serviceOf: (live: Live) => string; at: number },
): Evidence[] => {
  if (health === undefined || health.isByVersion) return [];
  const changed = new Set([...live.values()].filter((one) => one.at > at - day).map(serviceOf));
  const homes = [...health.ill.values()].map((one) => ({
    one,
    share: Math.exp(behindOf(one, health.greatest)),
  }));
  const unchanged = homes.filter(({ one }) => !changed.has(one.shift.service));
  const [first] = unchanged.toSorted((a, b) => b.share - a.share);
  if (first === undefined) return [];
  const total = (of: typeof homes): number => of.reduce((sum, { share }) => sum + share, 0);
  const weight = Math.min(
    weights.unchanged,
    -weights.elsewhere * Math.log(1 - total(unchanged) / total(homes)),
  );
  const reason = `${told(first.one)}, and none of its changes went live in the day before`;
  return [{ weight, reason, place: true }];
};
