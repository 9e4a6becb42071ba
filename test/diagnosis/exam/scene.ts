import type { Dice } from "./dice.ts";
import { type SubjectStyle, subjectStyles } from "./dress.ts";
import type { Service } from "./languages.ts";
import { type Name, tellings } from "./stories/index.ts";
import type { Guilty, Nobody } from "./story.ts";
import { type Half, type World, worldOf } from "./world.ts";

export const minute = 60_000;
export const hour = 60 * minute;

/** The guilty change: it went live at `live`, `delayMs` before the onset. */
export type Cause = { told: Guilty; owner: Service; live: number; delayMs: number };
/** The subject and the times of a case. Instants are epoch ms, and not yet whole ones. */
export type Scene = {
  name: Name;
  dice: Dice;
  world: World;
  story: Guilty | Nobody;
  alert: string;
  /** Whose alert it is. */
  alerting: Service;
  onset: number;
  /** When the alert fired. */
  at: number;
  cause?: Cause;
  /** The innocent deploy near the onset. */
  beside: { service: Service; at: number };
  /** From a head on the main branch to its being live. */
  lag: number;
  subject: SubjectStyle;
  /** Where what is known begins. */
  since: number;
};

export const sceneOf = (dice: Dice, half: Half, name: Name): Scene => {
  const world = worldOf(dice, half);
  const story = tellings[name](world);
  const alert = dice.pick(story.alerts);
  const { service, upstream } = world;
  const alerting = alert.includes(upstream.name) && !alert.includes(service.name) ? upstream : service;
  const onset = onsetOf(dice, story);
  const at = Math.round(onset + dice.real(4, 15) * minute);
  const cause = "change" in story ? causeOf(dice, world, { story, onset }) : undefined;
  const lag = dice.int(5, 14) * minute;
  const beside = besideOf(dice, world, { alerting, onset, cause });
  const subject = subjectStyles[dice.int(0, subjectStyles.length - 1)]!;
  const since = Math.min(cause?.live ?? onset, onset) - dice.real(14, 72) * hour;
  return {
    ...{ name, dice, world, story, alert, alerting, onset, at, beside, lag, subject, since },
    ...(cause && { cause }),
  };
};

const onsetOf = (dice: Dice, story: Guilty | Nobody): number => {
  const day = Date.UTC(2026, dice.int(1, 8), dice.int(2, 27));
  return day + timeOfDay(dice, "when" in story ? story.when : undefined) + dice.int(0, 50) * 1000;
};
const timeOfDay = (dice: Dice, when: Guilty["when"]): number => {
  if (when === "midnight") return dice.int(0, 12) * minute;
  if (when === "night") return dice.real(0.2, 3) * hour;
  if (when === "peak") return dice.pick([9, 12, 17, 19]) * hour + dice.int(0, 59) * minute;
  return dice.real(6, 23) * hour;
};

/** One in five shows at once, if it is of those that can. */
const causeOf = (dice: Dice, world: World, { story, onset }: { story: Guilty; onset: number }): Cause => {
  const waits = story.when === "night" || story.when === "midnight" || story.quiet || story.rollout;
  const [from, to] = !waits && dice.chance(0.22) ? [0.04, 0.4] : story.hours;
  const delayMs = dice.real(from, to) * hour;
  return { told: story, owner: story.owner ?? world.service, live: onset - delayMs, delayMs };
};

type Near = { alerting: Service; onset: number; cause: Cause | undefined };
const besideOf = (dice: Dice, world: World, { alerting, onset, cause }: Near): Scene["beside"] => {
  const short = cause !== undefined && cause.delayMs < 20 * minute;
  const usual = onset - dice.real(2, 9) * minute;
  const at = short ? besideShort(dice, onset, cause) : usual;
  if (cause?.told.beside === "other") return { service: dice.chance(0.5) ? world.other : world.upstream, at };
  const apart = short && cause.owner === alerting && dice.chance(0.5);
  return { service: apart ? world.upstream : alerting, at };
};
/** Between the guilty deploy and the onset, or just before both. */
const besideShort = (dice: Dice, onset: number, { live, delayMs }: Cause): number =>
  delayMs > 5 * minute && dice.chance(0.6)
    ? onset - dice.real(0.5, 2) * minute
    : live - dice.real(2, 7) * minute;
