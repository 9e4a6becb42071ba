import { commitOf, linesIn, othersOf } from "./commits.ts";
import { type Dice, diceOf } from "./dice.ts";
import { routineChange } from "./fillers.ts";
import type { Candidate, Case, Deploy, Flag, Pair } from "./form.ts";
import { logsOf } from "./logs.ts";
import { seriesOf } from "./series.ts";
import { type ServiceName, serviceNames, services } from "./services.ts";
import { all } from "./stories/all.ts";
import type { Part, Story } from "./story.ts";
import { type Timeline, timelineOf, twinTimelineOf } from "./timeline.ts";
import { flagNames } from "./words.ts";

const minute = 60_000;
const hour = 60 * minute;

type Scene = {
  seed: number;
  story: Story;
  near: ServiceName[];
  versions: boolean;
  decoyFlags: (at: number) => Flag[];
  lacking: Part | "symptom" | undefined;
  oldSha: string;
};

const lackingOf = (story: Story, dice: Dice): Scene["lacking"] => {
  if (!dice.chance(0.27)) return undefined;
  return dice.pick([...story.spare, "symptom" as const]);
};

const decoyFlagsOf = (dice: Dice) => {
  const count = dice.chance(0.45) ? dice.int(1, 3) : 0;
  const drawn = Array.from({ length: count }, () => ({
    before: Math.round(dice.roll() ** 2 * 7 * hour) + 20_000,
    service: dice.pick(serviceNames),
    flag: dice.pick(flagNames),
    change: dice.pick(["0% -> 10%", "10% -> 50%", "on", "off", "50% -> 100%", "on for beta workspaces"]),
  }));
  return (at: number) => drawn.map(({ before, ...flag }) => ({ at: at - before, ...flag }));
};

const sceneOf = (seed: number, story: Story, dice: Dice): Scene => {
  const others = dice.shuffle(serviceNames).slice(0, dice.int(1, 3));
  const said = [...story.guilty, ...story.twin].map(({ service }) => service);
  return {
    seed,
    story,
    near: [...new Set([story.service, story.owner, ...said, ...others])],
    versions: story.canary === true || dice.chance(0.65),
    decoyFlags: decoyFlagsOf(dice),
    lacking: lackingOf(story, dice),
    oldSha: dice.hex(40),
  };
};

const deploysOf = (scene: Scene, timeline: Timeline, candidates: readonly Candidate[]): Deploy[] =>
  timeline.deploys
    .filter(({ at }) => at < timeline.at)
    .map(({ at, service, holds, version }) => {
      const deploy = { at, service, sha: candidates[holds]?.sha ?? scene.oldSha };
      return scene.versions ? { ...deploy, version } : deploy;
    });

const versionsOf = ({ story }: Scene, { deploys, deployAt }: Timeline): [old: string, fresh: string] => {
  const own = deploys.filter(({ service }) => service === story.owner);
  const index = own.findIndex(({ at }) => at === deployAt);
  return [own[index - 1]!.version, own[index]!.version];
};

const flagsOf = ({ story, decoyFlags }: Scene, timeline: Timeline, guilty: boolean, dice: Dice): Flag[] => {
  const flags = decoyFlags(timeline.at);
  if (story.flag) {
    const before = guilty ? dice.between(5_000, 40_000) : dice.between(9, 190) * minute;
    flags.push({ at: Math.round(timeline.onset - before), service: story.service, ...story.flag });
  }
  return flags.sort((a, b) => a.at - b.at);
};

/** The start of slow growth: the deploy of a guilty change; for a twin, a moment of its own. */
const beginOf = (story: Story, timeline: Timeline, guilty: boolean, dice: Dice): number => {
  if (guilty) return story.wait === "night" || story.wait === "flag" ? timeline.onset : timeline.deployAt;
  return story.wait === "slow" ? timeline.onset - Math.round(dice.between(0.8, 5.5) * hour) : timeline.onset;
};

type Shown = { scene: Scene; timeline: Timeline; candidates: Candidate[]; guilty: boolean };

