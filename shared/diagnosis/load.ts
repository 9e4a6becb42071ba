import type { Diagnosis, Remedy, Scale, Suspect } from "../incident/model.ts";
import type { ScalingRule } from "../policy/scaling.ts";
import { limits } from "../remedy/scale/model.ts";
import { howMuch } from "../remedy/scale/sizing.ts";
import { isRefused } from "../yaml/refused.ts";

/** The capacity by a scaling rule and the metrics. `deployedMs` is the time from the last deploy to the onset. */
export type Saturation = {
  rule: ScalingRule;
  alert: string;
  current?: number;
  limit?: number;
  least?: number;
  broken?: boolean;
  load?: number;
  deployedMs?: number;
  unread: string[];
};

/**
 * Likelihood ratio of each sign, under a lack of capacity against any other cause outside the changes. Set by judgement: there is no
 * collection of incidents of load to fit them on.
 */
const signs = { rule: 4, atLimit: 6, overLoaded: 3, freshDeploy: 1 / 3 };
const minute = 60_000;
/** A deploy this shortly before the onset speaks for a change, where something measured ties the change to the trouble: `none` has the moment in it. */
const freshMs = 10 * minute;
/** Offered at most. */
const maxRemedies = 3;
/** Causes outside the changes are never ruled out. */
const minNone = 0.02;

/**
 * The diagnosis with load as a hypothesis beside the suspects: the clearer it shows, the larger its part of the probability that no change
 * is at fault. The scaling remedy stands among the others by its probability. When no value can be raised, a note says why.
 */
export const withLoad = (diagnosis: Diagnosis, saturation: Saturation): Diagnosis => {
  const { rule } = saturation;
  const notes = [...(diagnosis.notes ?? []), ...saturation.unread];
  const amount = amountOf(saturation);
  if ("refused" in amount)
    return { ...diagnosis, notes: [...notes, `scaling ${rule.target} is not offered: ${amount.refused}`] };
  const { strength, reasons } = weighed(saturation, diagnosis.suspects[0]);
  const none = Math.max(minNone, diagnosis.none);
  const odds = none * strength;
  const score = odds / (odds + 1 - none);
  const remaining = diagnosis.none >= 1 ? 0 : (1 - score) / (1 - diagnosis.none);
  const scaled = <T extends { score: number }>(one: T): T => ({
    ...one,
    score: Math.min(1, one.score * remaining),
  });
  const remedy: Scale = {
    ...{ kind: "scale", target: rule.target, field: amount.field, to: amount.to, score },
    title: titleOf(saturation, amount),
    reasons: [...reasons, ...(amount.reason === undefined ? [] : [amount.reason])],
    ...(rule.forMs === undefined ? {} : { forMs: rule.forMs }),
  };
  const remedies: Remedy[] = [remedy, ...diagnosis.remedies.map(scaled)];
  return {
    ...diagnosis,
    suspects: diagnosis.suspects.map(scaled),
    ...(diagnosis.flags === undefined ? {} : { flags: diagnosis.flags.map(scaled) }),
    none: score,
    remedies: remedies.sort((a, b) => b.score - a.score).slice(0, maxRemedies),
    ...(notes.length === 0 ? {} : { notes }),
  };
};

const deployedText = (ms: number): string =>
  ms < minute ? "in the same minute" : `${Math.round(ms / minute)} min before`;

type Amount = { field: Scale["field"]; to: string; from?: number; reason?: string };

const amountOf = ({
  rule,
  current,
  limit,
  least,
  broken,
  load,
}: Saturation): Amount | { refused: string } => {
  if (rule.to !== undefined) return { field: rule.field, to: rule.to };
  if (current === undefined) return { refused: "how many there are could not be read" };
  const allowed = { ...limits, ceiling: Math.min(limits.ceiling, rule.ceiling ?? limits.ceiling) };
  const bounds = limit === undefined ? {} : { bounds: { min: least ?? 1, max: limit } };
  const sized = howMuch(
    {
      ...{ current, desired: current, ...bounds },
      ...(broken === true && { scalingActive: false }),
      ...(load !== undefined && { utilisation: load, target: 1 }),
    },
    allowed,
  );
  if (isRefused(sized)) return sized;
  const from = sized.field === "min" ? least : (limit ?? current);
  return {
    ...{ field: sized.field, to: String(sized.to), reason: sized.reason },
    ...(from === undefined ? {} : { from }),
  };
};

const weighed = (
  { alert, current, limit, load, deployedMs }: Saturation,
  first: Suspect | undefined,
): { strength: number; reasons: string[] } => {
  const atLimit = current !== undefined && limit !== undefined && current >= limit;
  const over = load !== undefined && load > 1;
  const isRecent = deployedMs !== undefined && deployedMs >= 0 && deployedMs <= freshMs;
  const fresh = isRecent && first?.measured === true;
  const all: [boolean, number, string][] = [
    [atLimit, signs.atLimit, `the autoscaler wants ${current} replicas and may have no more than ${limit}`],
    [over, signs.overLoaded, `the load is ${figure(load ?? 0)} times the present capacity`],
    [true, signs.rule, `${alert} means a lack of capacity here`],
    [
      fresh,
      signs.freshDeploy,
      `a deploy went live ${deployedText(deployedMs ?? 0)}, so load is less certain`,
    ],
  ];
  const applicable = all.filter(([holds]) => holds);
  return {
    strength: applicable.reduce((product, [, factor]) => product * factor, 1),
    reasons: applicable.map(([, , sentence]) => sentence),
  };
};

const words: Record<Scale["field"], string> = {
  replicas: "replicas",
  min: "minimum",
  max: "maximum",
  memory: "memory limit",
  cpu: "CPU limit",
};
const titleOf = ({ rule }: Saturation, { field, to, from }: Amount): string =>
  `raise the ${words[field]} of ${rule.target}${from === undefined ? "" : ` from ${from}`} to ${to}${rule.forMs === undefined ? "" : ` for ${lasting(rule.forMs)}`}`;
const lasting = (ms: number): string =>
  ms % (60 * minute) === 0
    ? `${ms / (60 * minute)} h`
    : ms % minute === 0
      ? `${ms / minute} min`
      : `${ms / 1000} s`;
const figure = (value: number): string => String(Math.round(value * 100) / 100);
