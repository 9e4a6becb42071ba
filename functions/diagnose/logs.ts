import type { LogLine } from "../../shared/ports/logs.ts";
import type { Service } from "../../shared/ports/service.ts";
import type { Work } from "../step.ts";

const minute = 60_000;
/** What is usual is read in three parts of the hour before, what is new in four around the onset: the earliest lines of each. */
const edges = [-60, -40, -20, -2, -1, 0.5, 2, 5].map((minutes) => minutes * minute);
const limit = 400;
const maxDependencies = 2;

/** Log lines of the service and of those it depends on, around the onset. */
export const logged = async (
  { logs, serviceOf, clock }: Work,
  { service, onsetAt }: { service: string; onsetAt: number },
): Promise<{ logs: LogLine[]; unread: string[] }> => {
  const own = serviceOf(service);
  const places = [own, ...(own.dependsOn ?? []).map(serviceOf).filter(hasLogs).slice(0, maxDependencies)];
  const configured = places.filter(hasLogs);
  if (configured.length === 0) return { logs: [], unread: [] };
  if (logs === undefined) return { logs: [], unread: [`the logs of ${service} are not read here`] };
  const now = clock();
  const windows = edges.slice(1).map((edge, at) => ({
    ...{ from: onsetAt + edges[at]!, to: Math.min(now, onsetAt + edge), limit },
  }));
  const read = await Promise.all(
    configured.flatMap((place) =>
      windows.filter(({ from, to }) => from < to).map((window) => logs.lines(place, window)),
    ),
  );
  return {
    logs: read.flatMap(({ lines }) => lines),
    unread: [...new Set(read.flatMap(({ unread }) => unread ?? []))],
  };
};

const hasLogs = (service: Service): boolean => service.logs !== undefined;
