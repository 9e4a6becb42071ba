import { ownValue, recordOf } from "../../../shared/records.ts";

/** `tell` takes a line of the log; `flush` sends the rest of everything. */
type Telemetry = { tell: (line: string) => void; flush: () => Promise<void> };

/** Exports spans, counters and the log over OTLP/HTTP; loaded only when an endpoint is set, so that it is free otherwise. */
export const startTelemetry = async (env: Record<string, string | undefined>): Promise<Telemetry> => {
  if (!env.OTEL_EXPORTER_OTLP_ENDPOINT) return { tell: () => {}, flush: async () => {} };
  const [api, hooks, core, resources, traces, traceHttp, metrics, metricsHttp] = await Promise.all([
    import("@opentelemetry/api"),
    import("@opentelemetry/context-async-hooks"),
    import("@opentelemetry/core"),
    import("@opentelemetry/resources"),
    import("@opentelemetry/sdk-trace-base"),
    import("@opentelemetry/exporter-trace-otlp-http"),
    import("@opentelemetry/sdk-metrics"),
    import("@opentelemetry/exporter-metrics-otlp-http"),
  ]);
  const resource = resources
    .defaultResource()
    .merge(resources.resourceFromAttributes({ "service.name": env.OTEL_SERVICE_NAME ?? "countersteer" }));
  const tracers = new traces.BasicTracerProvider({
    resource,
    spanProcessors: [new traces.BatchSpanProcessor(new traceHttp.OTLPTraceExporter())],
  });
  const meters = new metrics.MeterProvider({
    resource,
    readers: [new metrics.PeriodicExportingMetricReader({ exporter: new metricsHttp.OTLPMetricExporter() })],
  });
  api.context.setGlobalContextManager(new hooks.AsyncLocalStorageContextManager().enable());
  api.propagation.setGlobalPropagator(new core.W3CTraceContextPropagator());
  api.trace.setGlobalTracerProvider(tracers);
  api.metrics.setGlobalMeterProvider(meters);
  const logs = env.OTEL_LOGS_EXPORTER === "none" ? undefined : await exportLogs(resource);
  return {
    tell: logs?.tell ?? (() => {}),
    flush: async () => {
      await Promise.allSettled([tracers.shutdown(), meters.shutdown(), logs?.flush()]);
    },
  };
};

type Resource = ReturnType<typeof import("@opentelemetry/resources")["defaultResource"]>;

/** A line is told within the span in which it was written, which the record then names. */
const exportLogs = async (resource: Resource): Promise<Telemetry> => {
  const [sdk, http] = await Promise.all([
    import("@opentelemetry/sdk-logs"),
    import("@opentelemetry/exporter-logs-otlp-http"),
  ]);
  const processors = [new sdk.BatchLogRecordProcessor({ exporter: new http.OTLPLogExporter() })];
  const provider = new sdk.LoggerProvider({ resource, processors });
  const logger = provider.getLogger("countersteer");
  return {
    tell: (line) => {
      const { time, level, message, trace_id: _, ...attributes } = recordOf(JSON.parse(line));
      logger.emit({
        ...{ timestamp: Date.parse(String(time)), body: String(message) },
        ...{ severityText: String(level), severityNumber: ownValue(severities, String(level)) ?? 0 },
        attributes: attributes as Parameters<typeof logger.emit>[0]["attributes"] & object,
      });
    },
    flush: () => provider.shutdown(),
  };
};

/** https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber */
const severities: Record<string, number> = { info: 9, warn: 13, error: 17 };
