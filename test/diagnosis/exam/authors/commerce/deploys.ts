import { type Calendar, hour, minute, working } from "./calendar.ts";
import type { Candidate, Deploy, Side } from "./case.ts";
import { type Dice, dice } from "./dice.ts";
import type { Story } from "./story.ts";
import { pathsOf } from "./world.ts";

type Live = { at: number; service: string };

type DeployFrame = {
  seed: number;
  side: Side;
  cast: readonly string[];
  root: string;
  time: Calendar;
};

const ofHome = (home: string, time: Calendar, roll: Dice): Live[] => {
  const { deploy, onset } = time.span;
  const lives = [deploy, time.before];
  if (time.again) lives.push(Math.round(deploy + (onset - deploy) * roll.between(0.3, 0.9)));
  for (let at = time.before; lives.length < 6; ) {
    at -= roll.between(3, 30) * hour;
    if (at < time.first) break;
    lives.push(Math.round(at));
  }
  return lives.map((at) => ({ at, service: home }));
};

/** Deploys of the other services, none between the culprit's and the onset when that one is to be the latest. */
const ofOthers = (others: readonly string[], time: Calendar, quiet: boolean, roll: Dice): Live[] => {
  const { deploy, onset, at } = time.span;
  const lives = others.flatMap((service) => {
    const times = Array.from({ length: roll.int(1, 3) }, () => working(time.first, onset, roll));
    if (roll.chance(0.3)) times.push(Math.round(deploy - roll.between(4, 50) * minute));
    return times.map((when) => ({ at: when, service }));
  });
  const after = { at: Math.round(roll.between(onset + 20_000, at)), service: roll.pick(others) };
  const between = {
    at: Math.round(deploy + (onset - deploy) * roll.between(0.2, 0.9)),
    service: roll.pick(others),
  };
  const late = roll.chance(0.1) ? [after] : [];
  const kept = [...lives, between];
  if (!quiet) return [...kept, ...late];
  // As many deploys as in the twin: those that would lie between go live as long before.
  const earlier = (when: number): number => Math.max(time.first, deploy - Math.abs(when - deploy));
  return [...kept.map((live) => ({ ...live, at: earlier(live.at) })), ...late];
};

const touches = (candidate: Candidate, service: string, root: string): boolean =>
  candidate.files.some((file) => pathsOf(service, root).some((path) => file.startsWith(path)));

const versions: readonly ((deploy: { at: number; sha: string }, index: number) => string)[] = [
  ({ sha }) => sha.slice(0, 8),
  ({ at }, index) => `${new Date(at).toISOString().slice(0, 10).replaceAll("-", ".")}-${index + 1}`,
  (_, index) => `1.${48 + index}.0`,
  ({ sha }, index) => `build-${2210 + index * 3}-${sha.slice(0, 7)}`,
];

/** The deploys, oldest first. A service is built from its own newest commit, or from the head of the branch. */
export const deploysOf = (
  story: Story,
  candidates: readonly Candidate[],
  { seed, side, cast, root, time }: DeployFrame,
): Deploy[] => {
  const roll = dice(`commerce/${seed}/deploys`);
  const home = story.culprit.service;
  const head = roll.chance(0.3);
  const version = roll.pick(versions);
  const must = story.service === home ? [] : [story.service];
  const rest = roll.shuffle(cast.filter((service) => service !== home && !must.includes(service)));
  const others = [...must, ...rest].slice(0, roll.int(1, 5));
  const apart =
    side === "twin" && time.span.onset - time.span.deploy > 15 * minute && story.delay === "minutes";
  const lives = [...ofHome(home, time, roll), ...ofOthers(others, time, time.latest && !apart, roll)];
  return lives
    .toSorted((one, other) => one.at - other.at)
    .map((live, index) => {
      const built = candidates.find(
        (candidate) =>
          candidate.at <= live.at - 2 * minute && (head || touches(candidate, live.service, root)),
      );
      const sha = built?.sha ?? roll.hex(40);
      return { ...live, sha, version: version({ at: live.at, sha }, index) };
    });
};
