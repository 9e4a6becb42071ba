import type { Counted, Scoped } from "../../shared/policy/recovery/scope.ts";
import type { Grid, Labels, Reading } from "../../shared/ports/metrics.ts";
import { consistent } from "../../shared/promql/labels.ts";
import { quoted } from "../../shared/promql/quoted.ts";
import { countBy, type Side } from "../../shared/promql/selectors.ts";
import { gridBefore } from "./presence.ts";
import type { Judging } from "./replica-gone.ts";

type Target = { job: string; instance: string };

/**
 * A target whose series the alert read, and that no longer answers: an aggregation over the others does not show that it is well. The same
 * of a target that was down and that nobody scrapes any more, without another one in its place. Undefined where there is none.
 */
export const targetGone = async (
  judging: Judging,
  counts: Counted[],
  scoped: Scoped,
): Promise<Reading | undefined> => {
  const { alert, fired } = judging;
  if (fired === undefined) return undefined;
  const { instance, pod } = alert.labels;
  const own = { ...scoped.labels, ...(instance && { instance }), ...(pod && { pod }) };
  for (const { side } of counts) {
    const text = side.metric === "up" ? await leftOut(judging, side, own) : await silent(judging, side, own);
    if (text === undefined) continue;
    return {
      result: "unknown",
      verdict: "telemetry_gone",
      detail: `no data to show that it is quiet, as ${text}`,
    };
  }
  return undefined;
};

/** The side's targets that are down, and have no series of it any more. */
const silent = async (judging: Judging, side: Side, own: Labels): Promise<string | undefined> => {
  const { metrics, service, grid, fired } = judging;
  if (fired === undefined) return undefined;
  const former = await targetsOf(judging, side.text, { own, over: gridBefore(fired) });
  const jobs = [...new Set(former.map(({ job }) => job))];
  if (jobs.length === 0) return undefined;
  const down = await metrics.range(
    service,
    `up{job=~${quoted(jobs.map(escaped).join("|"))}} == 0`,
    lastOf(grid),
  );
  const suspects = former.filter((one) => down.some(({ labels }) => isOf(labels, one)));
  if (suspects.length === 0) return undefined;
  const now = await targetsOf(judging, side.text, { own, over: grid });
  const lost = suspects.find((one) => !now.some((other) => isOf(other, one)));
  return lost && `the target ${lost.instance} of ${side.text} is down`;
};

/** The targets of `up` that were down, where fewer are scraped now and these are not among them. */
const leftOut = async (judging: Judging, side: Side, own: Labels): Promise<string | undefined> => {
  const { grid, fired } = judging;
  if (fired === undefined) return undefined;
  const [down, former, now] = await Promise.all([
    targetsOf(judging, `${side.text} == 0`, { own, over: gridBefore(fired), leastShare }),
    targetsOf(judging, side.text, { own, over: { ...grid, start: fired.from, count: 1 } }),
    targetsOf(judging, side.text, { own, over: lastOf(grid) }),
  ]);
  if (now.length === 0 || now.length >= former.length) return undefined;
  const lost = down.find((one) => !now.some((other) => isOf(other, one)));
  return (
    lost &&
    `the target ${lost.instance}, which was down, is not scraped any more, and no other took its place`
  );
};

/** A target that is replaced is down for less than this share of the trouble. */
const leastShare = 0.1;

/** The targets that a selector has at one of the instants, or at this share of them. */
const targetsOf = async (
  { metrics, service }: Judging,
  selector: string,
  { own, over, leastShare = 0 }: { own: Labels; over: Grid; leastShare?: number },
): Promise<Target[]> => {
  const series = await metrics.range(
    service,
    countBy(selector, ["job", "instance", ...Object.keys(own)]),
    over,
  );
  const long = series.filter(({ points }) => points.length >= leastShare * over.count);
  return long.flatMap(({ labels }) => {
    const { job, instance } = labels;
    return job === undefined || instance === undefined || !consistent(labels, own) ? [] : [{ job, instance }];
  });
};

const isOf = (labels: Labels, { job, instance }: Target): boolean =>
  labels.job === job && labels.instance === instance;

const lastOf = (grid: Grid): Grid => ({
  ...grid,
  start: grid.start + (grid.count - 1) * grid.stepMs,
  count: 1,
});

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
