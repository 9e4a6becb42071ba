import type { Service } from "./languages.ts";
import type { World } from "./world.ts";

/** Each file of a patch: its path, what stands behind @@, its changed lines. */
export type Patch = [path: string, context: string, lines: string[]][];
/** A change of a story. `subject` is its whole subject; else one is made of type, scope and what it says. */
export type Change = {
  type: string;
  scope: string;
  says: string;
  subject?: string;
  body?: string;
  bot?: true;
  /** A library's version, told as robots do. */
  bump?: { library: string; from: string; to: string };
  /** Landed once before, and was taken back. */
  relands?: true;
  patch: Patch;
};

/** Written `times` times once the trouble began, or half of them from the guilty deploy on. */
export type Line = {
  level: string;
  times: number;
  text: string;
  service?: string | Service;
  trace?: string | undefined;
  from?: "deploy";
  /** Just before the trouble. */
  first?: true;
  /** How often it was written before the guilty deploy, too. */
  old?: number;
};
export const line = (
  level: string,
  times: number,
  text: string,
  more: Omit<Line, "level" | "times" | "text"> = {},
): Line => ({ level, times, text, ...more });

export type Shape = "step" | "ramp" | "daily" | "flat" | "surge" | "linear" | "stepDaily";
/** `from` is what it moves with, the trouble if not told; a `service` of null: the series names none. */
export type Metric = {
  metric: string;
  shape: Shape;
  base: number;
  to: number;
  service?: Service | null;
  from?: "deploy" | "onset";
  cap?: number;
};
type More = Pick<Metric, "service" | "from" | "cap">;
const moving =
  (shape: Shape) =>
  (metric: string, base: number, to: number, more: More = {}): Metric => ({
    metric,
    shape,
    base,
    to,
    ...more,
  });
const staying =
  (shape: Shape) =>
  (metric: string, base: number, more: More = {}): Metric => ({ metric, shape, base, to: base, ...more });
export const step = moving("step");
/** Grows from then on. */
export const ramp = moving("ramp");
/** Grows all the time. */
export const linear = moving("linear");
/** Rises within minutes, before the trouble. */
export const surge = moving("surge");
export const flat = staying("flat");
/** Goes with the hours of the day. */
export const daily = staying("daily");
export const stepDaily = moving("stepDaily");

export type Evidence = "logs" | "series" | "patch" | "dependsOn";
type Told = {
  alerts: string[];
  lines: Line[];
  series: Metric[];
  /** The evidence without which nobody could find the culprit. */
  needs: Evidence[];
  /** The alert's words, for what only sounds like it. */
  words: string;
  /** Told beside each other by version; `everywhere`: all of them have the trouble. */
  split?: { metric: string; base: number; to: number; everywhere?: true };
};
/** A change did it. */
export type Guilty = Told & {
  change: Change;
  /** Whose change it is; the alerting service's if not told. */
  owner?: Service;
  /** The alerting service depends on its owner. */
  dependent?: true;
  /** From its going live to the trouble. */
  hours: [number, number];
  when?: "midnight" | "night" | "peak";
  /** Nothing else of its owner went live after it. */
  quiet?: true;
  /** It went live little by little. */
  rollout?: true;
  /** The innocent deploy just before the trouble is of another service. */
  beside?: "other";
};
/** No change did it. */
export type Nobody = Told & {
  flag?: { flag: string; change: string };
  /** So many of a service's pods have the trouble. */
  pods?: { metric: string; base: number; to: number; bad: number; of: number };
};
export type TellGuilty = (world: World) => Guilty;
export type TellNobody = (world: World) => Nobody;
