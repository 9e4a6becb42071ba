import { UpstreamError } from "../../shared/errors.ts";
import type { Question, RuleText } from "../../shared/incident/recovery.ts";
import { judge, type Presence } from "../../shared/policy/recovery/recovery.ts";
import type { Grid, Labels, Metrics, Reading, Series } from "../../shared/ports/metrics.ts";
import type { Service } from "../../shared/ports/service.ts";
import { grouped } from "../../shared/promql/grouped.ts";
import { inlined, maxDepth, type Recorded } from "../../shared/promql/inline.ts";
import { consistent } from "../../shared/promql/labels.ts";
import { metricsIn } from "../../shared/promql/selectors.ts";
import { trafficQueries } from "../../shared/promql/traffic.ts";
import { ownValue } from "../../shared/records.ts";
import { blindQuantile } from "./blind-quantile.ts";
import { gridBefore, presencesOf } from "./presence.ts";
import { scopeRule } from "./scoped.ts";

type Window = { from: number; to: number };
type Judging = {
  metrics: Metrics;
  service: Service;
  grid: Grid;
  window: Window;
  fired?: Window | undefined;
  question?: Question | undefined;
  alert: { labels: Labels };
};

/** More or longer recording rules are not kept with an incident. */
const most = { metrics: 30, length: 5_000 };

/** The recording rules that an expression rests on, as Prometheus has them now. Empty where it does not tell them. */
export const readRecorded = async (
  { metrics, service }: Pick<Judging, "metrics" | "service">,
  expr: string,
): Promise<Recorded> => {
  let found: Recorded = {};
  let names = metricsIn(expr);
  for (let depth = 0; depth < maxDepth && names.length > 0; depth++) {
    const read = await metrics.recordings(service, names).catch(untold);
    const short = Object.entries(read).filter(([, exprs]) => exprs.join().length <= most.length);
    found = Object.fromEntries([...Object.entries(found), ...short].slice(0, most.metrics));
    names = [...new Set(short.flatMap(([, exprs]) => exprs.flatMap(metricsIn)))].filter(
      (name) => !Object.hasOwn(found, name),
    );
  }
  return found;
};

const untold = (error: unknown): Recorded => {
  if (error instanceof UpstreamError) return {};
  throw error;
};

/**
 * The reading of the recording rules under a quiet rule: recording 0 does not prove that there are data, and a changed rule records
 * another metric. Only series that were there while the alert fired count. Undefined where nothing is recorded.
 */
export const byRecordings = async (judging: Judging, rule: RuleText): Promise<Reading | undefined> => {
  const expr = inlined(grouped(rule.expr), rule.recorded);
  if (expr === undefined) return undefined;
  const changed = await changedRecording(judging, rule.recorded);
  if (changed !== undefined) return changed;
  const { scoped, counts } = await scopeRule(judging, { ...rule, expr }, []);
  if ("result" in scoped) return undefined;
  const blind = await blindQuantile(judging, scoped.expr);
  if (blind !== undefined || judging.fired === undefined) return blind;
  const [data, traffic] = await Promise.all([
    presencesOf(judging, { scoped, counts }, true),
    trafficBelow(judging, { expr: scoped.expr, labels: scoped.labels, before: gridBefore(judging.fired) }),
  ]);
  const { grid, window } = judging;
  return judge({ grid, from: window.from, forMs: 0, firing: [], data, traffic });
};

/** The rule as it is recorded, where all its recording rules still stand as they did. Undefined also where nothing is recorded. */
export const asRecorded = async (judging: Judging, rule: RuleText): Promise<RuleText | undefined> => {
  const { recorded, ...rest } = rule;
  const expr = inlined(grouped(rule.expr), recorded);
  if (expr === undefined || recorded === undefined) return undefined;
  const now = await recordedNow(judging, recorded);
  const stands = Object.keys(recorded).every(
    (name) => textOf(ownValue(now, name)) === textOf(recorded[name]),
  );
  return stands ? { ...rest, expr } : undefined;
};

const recordedNow = ({ metrics, service }: Judging, recorded: Recorded): Promise<Recorded> =>
  metrics.recordings(service, Object.keys(recorded)).catch(untold);

const changedRecording = async (judging: Judging, recorded: Recorded = {}): Promise<Reading | undefined> => {
  const now = await recordedNow(judging, recorded);
  const changed = Object.keys(recorded).find(
    (name) => Object.hasOwn(now, name) && textOf(now[name]) !== textOf(recorded[name]),
  );
  if (changed === undefined) return undefined;
  const detail = `the recording rule of ${changed} has changed since the alert fired (now ${now[changed]?.join("; ")})`;
  return { result: "unknown", verdict: "rule_changed", detail };
};

const textOf = (exprs: string[] = []): string =>
  exprs
    .map((expr) => expr.replace(/\s+/g, ""))
    .toSorted()
    .join("\n");

type Below = { expr: string; labels: Labels; before: Grid };

/** The denominators and quantiles of recording rules, of those that had a value while the alert fired. */
const trafficBelow = async (
  { metrics, service, grid }: Judging,
  { expr, labels, before }: Below,
): Promise<Presence[]> => {
  const ours = ({ labels: carried }: Series): boolean => consistent(carried, labels);
  const read = async (query: string, over: Grid) => (await metrics.range(service, query, over)).filter(ours);
  const found = await Promise.all(
    trafficQueries(expr).map(async (name) => {
      const former = await read(name, before);
      const hadTraffic = former.some(({ points }) =>
        points.some(([, value]) => value !== 0 && !Number.isNaN(value)),
      );
      return hadTraffic ? [{ name, series: await read(name, grid) }] : [];
    }),
  );
  return found.flat();
};
