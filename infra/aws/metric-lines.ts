import { counted } from "../../shared/telemetry.ts";

type Writing = { namespace: string; clock: () => number; write: (line: string) => void };

/**
 * Writes what the counters counted since the last time, a line for each, in CloudWatch's embedded metric format:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export const metricLines = ({ namespace, clock, write }: Writing): (() => void) => {
  const told = new Map<string, number>();
  return () => {
    for (const { name, attributes, value } of counted()) {
      const key = JSON.stringify([name, attributes]);
      const more = value - (told.get(key) ?? 0);
      told.set(key, value);
      if (more === 0) continue;
      const dimensions = Object.fromEntries(
        Object.entries(attributes).map(([dimension, text]) => [dimension, String(text)]),
      );
      const metric = {
        Namespace: namespace,
        Dimensions: [Object.keys(dimensions)],
        Metrics: [{ Name: name, Unit: "Count" }],
      };
      const line = { _aws: { Timestamp: clock(), CloudWatchMetrics: [metric] }, ...dimensions, [name]: more };
      write(`${JSON.stringify(line)}\n`);
    }
  };
};
