import type { Counted } from "../../shared/policy/recovery/scope.ts";
import type { Grid, Labels, Metrics, Reading } from "../../shared/ports/metrics.ts";
import type { Service } from "../../shared/ports/service.ts";
import { countBy } from "../../shared/promql/selectors.ts";
import { namesTrouble } from "../../shared/promql/trouble.ts";

export type Judging = {
  metrics: Metrics;
  service: Service;
  grid: Grid;
  alert: { labels: Labels };
  fired?: { from: number; to: number } | undefined;
};

/**
 * A machine that fired and is gone, while the others of its job go on as before. A deploy replaces an instance by a new one; of pods, the bad
 * ones may simply go. Undefined where the instance is there, or has a successor.
 */
export const replicaGone = async (judging: Judging, counts: Counted[]): Promise<Reading | undefined> => {
  const { alert, fired, grid } = judging;
  const { instance, pod } = alert.labels;
  if (instance === undefined || pod !== undefined || fired === undefined) return undefined;
  const last = grid.start + (grid.count - 1) * grid.stepMs;
  for (const { side } of counts.filter((one) => !namesTrouble(one.side))) {
    // A rollout brings new instances while the alert still fires: those of the onset are the former ones.
    const [former, now] = await Promise.all(
      [fired.from, last].map((start) => instancesOf(judging, side.text, { ...grid, start, count: 1 })),
    );
    if (former === undefined || now === undefined) continue;
    if (!former.has(instance) || now.has(instance) || now.size === 0) continue;
    if ([...now].some((one) => !former.has(one))) continue;
    const detail = `no data to show that it is quiet, as the series of instance="${instance}" are gone from ${side.text}, and no new instance took its place`;
    return { result: "unknown", verdict: "telemetry_gone", detail };
  }
  return undefined;
};

const instancesOf = async (
  { metrics, service }: Judging,
  selector: string,
  over: Grid,
): Promise<Set<string>> => {
  const series = await metrics.range(service, countBy(selector, ["instance"]), over);
  return new Set(series.flatMap(({ labels }) => labels.instance ?? []));
};
