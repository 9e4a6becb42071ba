import type { Log, Series } from "./case.ts";
import type { Change } from "./change.ts";
import type { Random } from "./random.ts";
import { type Base, type Bend, points, type Window } from "./signals.ts";

export type Part = "logs" | "series" | "deploys" | "symptom";
export type Decoy = { service: string; change: Change };

/** A kind of trouble. `V` holds what varies from seed to seed. */
export type Plot<V> = {
  name: string;
  vars: (r: Random) => V;
  /** The service that alerts. */
  service: (v: V) => string;
  /** The service whose deploy brings the culprit; empty when it is applied as it lands. */
  via: (v: V) => string;
  others: (v: V) => string[];
  dependsOn?: (v: V) => string[];
  symptom: (v: V) => string;
  /** Minutes from going live to the onset, and from the onset to the alert. */
  lag: readonly [number, number];
  alert: readonly [number, number];
  /** Hours of the day (UTC) at which the alert fires. */
  hours?: readonly [number, number];
  /** Parts without which the case can still be decided. */
  mayLack: readonly Part[];
  culprit: (v: V, r: Random, onset: number) => Change;
  decoys: (v: V, r: Random) => Decoy[];
  guilty: (s: Scene, v: V) => void;
  twin: (s: Scene, v: V) => void;
};

export type Told = { logs: Log[]; series: Series[] };

export type Scene = {
  r: Random;
  at: number;
  onset: number;
  live: number;
  window: Window;
  /** The culprit's sha or, in the twin, that of the commit in its place. */
  sha: string;
  version: string;
  previous: string;
  log: (at: number, service: string, level: string, text: string, trace?: string) => void;
  /** Several lines, some time between the onset and the alert. */
  burst: (service: string, level: string, lines: number, text: () => string, trace?: () => string) => void;
  metric: (service: string, metric: string, base: Base, bend: Bend) => void;
};

export type Times = Omit<Scene, "log" | "burst" | "metric">;

export const scene = (times: Times, told: Told): Scene => {
  const { r, at, onset, window } = times;
  const log: Scene["log"] = (moment, service, level, text, trace) => {
    if (moment > at) return;
    told.logs.push({ at: moment, service, level, text, ...(trace === undefined ? {} : { trace }) });
  };
  return {
    ...times,
    log,
    burst: (service, level, lines, text, trace) => {
      for (let index = 0; index < lines; index++)
        log(r.int(onset, at - 1000), service, level, text(), trace && index % 3 === 0 ? trace() : undefined);
    },
    metric: (service, metric, base, bend) => {
      told.series.push({ service, metric, points: points(r, window, base, bend) });
    },
  };
};

export const minute = 60_000;
export const hour = 60 * minute;
