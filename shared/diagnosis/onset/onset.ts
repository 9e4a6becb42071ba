import { alertText, type Case, type LogLine, type Series } from "../model.ts";
import { withoutValues } from "../rendered-values.ts";
import { type Split, splitsOf } from "./by-version.ts";
import { changePoint, departurePoint, type Shift } from "./change-point.ts";
import { externalCause } from "./external-causes.ts";
import { frequentErrors, knownTo, newPatterns, type Pattern } from "./log-patterns.ts";
import { isOfYouth } from "./signals.ts";
import { trendChange } from "./trend-change.ts";

/** The moment when the trouble began, by logs and metrics, and their findings. */
export type Onset = {
  at: number;
  /** Metrics that moved for good, the strongest first. */
  shifts: Shift[];
  /** Metrics that are known version by version. */
  splits: Split[];
  /** Every metric that was read, whether it moved or not. */
  watched: Series[];
  /** Every series that moved or bent, however long before the onset, as a deploy may cause trouble much later. */
  moved: Shift[];
  /** Kinds of log lines that were not there before. */
  patterns: Pattern[];
  /** Whether logs or metrics tell when it began; else it is the alert's start. */
  isMeasured: boolean;
  /** The alerts' text together with the new errors of the log. */
  alerts: string;
  symptom: string;
};

const minute = 60_000;
/** The greatest time from the beginning of a trouble to its alert. */
const longestDelayMs = 24 * 60 * minute;
/** Metrics are sampled and logs arrive late. */
export const slackMs = 2 * minute;
/** A metric that climbs, or is sampled seldom, shows it late: its log lines may have begun this long before. */
const lateMs = 5 * minute;
const quoted = 5;

export const findOnset = (given: Case): Onset => {
  const { whole, splits } = splitsOf(given.series ?? []);
  const shifts = shiftsOf(whole, given.onsetAt);
  const moved = [...shifts, ...whole.flatMap((series) => trendChange(series, changePoint(series)) ?? [])];
  const alerts = alertText(given.alerts);
  const own = shifts.find(
    (shift) => !shift.load && [given.service, ""].includes(shift.service) && !isOfYouth(shift, alerts),
  );
  const since = own === undefined ? quietUntil(given) : own.at - lateMs;
  const patterns = newPatterns(
    (given.logs ?? []).filter(({ at }) => at <= given.onsetAt + slackMs),
    since,
  );
  const errors = frequentErrors(patterns);
  // A metric is sampled: the first new error in the log may be closer to the moment.
  const at = Math.min(given.onsetAt, own?.at ?? given.onsetAt, ...errors.map((error) => error.at));
  return {
    ...{ at, shifts, moved, splits, patterns, alerts, watched: whole },
    isMeasured: own !== undefined || errors.length > 0,
    symptom: [alertText(withoutValues(given.alerts, given.rules)), ...quotedLines(errors, given)].join("\n"),
  };
};

/** The metrics that moved within a day before the alert, the strongest first. */
const shiftsOf = (whole: Series[], onsetAt: number): Shift[] =>
  whole
    .flatMap(
      (series) => (series.alert === undefined ? changePoint(series) : departurePoint(series, onsetAt)) ?? [],
    )
    .filter(({ at }) => at <= onsetAt + slackMs && at > onsetAt - longestDelayMs)
    .sort((a, b) => b.strength - a.strength || a.at - b.at);

/** The first errors that do not name an external cause, without their stack traces: the log evidence links those, once. */
const quotedLines = (errors: Pattern[], given: Case): string[] =>
  errors
    .filter(({ text, service }) => externalCause(text, knownTo(service, given)) === undefined)
    .slice(0, quoted)
    .map(({ text }) => text.slice(0, 300));

const longest = { errors: 10, error: 2000 };
/** The errors that are new in the log, each with its fields and its stack trace. */
export const newErrors = (
  given: Pick<Case, "service" | "alerts" | "onsetAt"> & { logs: LogLine[]; series: Series[] },
): string => {
  const { patterns } = findOnset({ ...given, commits: [], history: [], deploys: [] });
  return frequentErrors(patterns)
    .slice(0, longest.errors)
    .map(({ text, fields = "", trace }) => [text, fields, trace].join("\n").slice(0, longest.error))
    .join("\n");
};

/** The window where no metric tells the onset: the last hour, unless the log does not reach far enough back to know what is usual. */
const quietUntil = ({ logs = [], onsetAt }: Case): number => {
  const first = logs.reduce((least, { at }) => Math.min(least, at), onsetAt);
  return Math.max(onsetAt - 60 * minute, first + (onsetAt - first) / 4);
};
