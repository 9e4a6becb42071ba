export const hourMs = 60 * 60_000;
/** A report comes this long after the event at most, when its clock is taken to be whole hours ahead. */
const lateMs = 30 * 60_000;
const farthestZoneMs = 14 * hourMs;

/** When a report came, and the time that it tells. */
export type Heard = { at: number; told: number };

/** The whole hours by which a report from the future is ahead, when they explain it; undefined for any other one. */
export const wholeHoursAhead = ({ at, told }: Heard): number | undefined => {
  const ahead = told - at;
  if (ahead <= 0 || ahead > farthestZoneMs) return undefined;
  const hours = Math.ceil(ahead / hourMs);
  return hours * hourMs - ahead <= lateMs ? hours : undefined;
};

/**
 * The time of an event, never in the future. A clock that is ahead by whole hours tells local time as UTC, so they are taken off: 13:05,
 * told at 12:20, is 12:05. Any other time in the future is that at which the report came.
 */
export const timeOf = ({ at, told }: Heard): number => {
  if (told <= at) return told;
  const hours = wholeHoursAhead({ at, told });
  return hours === undefined ? at : told - hours * hourMs;
};
