import type { Scoped } from "../../shared/policy/recovery/scope.ts";
import type { Labels, Metrics, Reading } from "../../shared/ports/metrics.ts";
import type { Service } from "../../shared/ports/service.ts";
import { grouped } from "../../shared/promql/grouped.ts";
import { consistent } from "../../shared/promql/labels.ts";
import { gridBefore } from "./presence.ts";

type Judging = {
  metrics: Metrics;
  service: Service;
  fired?: { from: number; to: number } | undefined;
};

/**
 * Whether the alert's labels are not those of the series that raised it, as relabelling leaves them: then nothing of its labels fires, before
 * and after the fix. Undefined where they are, and where the expression returned nothing at that time.
 */
export const unlikeItsSeries = async (
  { metrics, service, fired }: Judging,
  expr: string,
  { expr: scoped, labels }: Scoped,
): Promise<Reading | undefined> => {
  if (fired === undefined || Object.keys(labels).length === 0) return undefined;
  const before = gridBefore(fired);
  const own = await metrics.range(service, scoped, before);
  if (own.some((one) => consistent(one.labels, labels))) return undefined;
  const raised = (await metrics.range(service, grouped(expr), before)).map((one) => one.labels);
  const [name, value] = Object.entries(labels).find(([key, one]) => isUnlike(raised, key, one)) ?? [];
  const other = name === undefined ? undefined : raised[0]?.[name];
  if (name === undefined || other === undefined) return undefined;
  const detail = `no data to show that it is quiet, as the series that raised it have ${name}="${other}", none has ${name}="${value}"; verify.labels must map the value`;
  return { result: "unknown", verdict: "telemetry_gone", detail };
};

const isUnlike = (raised: Labels[], name: string, value: string): boolean =>
  raised.length > 0 && raised.every((labels) => labels[name] !== undefined && labels[name] !== value);
