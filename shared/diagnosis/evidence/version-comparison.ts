import type { DeployRecord } from "../../ports/store.ts";
import { amounts } from "../../text/format.ts";
import type { Live } from "../in-production/live.ts";
import type { Case, Evidence } from "../model.ts";
import { type Split, type Version, worseOf } from "../onset/by-version.ts";
import { deviationOf, median, type Shift, timeAt } from "../onset/change-point.ts";
import { isHealth } from "../onset/signals.ts";
import { firstAt, type Lineage, lineages } from "../onset/version-order.ts";

/**
 * A comparison of two versions that ran side by side. `deploy` is the newer version's; without it, nobody knows the changes of that
 * version.
 */
export type VersionComparison = Evidence & { deploy?: DeployRecord; isWorse: boolean };
type Seen = { at: number; shifts: Shift[]; splits: Split[] };

/** Points that each of the two must have after the onset, and the former one before it. */
const minPoints = 3;
/** A version is worse when it moved by ≥ `deviations` MADs of the previous version and ≥ `share` of the overall change. */
const needed = { deviations: 3, share: 1 / 4 };
/** Shares of the other version's move: a version has the trouble too from `too` on, and does not have it up to `not`. */
const shares = { too: 1 / 2, not: 1 / 3 };
const weights = { worse: 3, both: -2.5, better: -2.5 };

/** One finding for each deploy: the alert's own metric speaks before others, then the clearer one. */
export const compareVersions = (given: Case, onset: Seen): VersionComparison[] => {
  const deploys = [...given.deploys, ...(given.elsewhere ?? []).flatMap((comparison) => comparison.deploys)];
  const comparisons = onset.splits.filter(isComparable).flatMap((split) =>
    lineages(split, deploys).flatMap((lineage) => {
      const seen = compare(lineage, split, onset);
      const { deploy } = lineage;
      return seen === undefined ? [] : [{ ...seen, deploy, isAlerts: split.alert !== undefined }];
    }),
  );
  comparisons.sort((a, b) => Number(b.isAlerts) - Number(a.isAlerts) || b.clarity - a.clarity);
  const chosen = new Map<string, VersionComparison>();
  for (const { deploy, isWorse, weight, reason } of comparisons) {
    const key = deploy === undefined ? "" : `${deploy.service} ${deploy.sha}`;
    if (!chosen.has(key))
      chosen.set(key, { weight, reason, isWorse, ...(deploy === undefined ? {} : { deploy }) });
  }
  return [...chosen.values()];
};

/** A fresh pod has another memory and CPU than an old one, whatever its version does. */
const isComparable = (split: Split): boolean => split.alert !== undefined || isHealth(split);

/** The evidence of the comparison for the commits of the newer version's deploy. */
export const byVersion = (
  { live }: { live: Live },
  comparisons: VersionComparison[],
): (Evidence & { measured: true })[] =>
  comparisons
    .filter((comparison) => isOf(comparison, live))
    .map(({ weight, reason, isWorse }) => ({
      ...{ weight, reason, measured: true },
      ...(isWorse ? { always: true } : {}),
    }));

const isOf = ({ deploy }: VersionComparison, live: Live): boolean =>
  deploy !== undefined &&
  live.by === "deploy" &&
  live.deploy?.sha === deploy.sha &&
  (live.service ?? deploy.service) === deploy.service;

/**
 * Notes for the diagnosis: trouble that the former version has as well is older than the newest deploy or comes from outside; and a version
 * is bad of which no deploy is known.
 */
export const comparisonNotes = (comparisons: VersionComparison[], live: Map<string, Live>): Evidence[] => {
  const all = [...live.values()];
  const worse = comparisons.filter(({ isWorse }) => isWorse);
  // Services that call one with a bad version fare worse in all of their own versions.
  if (worse.length === 0) return comparisons.slice(0, 1).map(({ reason }) => ({ weight: older, reason }));
  return worse.flatMap((comparison) => {
    if (all.some((known) => isOf(comparison, known))) return [];
    return [{ weight: 0, reason: `${comparison.reason}; no deploy on record tells what came with it` }];
  });
};
const older = 2;

