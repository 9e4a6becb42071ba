import type { Commit } from "../../ports/history.ts";
import { span } from "../../text/format.ts";
import type { Live } from "../in-production/live.ts";
import type { Case, Evidence } from "../model.ts";
import type { Onset } from "../onset/onset.ts";
import { changedLines } from "../ranking/changed-lines.ts";
import { byKind, type Seen } from "./commit.ts";
import { delayDensity } from "./deploy-moment.ts";

const minute = 60_000;

/** A metric that is nearly there within this time stepped: a rate over five minutes draws a step out that long. */
const sharpMs = 6 * minute;
/**
 * The share of troubles that set in as soon as the change runs, and their mean delay; the others follow the law of delays. Set by hand: five
 * timelines that Cloudflare published have delays of 0, 0, 1, 3 and 15 minutes, 3.8 on average (docs/figures.md). Where no metric shows a step, half of
 * the troubles are taken for sharp.
 */
const prompt = { step: 0.9, unknown: 0.5, meanMs: 4 * minute };
/** Without a measured onset the trouble may have begun this long before the alert. */
const unknownMs = 15 * minute;
/** Weaker weights are not worth a sentence. */
const least = 0.1;

/** Log-odds of trouble `gapMs` after a deploy, against the law of delays alone: 0 for a prompt one, ln(1 − `share`) for a late one. */
export const lateWeight = (gapMs: number, share: number): number => {
  const promptly = Math.exp(-Math.max(0, gapMs) / prompt.meanMs) / prompt.meanMs;
  return Math.min(0, Math.log((share * promptly) / delayDensity(gapMs) + 1 - share));
};

/** Changes whose trouble builds up or waits for its hour: caches, limits, pools, queues, schedules, credentials. */
const slow =
  /cache|\bttl\b|expir|max[-_]?age|evict|maxmemory|\bcron|schedul|interval|time_?zone|\bTZ\b|midnight|daily|hourly|nightly|limit|quota|pool|queue|buffer|retention|rotat|log_?level|debug|capacity|replica|scal(e|ing)|heap|memory|cpu|connections?\b|\bclose\(|leak|cert|\.pem|token|secret|batch|append|\bpush\(|new Map\(|= \{\}|prefetch|worker|concurren|instances?\b|timeout|retr(y|ies)|\bnodes?\b/i;
const longest = 20_000;
const isSlow = ({ title, patch = "" }: Commit): boolean =>
  slow.test(`${title}\n${changedLines(patch).slice(0, longest)}`);

/** How much less likely a change is, and what is left of a step that speaks for its deploy. A change of a slow kind is spared. */
type Late = { found: Evidence[]; lessened: (step: Evidence) => Evidence };
const notLate: Late = { found: [], lessened: (step) => step };

/**
 * Tells what follows when the trouble set in at once, long after the last deploy. It is the same for every change, so that it tells changes
 * from other causes and not one from another.
 */
export const lateStep = (given: Case, onset: Onset, live: Map<string, Live>): ((seen: Seen) => Late) => {
  const shape = shapeOf(given, onset);
  const gap = gapOf(given, onset, live);
  if (shape === "climb" || gap === undefined) return () => notLate;
  const isSharp = shape === "step";
  const unsureMs = onset.isMeasured ? 0 : unknownMs;
  const weight = lateWeight(gap - unsureMs, isSharp ? prompt.step : prompt.unknown);
  if (weight > -least) return () => notLate;
  const reason = isSharp
    ? `the metric stepped, ${span(gap)} after the last deploy, and most steps come within minutes`
    : `the trouble began ${span(gap)} after the last deploy, and most comes within minutes`;
  const late: Late = {
    found: [{ weight, reason, ...(isSharp ? { measured: true } : {}) }],
    lessened: (step) => ({ ...step, weight: Math.min(0, step.weight) }),
  };
  return ({ commit, live: { by } }) => (by !== "deploy" || isSlow(commit) ? notLate : late);
};

/** The shape of the service's own metric; undefined where none moved. */
const shapeOf = ({ service }: Case, { shifts, moved }: Onset): "step" | "climb" | undefined => {
  const own = shifts.find((shift) => !shift.load && [service, ""].includes(shift.service));
  if (own === undefined) return undefined;
  const climbs = moved.some(({ isBend, load, at }) => isBend === true && !load && at < own.at);
  return climbs || own.riseMs > sharpMs ? "climb" : "step";
};

/** The time from the last deploy that brought a change which can do it; undefined where a rollout failed or was told late. */
const gapOf = (given: Case, { at }: Onset, live: Map<string, Live>): number | undefined => {
  const gaps: number[] = [];
  for (const commit of given.commits) {
    const since = live.get(commit.sha);
    if (since?.by !== "deploy") continue;
    if (since.reportedAt !== undefined || since.rollout !== undefined) return undefined;
    if (byKind({ commit, live: since }, given).length === 0) gaps.push(at - since.at);
  }
  return gaps.length === 0 ? undefined : Math.min(...gaps);
};
