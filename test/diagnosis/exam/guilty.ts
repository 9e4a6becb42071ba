import { risky } from "./decoys.ts";
import { spoken, vague } from "./dress.ts";
import type { Journal, Landed } from "./history.ts";
import { everyday } from "./innocent.ts";
import { type Cause, hour, minute, type Scene } from "./scene.ts";
import type { Change } from "./story.ts";

/** `head` is what went live with the culprit. */
export type Guilt = { cause: Cause; culprit: Landed; head: number; earlier?: [from: number, to: number] };

/** The deploy that did it, with up to three innocent companions. */
export const guiltyDeploy = (scene: Scene, cause: Cause, journal: Journal): Guilt => {
  const { dice, beside, lag } = scene;
  const head = cause.live - lag;
  const after = beside.at < cause.live && beside.service === cause.owner;
  const floor = after ? beside.at - lag + 20_000 : head - dice.real(8, 120) * minute;
  const at = Math.max(floor, head - dice.real(1, 40) * minute);
  const told = cause.told.change;
  const says =
    told.subject === undefined && !told.relands && dice.chance(0.25) ? dice.pick(vague) : told.says;
  const relanding = told.relands && landedBefore(scene, { cause, at, journal });
  const culprit = journal.land(at, relanding ? relanding.change : { ...told, says });
  journal.deploy(cause.live, cause.owner, head);
  companions(scene, { cause, at, floor, head, journal });
  return { cause, culprit, head, ...(relanding && { earlier: relanding.earlier }) };
};

type Before = { cause: Cause; at: number; journal: Journal };
/** It landed, did harm, was reverted, and lands again. */
const landedBefore = (scene: Scene, { cause, at, journal }: Before) => {
  const { dice, world, lag } = scene;
  const { change } = cause.told;
  const subject = scene.subject(dice, { ...spoken(change), key: world.domain.key });
  const first = journal.land(at - dice.real(20, 40) * hour, { ...change, subject });
  const reverted = journal.land(at - dice.real(12, 19) * hour, {
    ...reverting(change, subject, dice.hex(40)),
    patch: change.patch.map(([path, context, lines]) => [path, context, lines.map(inverse)]),
  });
  for (const one of [first, reverted]) journal.deploy(one.at + lag, cause.owner, one.at + 1000);
  const again: Change = {
    ...change,
    subject: dice.pick([`Reapply "${subject}"`, `Re-land "${subject}"`, `${subject} (take 2)`]),
    body: dice.pick(["Fixed the test that made us revert.", "", "With the ordering fixed."]),
  };
  const earlier: [number, number] = [first.at + lag + 6 * minute, reverted.at + lag];
  return { change: again, earlier };
};
const inverse = (line: string): string => (line.startsWith("+") ? "-" : "+") + line.slice(1);

/** The revert of the change with that subject. */
export const reverting = (change: Change, subject: string, sha: string): Change => ({
  ...change,
  subject: `Revert "${subject}"`,
  body: `This reverts commit ${sha}.`,
});

type Together = Before & { floor: number; head: number };
const companions = (scene: Scene, { cause, at, floor, head, journal }: Together): void => {
  const { dice, world } = scene;
  const [owner, infra] = [cause.owner, cause.owner === world.infra];
  for (let left = dice.int(0, 3); left > 0; left--) {
    const apart = dice.real(-(head - at) / minute, Math.min(30, (at - floor) / minute));
    const dangerous = dice.chance(0.35) && !infra;
    journal.land(
      at - apart * minute,
      dangerous ? risky(world, owner) : everyday(world, infra ? world.service : owner),
    );
  }
};
