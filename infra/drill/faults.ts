import type { Alert } from "../../shared/incident/model.ts";
import type { Course, Metrics } from "../../shared/ports/metrics.ts";

export const faults = ["errors", "latency", "crash", "no-telemetry", "node", "wrong-first-suspect"] as const;
export type Fault = (typeof faults)[number];

/** The end that a drill should come to: `asked`, or `held` where many services have one cause. */
type Expected = "asked" | "held";
type Played = {
  alert: string;
  summary: string;
  metric: string;
  before: number;
  after: number;
  expected: Expected;
};

const errors: Played = {
  ...{ alert: "DrillErrors", summary: "errors", metric: "the drill's ratio of errors" },
  ...{ before: 0.002, after: 0.22, expected: "asked" },
};

const played: Record<Fault, Played> = {
  errors,
  latency: {
    ...{ alert: "DrillLatency", summary: "latency", metric: "the drill's latency in seconds" },
    ...{ before: 0.2, after: 3.1, expected: "asked" },
  },
  crash: {
    ...{ alert: "DrillCrash", summary: "crashes", metric: "the drill's crashes" },
    ...{ before: 0, after: 6, expected: "asked" },
  },
  "no-telemetry": errors,
  node: { ...errors, expected: "held" },
  "wrong-first-suspect": errors,
};

export const expectedOf = (fault: Fault): Expected => played[fault].expected;

/** The label that services of one machine share, in the drill of a node. */
const nodeLabels = { node: "drill-node" };

/** The alert as the loop sees it: without the marks, which only keep it away from incidents. */
export const alertOf = (
  fault: Fault,
  { service, environment, at }: { service: string; environment: string; at: number },
): Alert => ({
  fingerprint: Buffer.from(`${service}/${environment}`).toString("hex").slice(0, 16),
  name: played[fault].alert,
  status: "firing",
  labels: {
    ...{ alertname: played[fault].alert, service, environment },
    ...(fault === "node" && nodeLabels),
  },
  annotations: { summary: `Drill: ${played[fault].summary}` },
  startsAt: at,
});

const unread = "the drill plays a Prometheus that does not answer";

/** Metrics as they would be with the fault since `onsetAt`; nothing of them is read from Prometheus. */
export const metricsOf = (fault: Fault, onsetAt: number): Metrics => {
  const refuse = async (): Promise<never> => {
    throw new Error(unread);
  };
  const none = { rules: async () => [], recordings: async () => ({}), range: async () => [] };
  const nothing = async () => ({ unread });
  const labels = async () => ({ labels: [] });
  if (fault === "no-telemetry")
    return {
      ...{ ...none, range: refuse, value: nothing, values: nothing, labels: nothing },
      course: async () => ({ forMs: 0, series: [], unread }),
    };
  const { metric, before, after } = played[fault];
  const course = async (_: unknown, __: unknown, now: number): Promise<Course> => {
    const from = onsetAt - 60 * 60_000;
    const points = Array.from({ length: Math.floor((now - from) / 30_000) }, (_, index): [number, number] => {
      const at = from + index * 30_000;
      return [at, at < onsetAt ? before : after];
    });
    return { forMs: 0, series: [{ metric, points }] };
  };
  return { ...none, value: nothing, values: nothing, labels, course };
};
