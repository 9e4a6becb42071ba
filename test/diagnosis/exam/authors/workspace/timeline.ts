import type { Dice } from "./dice.ts";
import { type ServiceName, serviceNames } from "./services.ts";
import type { Story, Wait } from "./story.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** A deploy before its sha is known; `holds` is the index of the newest landing that it carries, or -1. */
export type Planned = { at: number; service: ServiceName; holds: number; version: string };

export type Timeline = {
  at: number;
  onset: number;
  /** The deploy that brings the change of the slot. */
  deployAt: number;
  /** The landings, newest first. */
  landings: number[];
  slot: number;
  deploys: Planned[];
};

const delays: Record<Wait, [low: number, high: number]> = {
  now: [25 * second, 150 * second],
  soon: [6 * minute, 35 * minute],
  slow: [4 * hour, 10 * hour],
  night: [4 * hour, 15 * hour],
  hour: [6 * minute, 50 * minute],
  flag: [3 * hour, 28 * hour],
};

const onsetOf = (wait: Wait, dice: Dice): number => {
  const date = Date.UTC(2026, 0, 6) + dice.int(0, 340) * day;
  if (wait === "night") return date + 2 * hour;
  if (wait === "hour") return date + dice.int(6, 21) * hour;
  const start = dice.chance(0.8) ? dice.between(7, 19) : dice.between(0, 24);
  return Math.round((date + start * hour) / second) * second;
};

type Landed = { landed: number; deployAt: number; at: number; latest: boolean };

const landingsOf = (
  { landed, deployAt, at, latest }: Landed,
  dice: Dice,
): { landings: number[]; slot: number } => {
  const count = dice.int(10, 40);
  const newer = dice.int(latest ? 0 : 1, Math.min(16, Math.floor(count / 2)));
  const span = dice.between(0.7, 6.5) * day;
  const round = (time: number) => Math.round(time / second) * second;
  const others = Array.from({ length: count - 1 }, (_, index) =>
    round(
      index < newer
        ? dice.between(
            landed + 40 * second,
            index === 0 && !latest ? deployAt - 4 * minute : at - 20 * second,
          )
        : landed - 50 * second - span * dice.roll() ** 1.8,
    ),
  );
  const landings = [round(landed), ...others].sort((a, b) => b - a);
  return { landings, slot: landings.indexOf(round(landed)) };
};

const versionOf = (at: number, dice: Dice) => {
  const date = new Date(at);
  return `${date.getUTCMonth() + 1}.${date.getUTCDate()}.${dice.int(1, 9)}-${dice.hex(4)}`;
};

type Early = { service: ServiceName; at: number };

const before = (story: Story, deployAt: number, landed: number, dice: Dice): Early[] => {
  const others = dice.shuffle(serviceNames.filter((name) => name !== story.owner));
  const near = new Set<ServiceName>([story.service, ...others.slice(0, dice.int(1, 3))]);
  near.delete(story.owner);
  const made: Early[] = [{ service: story.owner, at: landed - dice.between(0.4, 14) * hour }];
  for (let turn = dice.int(0, 3); turn > 0; turn--) {
    made.push({ service: story.owner, at: made.at(-1)!.at - dice.between(6, 34) * hour });
  }
  for (const service of near) {
    for (let turn = dice.int(1, 3); turn > 0; turn--) {
      made.push({ service, at: deployAt - dice.between(0.02, 1) ** 2 * 70 * hour });
    }
  }
  return made;
};

type Gap = { landed: number; from: number; to: number };

/** Deploys between the one of the slot and the onset; none of them brings the commit of the slot. */
const between = (story: Story, { landed, from, to }: Gap, dice: Dice): Early[] => {
  const others = dice.shuffle(serviceNames.filter((name) => name !== story.owner));
  const made = others.slice(0, dice.int(1, 2)).flatMap((service) => [
    { service, at: landed + 4 * minute + dice.between(1, 25) * second },
    { service, at: dice.between(from + 10 * second, to - 5 * second) },
  ]);
  if (to - from < 12 * minute || dice.chance(0.25)) return made;
  return [...made, { service: story.owner, at: dice.between(from + 6 * minute, to - 2 * minute) }];
};

const latestShare = (wait: Wait) => (wait === "slow" || wait === "night" || wait === "flag" ? 0.36 : 0.57);

/** The landings and deploys around a trouble, before it is known whether a change caused it. */
export const timelineOf = (story: Story, dice: Dice): Timeline => {
  const onset = onsetOf(story.wait, dice);
  const at = onset + Math.round(dice.between(1, 11) * 60) * second;
  const latest = dice.chance(latestShare(story.wait));
  const [low, high] = delays[story.wait];
  const stretch = story.wait === "now" && !latest ? 3 : 1;
  const deployAt = Math.round(onset - dice.between(low, high) * stretch);
  const landed = deployAt - dice.between(6 * minute, 190 * minute);
  const { landings, slot } = landingsOf({ landed, deployAt, at, latest }, dice);
  const early = before(story, deployAt, landed, dice);
  early.push({ service: story.owner, at: deployAt });
  if (!latest) early.push(...between(story, { landed, from: deployAt, to: onset }, dice));
  if (dice.chance(0.2)) {
    const others = serviceNames.filter((name) => name !== story.owner);
    early.push({ service: dice.pick(others), at: dice.between(onset, at - 10 * second) });
  }
  const deploys = early
    .sort((a, b) => a.at - b.at)
    .map(({ at: time, service }) => ({
      at: Math.round(time),
      service,
      holds: landings.findIndex((landing) => landing <= time - 4 * minute),
      version: versionOf(time, dice),
    }));
  return { at, onset, deployAt, landings, slot, deploys };
};

const shiftOf = (wait: Wait, dice: Dice): number => {
  if (wait === "night") return 0;
  if (wait === "hour") return dice.int(1, 2) * hour;
  return Math.round(dice.between(6, 90) * 60) * second;
};

/** The same days for a trouble that no change caused: its onset stands in another relation to the deploys. */
export const twinTimelineOf = (story: Story, timeline: Timeline, dice: Dice): Timeline => {
  const kind = dice.roll();
  const last = timeline.deploys.findLast(({ service }) => service === story.owner)!.at === timeline.deployAt;
  if (story.canary || kind < 0.45) return timeline;
  if (!last || kind < 0.72 || (story.wait !== "now" && story.wait !== "soon")) {
    const shift = shiftOf(story.wait, dice);
    return { ...timeline, at: timeline.at + shift, onset: timeline.onset + shift };
  }
  const { at, onset, deployAt } = timeline;
  const moved = Math.round(onset + (at - onset) * dice.between(0.25, 0.85));
  const deploys = timeline.deploys.map((each) => (each.at === deployAt ? { ...each, at: moved } : each));
  return { ...timeline, deployAt: moved, deploys: deploys.sort((a, b) => a.at - b.at) };
};
