import { risky } from "./decoys.ts";
import type { Guilt } from "./guilty.ts";
import type { Journal } from "./history.ts";
import { everyday } from "./innocent.ts";
import type { Service } from "./languages.ts";
import { hour, minute, type Scene } from "./scene.ts";
import { type GuiltyName, guiltyTellings, type Name } from "./stories/index.ts";
import type { Change } from "./story.ts";

/** The innocent deploy near the onset: everyday work, one thing that looks dangerous. */
export const besideDeploy = (scene: Scene, guilt: Guilt | undefined, journal: Journal): void => {
  const { dice, beside, lag } = scene;
  const head = beside.at - lag;
  const follows = guilt !== undefined && beside.at > guilt.cause.live && beside.service === guilt.cause.owner;
  for (let left = dice.int(1, 4); left > 0; left--) {
    const from = follows ? Math.max(guilt.head + 1000, head - 50 * minute) : head - dice.real(2, 60) * minute;
    const last = left === 1;
    const tempting = guilt === undefined && last && dice.chance(0.6) ? temptation(scene) : undefined;
    journal.land(dice.real(from, head), tempting ?? besideChange(scene, last));
  }
  journal.deploy(beside.at, beside.service, head);
};
const besideChange = ({ world, beside }: Scene, last: boolean): Change =>
  last ? risky(world, beside.service) : everyday(world, beside.service);

/** A change that is guilty in another story, and harmless here. */
const temptation = ({ dice, world, name, beside }: Scene): Change | undefined => {
  const told = guiltyTellings[dice.pick(harmless[name] ?? tempting)](world);
  return (told.owner ?? world.service) === beside.service ? told.change : undefined;
};
const tempting: GuiltyName[] = [
  ...(["leak_cache", "slow_query", "enum_new", "reland"] as const),
  ...(["null_edge", "n_plus_one", "lock_contention", "cache_ttl"] as const),
];
/** Where the trouble could be that of another, only these. */
const harmless: Partial<Record<Name, GuiltyName[]>> = {
  load: ["null_edge", "enum_new", "base_image"],
  slow_growth: ["null_edge", "enum_new"],
  scraper: ["null_edge", "enum_new"],
  manual_ops: ["null_edge", "leak_cache"],
  one_tenant: ["null_edge", "enum_new"],
};

/** All that went live before. */
export const earlierDeploys = (scene: Scene, guilt: Guilt | undefined, journal: Journal): void => {
  const { dice, world, alerting, onset, beside, since, lag } = scene;
  const { upstream, other, another, rest, infra } = world;
  const owner = guilt?.cause.owner ?? world.service;
  for (const service of [alerting, upstream, other, another, ...rest, owner]) {
    const often = service === alerting;
    let at = Math.min(onset, beside.at) - dice.real(0.6, 7) * hour;
    while (at > since + 2 * hour) {
      const near = service === beside.service && at > beside.at - 65 * minute;
      if (!near && !(guilt?.cause.owner === service && tellsOnGuilt(guilt, at, lag))) {
        journal.deploy(at, service, at - lag);
        if (service !== infra && dice.chance(0.7))
          journal.land(at - lag - dice.real(1, 50) * minute, usual(scene, service));
      }
      at -= dice.real(often ? 3 : 7, often ? 14 : 40) * hour;
    }
  }
};
const usual = ({ dice, world }: Scene, service: Service): Change =>
  dice.chance(0.3) ? risky(world, service) : everyday(world, service);

/** It would bring the culprit live before its time, or take the place of its deploy. */
const tellsOnGuilt = ({ cause, culprit }: Guilt, at: number, lag: number): boolean => {
  const head = at - lag;
  const within = (when: number): boolean => when > culprit.at - 5 * minute && when < cause.live;
  if (head > culprit.at - minute && at < cause.live + minute) return true;
  if (within(at) || within(head)) return true;
  if (cause.told.quiet && head >= culprit.at - 5 * minute) return true;
  return cause.told.change.relands !== undefined && at < cause.live;
};
