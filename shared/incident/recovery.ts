import type { EpochMs } from "../brands.ts";

/**
 * An alerting rule as Prometheus evaluated it. Durations in ms. `annotations`: its templates. `source`: the group and its file. `recorded`: the
 * expressions of the recording rules that it rests on, by metric.
 */
export type RuleText = {
  expr: string;
  recorded?: Record<string, string[]>;
  labels: Record<string, string>;
  annotations?: Record<string, string>;
  forMs: number;
  keepFiringMs: number;
  everyMs: number;
  source?: string;
  tenant?: string;
};

/** The question that recovery answers: the rules that raised an alert, as they were read at `at`. `series`: the alert's labels in Prometheus, before any relabelling. */
export type Question = {
  alert: string;
  at: EpochMs;
  rules: RuleText[];
  series?: Record<string, string>;
  /** The configuration names an expression for this alert, so it can be judged without a rule. */
  configured?: true;
};

/** The finding about recovery. Only `fixed` closes an incident as verified. */
export type Verdict =
  | "fixed"
  | "silenced"
  | "inhibited"
  | "muted"
  | "telemetry_gone"
  | "no_traffic"
  | "rule_changed"
  | "rule_gone"
  | "fix_not_live"
  | "still_firing";
