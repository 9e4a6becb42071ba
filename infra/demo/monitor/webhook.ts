import type { ActiveAlert } from "./alerts.ts";
import { groupBy } from "./rule.ts";

const noEnd = "0001-01-01T00:00:00Z";

/** The notification of one group as Alertmanager's webhook, version 4, sends it. */
export const webhookBody = (
  alerts: ActiveAlert[],
  { externalURL, generatorURL }: { externalURL: string; generatorURL: string },
) => {
  const groupLabels = Object.fromEntries(groupBy.map((name) => [name, alerts[0]?.labels[name] ?? ""]));
  const key = groupBy.map((name) => `${name}=${JSON.stringify(groupLabels[name])}`).join(", ");
  return {
    receiver: "countersteer",
    status: alerts.some(({ resolvedAt }) => resolvedAt === undefined) ? "firing" : "resolved",
    alerts: alerts.map(({ labels, annotations, firedAt, resolvedAt }) => ({
      status: resolvedAt === undefined ? "firing" : "resolved",
      labels,
      annotations,
      startsAt: new Date(firedAt!).toISOString(),
      endsAt: resolvedAt === undefined ? noEnd : new Date(resolvedAt).toISOString(),
      generatorURL,
      fingerprint: fingerprint(labels),
    })),
    groupLabels,
    commonLabels: common(alerts.map(({ labels }) => labels)),
    commonAnnotations: common(alerts.map(({ annotations }) => annotations)),
    externalURL,
    version: "4",
    groupKey: `{}:{${key}}`,
    truncatedAlerts: 0,
  };
};

const common = (all: Record<string, string>[]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(all[0] ?? {}).filter(([name, value]) => all.every((one) => one[name] === value)),
  );

/** Prometheus' `LabelSet.Fingerprint`: FNV-1a, 64 bits, over the sorted names and values, each ended by 0xff. */
export const fingerprint = (labels: Record<string, string>): string => {
  const bytes = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, value]) => [...Buffer.from(name), 0xff, ...Buffer.from(value), 0xff]);
  const hash = bytes.reduce(
    (sum, byte) => BigInt.asUintN(64, (sum ^ BigInt(byte)) * 0x100000001b3n),
    0xcbf29ce484222325n,
  );
  return hash.toString(16).padStart(16, "0");
};