const partsOf = ({ scene, timeline, candidates, guilty }: Shown, dice: Dice) => {
  const { story, near } = scene;
  const { at, onset, deployAt } = timeline;
  const begin = beginOf(story, timeline, guilty, dice);
  const [old, fresh] = versionsOf(scene, timeline);
  const hours = story.wait === "slow" ? dice.between(4.5, 6) : dice.between(1, 4);
  const moments = { from: Math.round(at - hours * hour), at, onset, begin, versionAt: deployAt };
  const slot = candidates[timeline.slot]!.sha;
  const said = guilty ? story.guilty : story.twin;
  const builds = story.wait === "soon" ? begin : onset;
  const logs = logsOf(
    { at, onset, begin: builds, said, near, candidates, slot, fixed: { old, new: fresh } },
    dice.fork("logs"),
  );
  const series = seriesOf(
    {
      service: story.service,
      tracks: story.tracks,
      guilty,
      moments,
      versions: [old, fresh],
      neighbours: near,
    },
    dice.fork("series"),
  );
  const flags = flagsOf(scene, timeline, guilty, dice);
  const deploys = deploysOf(scene, timeline, candidates);
  const symptom = scene.lacking === "symptom" ? "" : dice.pick(story.symptoms);
  return { symptom, deploys, logs, series, flags };
};

const caseOf = (shown: Shown, letter: string, dice: Dice): Case => {
  const { scene, timeline, candidates, guilty } = shown;
  const { deploys, logs, series, flags, symptom } = partsOf(shown, dice);
  const { root, dependsOn } = services[scene.story.service];
  return {
    id: `workspace-${scene.seed}-${letter}`,
    at: timeline.at,
    service: scene.story.service,
    servicePaths: [`${root}/`],
    dependsOn: [...dependsOn],
    candidates,
    symptom,
    ...(scene.lacking === "deploys" ? {} : { deploys }),
    ...(scene.lacking === "logs" ? {} : { logs }),
    ...(scene.lacking === "series" ? {} : { series }),
    ...(flags.length > 0 ? { flags } : {}),
    culprit: guilty ? candidates[timeline.slot]!.sha : null,
  };
};

const guiltyCommit = (story: Story, slot: { sha: string; at: number }, dice: Dice) =>
  commitOf(dice.pick(story.culprits), slot, dice, linesIn(story.guilty));

const harmlessCommit = (story: Story, slot: { sha: string; at: number }, dice: Dice) => {
  const change = dice.chance(0.65) ? story.harmless : routineChange(story.owner, dice);
  return commitOf(change, slot, dice, dice.chance(0.5) ? linesIn(story.twin) : undefined);
};

/** The pair of one seed: the same seed always gives the same pair. */
export const pairOf = (seed: number): Pair => {
  const dice = diceOf(seed);
  const story = all[seed % all.length]!;
  const timeline = timelineOf(story, dice.fork("time"));
  const scene = sceneOf(seed, story, dice);
  const slots = timeline.landings.map((at) => ({ sha: dice.hex(40), at }));
  const others = othersOf(story, all, slots, timeline.slot, dice.fork("others"));
  const place = slots[timeline.slot]!;
  const fill = (commit: Candidate) => others.map((each) => each ?? commit);
  const bad = fill(guiltyCommit(story, place, dice.fork("guilty")));
  const good = fill(harmlessCommit(story, { ...place, sha: dice.hex(40) }, dice.fork("harmless")));
  const later = twinTimelineOf(story, timeline, dice.fork("twin time"));
  const letters = dice.chance(0.5) ? ["a", "b"] : ["b", "a"];
  const guilty = { scene, timeline, candidates: bad, guilty: true };
  const twin = { scene, timeline: later, candidates: good, guilty: false };
  return {
    story: story.name,
    guilty: caseOf(guilty, letters[0]!, dice.fork("guilty evidence")),
    twin: caseOf(twin, letters[1]!, dice.fork("twin evidence")),
  };
};
