import type { Change } from "./change.ts";

/**
 * Log lines of one kind. `when`: after the onset, before it, at it (± 30 s), shortly before it, or all the time.
 * `text` may hold `%word%` of the case, and marks thrown anew for each line (see `lines.ts`).
 */
export type Line = {
  service: string;
  level: string;
  text: string;
  count: number;
  when: "after" | "before" | "onset" | "lead" | "all" | "deploy";
  trace?: string;
};

export type Curve = {
  service: string;
  metric: string;
  base: number;
  to?: number;
  /** Default `flat`. `leak` climbs and falls back at each restart; `climb` stays up. */
  shape?: "flat" | "step" | "ramp" | "leak" | "climb" | "counter";
  /** The instant at which the shape starts, default `onset`. */
  since?: "onset" | "deploy" | "lead";
  noise?: number;
  /** The series of the version before the deploy, or of the deployed one. */
  life?: "old" | "new";
  daily?: boolean;
};

export type Evidence = { lines: readonly Line[]; curves: readonly Curve[] };
export type Part = "logs" | "series" | "deploys" | "symptom";

export type Story = {
  name: string;
  /** The service that alerts. */
  service: string;
  symptoms: readonly string[];
  /** Choices for the `%word%` of the story. */
  words?: Readonly<Record<string, readonly string[]>>;
  culprit: Change;
  /** Replacements that make the culprit's diff harmless. */
  mend: readonly (readonly [from: string, to: string])[];
  decoys: readonly Change[];
  /** Time from deploy to onset: minutes, hours, or the next run of a nightly job. */
  delay: "minutes" | "hours" | "night";
  /** The trouble may wait for the first such request, or for more traffic. */
  lazy?: true;
  /** The old version keeps running beside the new one. */
  canary?: true;
  both: Evidence;
  guilty: Evidence;
  twin: Evidence;
  /** A flag turned on at the onset. */
  flag?: string;
  /** Parts without which the rest still suffices, in both cases. */
  spare: readonly Part[];
};

const line =
  (level: string) =>
  (service: string, count: number, text: string, when: Line["when"] = "after"): Line => ({
    service,
    level,
    text,
    count,
    when,
  });

export const error = line("error");
export const warn = line("warn");
export const info = line("info");
export const traced = (service: string, count: number, text: string, trace: string): Line => ({
  service,
  level: "error",
  text,
  count,
  when: "after",
  trace: trace.trim(),
});

const curve =
  (shape: NonNullable<Curve["shape"]>) =>
  (service: string, metric: string, base: number, to = base, more: Partial<Curve> = {}): Curve => ({
    service,
    metric,
    base,
    to,
    shape,
    ...more,
  });

export const flat = curve("flat");
export const step = curve("step");
export const ramp = curve("ramp");
export const leak = curve("leak");
export const climb = curve("climb");
export const counter = curve("counter");
