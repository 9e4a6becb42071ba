import { type Plan, planFor } from "../../../functions/diagnose/signals/plan.ts";
import { type Finding, ok, warning } from "../../../functions/ready/finding.ts";
import type { Api } from "../../../shared/adapters/prometheus/api.ts";
import type { Configured } from "../../../shared/config.ts";
import { messageOf, UpstreamError } from "../../../shared/errors.ts";

/** Services whose signals are looked for, a few at once: each costs one query. */
const most = { services: 50, atOnce: 5 };

/** The signals of one service: by which queries a diagnosis would read them, or the reasons for which it reads none. */
export type Signals = { service: string; told?: string; lacks?: string };

/** The golden signals of services of one Prometheus, as a diagnosis would find them. Services whose signals are off are left out. */
export const findSignals = async (
  range: Api["range"],
  services: Configured[],
  now: number,
): Promise<Signals[]> => {
  const asked = services
    .filter(({ metrics, signals }) => metrics?.url === undefined && signals !== "off")
    .slice(0, most.services);
  const found: Signals[] = [];
  for (let index = 0; index < asked.length; index += most.atOnce) {
    const some = asked.slice(index, index + most.atOnce);
    found.push(...(await Promise.all(some.map((service) => findFor(range, service, now)))));
  }
  return found;
};

const findFor = async (range: Api["range"], service: Configured, now: number): Promise<Signals> => {
  const [environment = ""] = service.environments;
  const around = { service: service.name, environment, alerts: [], rules: [] };
  const labels = async (_: unknown, query: string, at: number) => {
    try {
      const series = await range(query, { start: at, stepMs: 1000, count: 1 }, service.metrics?.tenant);
      return { labels: series.map((one) => one.labels) };
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      return { unread: messageOf(error) };
    }
  };
  return signalsOf(await planFor({ metrics: { labels }, clock: () => now }, around, service));
};

const signalsOf = ({ service: { name }, sought, unread }: Plan): Signals => {
  const by = Map.groupBy(sought, ({ from }) => from);
  const told = [...by].map(([from, same]) => `${signalNames(same)} by ${from}`).join("; ");
  const isSeen = sought.some(({ signal }) => signal === "errors" || signal === "latency");
  return {
    ...{ service: name, ...(told !== "" && { told }) },
    ...(!isSeen && { lacks: ["neither errors nor latency is found", ...unread].join(": ") }),
  };
};

const signalNames = (same: { signal: string }[]): string =>
  [...new Set(same.map(({ signal }) => signal))].join(", ");

/** The findings about the signals. A lack is told of services that depend on others, or others on them: only those are compared. */
export const checkSignals = async (
  range: Api["range"],
  services: Configured[],
  now: number,
): Promise<Finding[]> => {
  const compared = new Set(
    services.flatMap(({ name, dependsOn = [] }) => (dependsOn.length === 0 ? [] : [name, ...dependsOn])),
  );
  return (await findSignals(range, services, now)).flatMap(({ service, told, lacks }) => [
    ...(told === undefined ? [] : [ok(`signals ${service}`, told)]),
    ...(lacks === undefined || !compared.has(service)
      ? []
      : [warning(`signals ${service}`, lacks, "set errors and latency in signals, or signals: off")]),
  ]);
};
