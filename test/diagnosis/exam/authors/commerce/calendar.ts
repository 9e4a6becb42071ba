import type { Side } from "./case.ts";
import { type Dice, dice } from "./dice.ts";
import type { Span } from "./lines.ts";
import type { Story } from "./story.ts";

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

export type Calendar = {
  span: Span;
  /** The culprit's landing, and the deploy of its service before the one that brings it. */
  landed: number;
  before: number;
  /** The oldest landing. */
  first: number;
  /** Nothing else goes live between the culprit's deploy and the onset. */
  latest: boolean;
  /** The culprit's service goes live once more between its deploy and the onset. */
  again: boolean;
};

/** A Monday to Friday of 2026, at 00:00 UTC. */
const workday = (roll: Dice): number => Date.UTC(2026, 0, 5) + (7 * roll.int(1, 44) + roll.int(1, 4)) * day;

const onsetHour: Record<Story["delay"], readonly [number, number]> = {
  minutes: [8.6, 18.5],
  hours: [12.6, 19.5],
  night: [2, 2.3],
};

const delayOf = (kind: Story["delay"], lazy: boolean, latest: boolean, roll: Dice): number => {
  if (lazy) return roll.between(18, 140) * minute;
  if (kind === "hours") return roll.between(65, 280) * minute;
  if (kind === "night") return roll.between(8, 13) * hour;
  return (latest ? roll.between(0.3, 3) : roll.between(2.5, 8)) * minute;
};

const windowOf = (kind: Story["delay"], delay: number, roll: Dice): number => {
  if (kind === "hours") return Math.min(6 * hour, delay + roll.between(25, 60) * minute);
  return kind === "night" ? roll.between(90, 240) * minute : roll.between(60, 190) * minute;
};

const alarm: Record<Story["delay"], readonly [number, number]> = {
  minutes: [1.6, 12],
  hours: [3, 15],
  night: [1, 9],
};

const leaks = (story: Story): boolean =>
  story.guilty.curves.some(({ shape }) => shape === "leak" || shape === "climb");

/** The instants of a case. The twin's deploy often lies farther from the onset, as chance would have it. */
export const calendar = (story: Story, seed: number, side: Side): Calendar => {
  const roll = dice(`commerce/${seed}/calendar`);
  const onset = workday(roll) + roll.between(...onsetHour[story.delay]) * hour;
  const lazy = story.lazy === true && roll.chance(0.4);
  const latest = roll.chance(story.delay === "minutes" && !lazy ? 0.88 : 0.3);
  const delay = delayOf(story.delay, lazy, latest, roll);
  const at = onset + roll.between(...alarm[story.delay]) * minute;
  const window = windowOf(story.delay, delay, roll);
  const lag = roll.between(7, 240) * minute;
  const batch = roll.between(0.4, 20) * hour;
  const first = onset - roll.between(1, 6.5) * day;
  const again = roll.chance(0.55) && !story.canary && !latest && delay > 15 * minute && !leaks(story);
  const apart = roll.chance(0.55) ? roll.between(25, 190) * minute : 0;
  const deploy = onset - delay - (side === "twin" && story.delay === "minutes" && !lazy ? apart : 0);
  const [start, end] = [Math.round(at - window), Math.round(at)];
  const landed = Math.round(deploy - lag);
  return {
    span: { start, deploy: Math.round(deploy), onset: Math.round(onset), at: end },
    landed,
    before: Math.round(landed - batch),
    first: Math.min(first, landed - batch - 2 * hour),
    latest,
    again,
  };
};

/** An instant of a working hour between two instants, when one is found. Takes a fixed number of throws. */
export const working = (low: number, high: number, from: Dice): number => {
  const roll = dice(from.hex(12));
  for (let attempt = 0; attempt < 8; attempt++) {
    const at = roll.between(low, high);
    const [hours, weekday] = [(at % day) / hour, new Date(at).getUTCDay()];
    if (hours > 6.5 && hours < 18.8 && weekday % 6 !== 0) return Math.round(at);
  }
  return Math.round(roll.between(low, high));
};
