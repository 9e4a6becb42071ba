import type { Scoped } from "../../shared/policy/recovery/scope.ts";
import type { Grid, Labels, Metrics, Reading } from "../../shared/ports/metrics.ts";
import type { Service } from "../../shared/ports/service.ts";
import { type Extreme, extremesIn } from "../../shared/promql/extremes.ts";
import { consistent, identifying } from "../../shared/promql/labels.ts";
import { sidesOf } from "../../shared/promql/selectors.ts";
import { namesTrouble } from "../../shared/promql/trouble.ts";
import { gridBefore } from "./presence.ts";

type Judging = {
  metrics: Metrics;
  service: Service;
  grid: Grid;
  fired?: { from: number; to: number } | undefined;
};

/**
 * Whether the least or greatest of several series is better only because the worst of them are gone, and no others came. Undefined where
 * one of them is still there.
 */
export const worstGone = async (judging: Judging, scoped: Scoped): Promise<Reading | undefined> => {
  for (const extreme of extremesIn(scoped.expr)) {
    const gone = await goneIn(judging, scoped.labels, extreme);
    if (gone === undefined) continue;
    const detail = `no data to show that it is quiet, as the series of ${extreme.selector} with ${textOf(gone)}, over the threshold before, are gone`;
    return { result: "unknown", verdict: "telemetry_gone", detail };
  }
  return undefined;
};

const goneIn = async (
  { metrics, service, grid, fired }: Judging,
  labels: Labels,
  { selector, bad }: Extreme,
): Promise<Labels | undefined> => {
  if (fired === undefined || sidesOf(selector).some(namesTrouble)) return undefined;
  const read = async (query: string, over: Grid): Promise<Labels[]> =>
    (await metrics.range(service, query, over))
      .map((one) => one.labels)
      .filter((one) => consistent(one, labels));
  const last = grid.start + (grid.count - 1) * grid.stepMs;
  const [worst, former, now] = await Promise.all([
    read(bad, gridBefore(fired)),
    read(selector, { ...grid, start: fired.from, count: 1 }),
    read(selector, { ...grid, start: last, count: 1 }),
  ]);
  if (now.length === 0 || now.length >= former.length) return undefined;
  const kept = worst.map(identifying);
  const isThere = kept.some((one) => now.some((other) => holds(other, one)));
  return isThere ? undefined : kept[0];
};

const holds = (labels: Labels, wanted: Labels): boolean =>
  Object.entries(wanted).every(([name, value]) => labels[name] === value);

const textOf = (labels: Labels): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(", ");
