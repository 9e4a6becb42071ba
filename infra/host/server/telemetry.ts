/** Exports spans and counters over OTLP/HTTP; loaded only when an endpoint is set, so that it is free otherwise. Returns what flushes them. */
export const startTelemetry = async (
  env: Record<string, string | undefined>,
): Promise<() => Promise<void>> => {
  if (!env.OTEL_EXPORTER_OTLP_ENDPOINT) return async () => {};
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
  return async () => {
    await Promise.allSettled([tracers.shutdown(), meters.shutdown()]);
  };
};
