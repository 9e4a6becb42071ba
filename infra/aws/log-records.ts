import { trace } from "@opentelemetry/api";
import { ownValue, recordOf } from "../../shared/records.ts";
import { type Exporting, exporterTo, pairsOf } from "./otlp.ts";

/** `tell` takes a line of the log; `flush` sends those since the last one. */
export type LogExport = { tell: (line: string) => void; flush: () => Promise<boolean> };

/** Sends the lines of the log to a collector, each with the span in which it was written. Other lines, such as counters, are left out. */
export const exportLog = (exporting: Exporting): LogExport => {
  const { keep, flush } = exporterTo(exporting, "/v1/logs", (resource, logRecords) => ({
    resourceLogs: [{ resource, scopeLogs: [{ scope: { name: "countersteer" }, logRecords }] }],
  }));
  return {
    flush,
    tell: (line) => {
      const { time, level, message, trace_id: _, ...attributes } = recordOf(JSON.parse(line));
      const severityNumber = ownValue(severities, String(level));
      if (severityNumber === undefined) return;
      const span = trace.getActiveSpan()?.spanContext();
      keep({
        ...{ timeUnixNano: `${BigInt(Date.parse(String(time))) * 1_000_000n}`, severityNumber },
        ...{ severityText: String(level), body: { stringValue: String(message) } },
        attributes: pairsOf(attributes),
        ...(span && { traceId: span.traceId, spanId: span.spanId, flags: span.traceFlags }),
      });
    },
  };
};

/** https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber */
const severities: Record<string, number> = { info: 9, warn: 13, error: 17 };
