import type { Edit } from "./edit.ts";
import type { ServiceName } from "./services.ts";

/** A commit as an author wrote it, with several subjects to choose from. */
export type Change = { subjects: readonly string[]; body?: string; edits: readonly Edit[] };

/** A line that repeats from the onset, or, with `once`, that is logged so many seconds after the onset. */
export type Said = { service: ServiceName; level: string; text: string; trace?: string; once?: number };

/** A metric, its usual value, its shape when the change is guilty, and its shape when it is not. */
export type Track = {
  metric: string;
  base: number;
  guilty: string;
  twin: string;
  service?: ServiceName;
  daily?: boolean;
};

/** The time from the deploy of the culprit to the onset of the trouble. */
export type Wait = "now" | "soon" | "slow" | "night" | "hour" | "flag";

export type Part = "logs" | "series" | "deploys";

export type Story = {
  name: string;
  /** The service that alerts. */
  service: ServiceName;
  /** The service that carries the culprit. */
  owner: ServiceName;
  wait: Wait;
  symptoms: readonly string[];
  culprits: readonly Change[];
  harmless: Change;
  decoys: readonly Change[];
  guilty: readonly Said[];
  twin: readonly Said[];
  tracks: readonly Track[];
  /** The parts of the evidence without which the rest still tells the answer. */
  spare: readonly Part[];
  flag?: { flag: string; change: string };
  /** The old version serves beside the new one until after the alert. */
  canary?: boolean;
};

export const log = (service: ServiceName, level: string, text: string, trace?: string): Said =>
  trace === undefined ? { service, level, text } : { service, level, text, trace };

/** A line that is logged one time, so many seconds after the onset. */
export const once = (seconds: number, service: ServiceName, level: string, text: string): Said => ({
  service,
  level,
  text,
  once: seconds,
});

export const track = (metric: string, base: number, guilty: string, twin: string, more?: Partial<Track>) => ({
  metric,
  base,
  guilty,
  twin,
  ...more,
});

const frame = (text: string) => /^(~?)(.+):(\d+) (.+)$/.exec(text)!;

/** A Python trace of frames `path:line function`; a path that opens with ~ is a library. */
export const py = (error: string, ...frames: string[]): string =>
  [
    "Traceback (most recent call last):",
    ...frames.map((text) => {
      const [, library, path, line, name] = frame(text);
      const root = library ? "/usr/local/lib/python3.12/site-packages" : "/srv";
      return `  File "${root}/${path}", line ${line}, in ${name}`;
    }),
    error,
  ].join("\n");

/** A Node trace of frames `path:line function`, innermost first. */
export const js = (error: string, ...frames: string[]): string =>
  [
    error,
    ...frames.map((text) => {
      const [, library, path, line, name] = frame(text);
      return `    at ${name} (/app/${library ? "node_modules/" : ""}${path}:${line}:${(Number(line) % 30) + 3})`;
    }),
  ].join("\n");
