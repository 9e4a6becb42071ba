import type { LogLine } from "../../shared/ports/logs.ts";
import type { Service } from "../../shared/ports/service.ts";
import type { Work } from "../step.ts";

const minute = 60_000;
/** The usual lines are read in three parts of the hour before the onset, new lines in four around it: the earliest lines of each part. */
const parts = [
  [-60, -40],
  [-40, -20],
  [-20, -2],
  [-2, -1],
  [-1, 0.5],
  [0.5, 2],
  [2, 5],
].map(([from, to]) => [(from ?? 0) * minute, (to ?? 0) * minute] as const);
const limit = 400;
const maxDependencies = 2;

/** Log lines of the service and of those it depends on, around the onset. */
export const readLogs = async (
  { logs, serviceOf, clock }: Work,
  { service, onsetAt }: { service: string; onsetAt: number },
): Promise<{ logs: LogLine[]; unread: string[] }> => {
  const own = serviceOf(service);
  const services = [own, ...(own.dependsOn ?? []).map(serviceOf).filter(hasLogs).slice(0, maxDependencies)];
  const configured = services.filter(hasLogs);
  if (configured.length === 0) return { logs: [], unread: [] };
  if (logs === undefined) return { logs: [], unread: [`the logs of ${service} are not read here`] };
  const now = clock();
  const windows = parts.map(([from, to]) => ({
    from: onsetAt + from,
    to: Math.min(now, onsetAt + to),
    limit,
  }));
  const read = await Promise.all(
    configured.flatMap((service) =>
      windows.filter(({ from, to }) => from < to).map((window) => logs.lines(service, window)),
    ),
  );
  return {
    logs: read.flatMap(({ lines }) => lines),
    unread: [...new Set(read.flatMap(({ unread }) => unread ?? []))],
  };
};

const hasLogs = (service: Service): boolean => service.logs !== undefined;
