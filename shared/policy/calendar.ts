import type { EpochMs } from "../brands.ts";

/** A moment as the wall clock shows it: of one day, of every week, or of every day. Minutes count from the begin of its period. */
export type Moment =
  | { every: "once"; wall: number }
  | { every: "week"; minute: number }
  | { every: "day"; minute: number };

/** A time in which nothing is merged. `emergency`: so many approvals merge all the same. */
export type Freeze = { reason: string; timeZone: string; from: Moment; to: Moment; emergency?: number };

/** The freeze that holds at an instant: its reasons, its end, and the approvals that every one of them takes. */
export type Frozen = { reason: string; until: EpochMs; emergency?: number };

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/** Windows that follow each other without a gap are followed so far. */
const maxChained = 60;

/** Reads `2026-12-23T18:00`, `2026-12-23`, `fri 16:00` or `16:00`; undefined for anything else. */
export const momentOf = (text: string): Moment | undefined => {
  const once = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d))?$/.exec(text);
  if (once !== null) return dateOf(once.slice(1).map((part) => Number(part ?? 0)));
  const [, day, hours = "", minutes = ""] = /^(?:([a-z]{3}) )?(\d\d):(\d\d)$/i.exec(text) ?? [];
  const minute = Number(hours) * 60 + Number(minutes);
  if (hours === "" || Number(hours) > 24 || Number(minutes) > 59 || minute > 24 * 60) return undefined;
  if (day === undefined) return { every: "day", minute };
  const index = days.indexOf(day.toLowerCase());
  return index < 0 ? undefined : { every: "week", minute: index * 24 * 60 + minute };
};

const dateOf = ([year = 0, month = 0, day = 0, hour = 0, minute = 0]: number[]): Moment | undefined => {
  const wall = Date.UTC(year, month - 1, day, hour, minute);
  const isReal = new Date(wall).getUTCDate() === day && month >= 1 && month <= 12;
  return isReal && hour < 24 && minute < 60 ? { every: "once", wall } : undefined;
};

/** The freeze that holds at `at`; undefined when none does. */
export const frozenAt = (freezes: Freeze[], at: EpochMs): Frozen | undefined => {
  const holding = freezes.flatMap((freeze) => {
    const until = endOf(freeze, at);
    return until === undefined ? [] : [{ freeze, until }];
  });
  if (holding.length === 0) return undefined;
  const counts = holding.map(({ freeze }) => freeze.emergency ?? Number.POSITIVE_INFINITY);
  const emergency = Math.max(...counts);
  return {
    reason: holding.map(({ freeze }) => freeze.reason).join("; "),
    until: lastEnd(freezes, Math.max(...holding.map(({ until }) => until))),
    ...(Number.isFinite(emergency) && { emergency }),
  };
};

/** The end of the windows that follow each other from `until` on. */
const lastEnd = (freezes: Freeze[], until: EpochMs): EpochMs => {
  let end = until;
  for (let chained = 0; chained < maxChained; chained++) {
    const later = Math.max(...freezes.map((freeze) => endOf(freeze, end) ?? 0));
    if (later <= end) return end;
    end = later;
  }
  return end;
};

/** The end of the window that holds `at`; undefined outside of it. */
const endOf = ({ timeZone, from, to }: Freeze, at: EpochMs): EpochMs | undefined => {
  if (from.every === "once" || to.every === "once") {
    if (from.every !== "once" || to.every !== "once") return undefined;
    const [begin, end] = [instantOf(from.wall, timeZone), instantOf(to.wall, timeZone)];
    return begin <= at && at < end ? end : undefined;
  }
  const period = from.every === "week" ? 7 * 24 * 60 : 24 * 60;
  const wall = wallOf(at, timeZone);
  const minute = minuteOf(wall, from.every);
  const long = mod(to.minute - from.minute, period) || period;
  const passed = mod(minute - from.minute, period);
  if (passed >= long) return undefined;
  const end = instantOf(wall - mod(wall, minuteMs) + (long - passed) * minuteMs, timeZone);
  return Math.max(end, at + 1);
};

const mod = (a: number, b: number): number => ((a % b) + b) % b;

/** 1 January 1970 was a Thursday. */
const minuteOf = (wall: number, every: "week" | "day"): number =>
  Math.floor(mod(every === "day" ? wall : wall + 3 * dayMs, every === "day" ? dayMs : 7 * dayMs) / minuteMs);

/** One format a time zone: to make one takes fifty times as long as to use it. */
const formats = new Map<string, Intl.DateTimeFormat>();

const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat("en-US", {
      ...{ timeZone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric" },
      ...{ hour: "numeric", minute: "numeric", second: "numeric" },
    });
  formats.set(timeZone, format);
  return format;
};

/** The wall clock of a time zone at an instant, as the ms that UTC would have with the same wall clock. */
export const wallOf = (at: EpochMs, timeZone: string): number => {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: "year" | "month" | "day" | "hour" | "minute" | "second") => parts.get(name) ?? 0;
  return (
    Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second")) +
    mod(at, 1000)
  );
};

/** The instant at which a wall clock shows this. Of a wall clock that is skipped: the instant after the gap's length. */
export const instantOf = (wall: number, timeZone: string): EpochMs => {
  const offset = (at: number): number => wallOf(at, timeZone) - at;
  const first = wall - offset(wall);
  return wall - offset(first);
};

/** Whether the engine knows the time zone by this name. */
export const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return true;
  } catch {
    return false;
  }
};
