import { lateFix, risky, soundingAlike } from "./decoys.ts";
import { reverting } from "./guilty.ts";
import type { Journal } from "./history.ts";
import { patchText } from "./patch.ts";
import { type Cause, hour, minute, type Scene } from "./scene.ts";
import { type GuiltyName, guiltyTellings } from "./stories/index.ts";
import type { Change } from "./story.ts";

/** Lands what sounds like the trouble, what came too late for it, and what did the like elsewhere. */
export const misleading = (scene: Scene, journal: Journal): void => {
  const { dice, world, alerting, story, onset, at, beside, since, lag, cause } = scene;
  const { words } = story;
  if (dice.chance(0.8))
    journal.land(dice.real(since, onset - 20 * minute), soundingAlike(world, alerting, words));
  if (dice.chance(0.5)) {
    const when = dice.real(since, onset);
    // A draw that decides nothing any more; the cases of a seed depend on it.
    dice.next();
    journal.land(when, soundingAlike(world, alerting, words));
  }
  if (dice.chance(0.6)) journal.land(dice.real(onset + minute, at), lateFix(world, alerting, words));
  if (dice.chance(0.5))
    journal.land(dice.real(beside.at - lag + 1000, onset - 1000), {
      ...lateFix(world, alerting, words),
      says: dice.pick([`handle ${words}`, `better ${words}`, `limit ${words}`]),
    });
  if (cause && !cause.told.dependent && dice.chance(0.4) && !cause.told.change.relands)
    journal.land(...twinElsewhere(scene, cause));
  if (dice.chance(0.35)) comeAndGone(scene, journal);
};

/** The same story in a service that has no trouble. */
const twinElsewhere = ({ name, dice, world, onset, since }: Scene, { told }: Cause): [number, Change] => {
  const [service, upstream] = world.rest;
  const elsewhere = { ...world, service: service!, upstream: upstream! };
  let twin = told.change;
  for (let tries = 0; tries < 6 && patchText(twin.patch) === patchText(told.change.patch); tries++)
    twin = guiltyTellings[name as GuiltyName](elsewhere).change;
  return [dice.real(since, onset - 30 * minute), twin];
};

/** Landed and reverted before all this. */
const comeAndGone = ({ dice, world, alerting, onset, since, cause }: Scene, journal: Journal): void => {
  const change = risky(world, alerting);
  const at = dice.real(since, (cause?.live ?? onset) - 4 * hour);
  const landed = journal.land(at, change);
  const later = at + dice.real(0.5, 2) * hour;
  journal.land(later, reverting(change, landed.subject, dice.hex(40)));
};
