const minute = 60_000;

/** A span of time in plain words. */
export const span = (ms: number): string => {
  if (ms < 2 * minute) return `${Math.round(ms / 1000)} s`;
  if (ms < 120 * minute) return `${Math.round(ms / minute)} min`;
  return ms < 48 * 60 * minute
    ? `${Math.round(ms / (60 * minute))} h`
    : `${Math.round(ms / (24 * 60 * minute))} d`;
};

/** The time of day, UTC; an instant past what a date can hold is told as it is. */
export const clock = (at: number): string =>
  Math.abs(at) < 8.64e15 ? new Date(at).toISOString().slice(11, 19) : String(at);

/** At most three significant digits, and a share as a percentage. What an alert watches says whether it is one. */
export const amount = (value: number, metric: string): string =>
  /'s ratio$|^(?!.*'s value$).*(ratio|rate|share|fraction|error)/i.test(metric) && Math.abs(value) <= 1
    ? `${Number((value * 100).toPrecision(2))} %`
    : figure(value);

export const figure = (value: number): string => String(Number(value.toPrecision(3)));

export const list = (paths: string[]): string =>
  paths.length <= 3 ? paths.join(", ") : `${paths.slice(0, 2).join(", ")} and ${paths.length - 2} more files`;
