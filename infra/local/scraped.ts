import type { Meter } from "@opentelemetry/api";
import type { Stored } from "../../shared/ports/store.ts";
import { tellCounters } from "../../shared/telemetry.ts";
import { version } from "../host/version.ts";

/** The page that Prometheus scrapes: the counters, and how many incidents are in each open status. The library is loaded by the first who asks. */
export const scraped = (active: () => Promise<Stored[]>): (() => Promise<string>) => {
  let page: Promise<() => Promise<string>> | undefined;
  return async () => {
    page ??= load(active);
    return (await page)();
  };
};

const load = async (active: () => Promise<Stored[]>): Promise<() => Promise<string>> => {
  const [{ PrometheusExporter, PrometheusSerializer }, { MeterProvider }, { resourceFromAttributes }] =
    await Promise.all([
      import("@opentelemetry/exporter-prometheus"),
      import("@opentelemetry/sdk-metrics"),
      import("@opentelemetry/resources"),
    ]);
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const resource = resourceFromAttributes({ "service.name": "countersteer", "service.version": version() });
  const meter = new MeterProvider({ readers: [exporter], resource }).getMeter("countersteer");
  tellCounters(meter);
  tellOpenIncidents(meter, active);
  const serializer = new PrometheusSerializer();
  return async () => serializer.serialize((await exporter.collect()).resourceMetrics);
};

const tellOpenIncidents = (meter: Meter, active: () => Promise<Stored[]>): void =>
  meter
    .createObservableGauge("countersteer.incidents.open", { description: "Incidents that are still due" })
    .addCallback(async (result) => {
      const byStatus = Map.groupBy(await active(), ({ incident }) => incident.status);
      for (const [status, { length }] of byStatus) result.observe(length, { status });
    });