type Compared = VersionComparison & { clarity: number };

/** A version against the last of those before it that still ran beside it after the onset. */
const compare = ({ newer, formers }: Lineage, split: Split, onset: Seen): Compared | undefined => {
  const both = formers.map((former) => ({ former, ...together(newer, former, onset.at) }));
  const comparisons = both.find(({ ours, theirs }) => ours.length >= minPoints && theirs.length >= minPoints);
  if (comparisons === undefined) return undefined;
  const usual = usualOf(split, comparisons.former, { onset, until: firstAt(newer) });
  if (usual === undefined) return undefined;
  const { before, enough, worse } = usual;
  const [now, formerNow] = [median(comparisons.ours), median(comparisons.theirs)];
  const verdict = judged({ ours: (now - before) * worse, theirs: (formerNow - before) * worse, enough });
  if (verdict === undefined) return undefined;
  const [ours, theirs] = amounts([now, formerNow], split.metric);
  const [fresh, old] = [newer.named, comparisons.former.named];
  const reason = {
    worse: `${split.metric} of ${fresh} ${ours}, of ${old} beside it ${theirs}`,
    both: `${split.metric} of ${fresh} ${ours}, and the former, ${old} beside it, has it too: ${theirs}`,
    better: `${split.metric} of the former, ${old}, ${theirs}, of ${fresh} beside it only ${ours}`,
  }[verdict];
  const clarity = Math.abs(now - formerNow) / enough;
  return { weight: weights[verdict], reason, isWorse: verdict === "worse", clarity };
};

/**
 * The usual level before the onset, the direction that is worse, and the least move that counts; by the former version, else by the whole
 * series.
 */
const usualOf = (
  { service, metric, alert }: Split,
  former: Version,
  { onset, until }: { onset: Seen; until: number },
): { before: number; enough: number; worse: 1 | -1 } | undefined => {
  const whole = onset.shifts.find((shift) => shift.service === service && shift.metric === metric);
  const jump = whole === undefined ? 0 : whole.after - whole.before;
  const worse = (alert === undefined ? worseOf(metric) : undefined) ?? (jump < 0 ? -1 : 1);
  const values = valuesIn(former, Number.NEGATIVE_INFINITY, Math.min(onset.at, until) - 1);
  const share = needed.share * Math.abs(jump);
  if (values.length >= minPoints) {
    const enough = Math.max(needed.deviations * deviationOf(values), share);
    return { before: median(values), enough, worse };
  }
  return whole === undefined ? undefined : { before: whole.before, enough: share, worse };
};

/** The points of both versions while both ran, after the onset. */
const together = (a: Version, b: Version, at: number): { ours: number[]; theirs: number[] } => {
  const from = Math.max(at, firstAt(a), firstAt(b));
  const to = Math.min(lastAt(a), lastAt(b));
  return { ours: valuesIn(a, from, to), theirs: valuesIn(b, from, to) };
};
const lastAt = ({ points }: Version): number => timeAt(points, points.length - 1);

const valuesIn = ({ points }: Version, from: number, to: number): number[] =>
  points.filter(([at]) => at >= from && at <= to).map(([, value]) => value);

type Moved = { ours: number; theirs: number; enough: number };
/** Which version moved for the worse: only the newer, both alike, or only the former; undefined in between. */
const judged = ({ ours, theirs, enough }: Moved): keyof typeof weights | undefined => {
  if (ours >= enough && theirs <= shares.not * ours) return "worse";
  if (theirs >= enough && ours <= shares.not * theirs) return "better";
  return ours >= enough && theirs >= enough && theirs >= shares.too * ours ? "both" : undefined;
};
