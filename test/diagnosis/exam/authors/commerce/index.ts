import { calendar, day, minute } from "./calendar.ts";
import type { Case, Flag, Pair, Side } from "./case.ts";
import { fill, type Style, type Words } from "./change.ts";
import { commitsOf } from "./commits.ts";
import { curvesOf } from "./curves.ts";
import { deploysOf } from "./deploys.ts";
import { type Dice, dice } from "./dice.ts";
import { logsOf, type Span } from "./lines.ts";
import { accountStories } from "./stories/accounts.ts";
import { clientStories } from "./stories/clients.ts";
import { databaseStories } from "./stories/database.ts";
import { paymentStories } from "./stories/payment.ts";
import { platformStories } from "./stories/platform.ts";
import { shopfrontStories } from "./stories/shopfront.ts";
import { streamStories } from "./stories/streams.ts";
import { trafficStories } from "./stories/traffic.ts";
import type { Part, Story } from "./story.ts";
import { pathsOf, services } from "./world.ts";

export type { Case, Pair } from "./case.ts";

const plots: readonly Story[] = [
  ...paymentStories,
  ...databaseStories,
  ...platformStories,
  ...clientStories,
  ...streamStories,
  ...accountStories,
  ...shopfrontStories,
  ...trafficStories,
];

export const stories: readonly string[] = plots.map((story) => story.name);

type Setting = {
  style: Style;
  /** The services of the case. */
  cast: readonly string[];
  words: Words;
  symptom: string;
  missing: Part | null;
};

const setting = (story: Story, seed: number): Setting => {
  const roll = dice(`commerce/${seed}/setting`);
  const needed = [story.service, story.culprit.service, ...story.decoys.map((change) => change.service)];
  const near = services[story.service]!.dependsOn.filter((name) => services[name]);
  const any = roll.shuffle(Object.keys(services));
  const cast = [...new Set([...needed, ...near, ...any])].slice(0, roll.int(5, 9));
  const picked = Object.entries(story.words ?? {}).map(([name, choices]) => [name, roll.pick(choices)]);
  const replica = () => `${roll.hex(9)}`;
  return {
    style: {
      root: roll.pick(["services/", "apps/", "services/", "src/"]),
      conventional: roll.chance(0.5),
      extras: [0, 0, 1, 1, 2, 3],
    },
    cast,
    words: { ...Object.fromEntries(picked), rsnew: replica(), rsold: replica() },
    symptom: roll.pick(story.symptoms),
    missing: roll.chance(0.26) ? roll.pick(story.spare) : null,
  };
};

const flagNames = [
  "free-returns-banner",
  "search-synonyms-v2",
  "dark-header",
  "guest-checkout-nl",
  "gift-wrap",
];

const flagsOf = (story: Story, cast: readonly string[], span: Span, roll: Dice): Flag[] => {
  const quiet = roll.shuffle(flagNames).slice(0, roll.pick([0, 0, 0, 1, 2, 3]));
  const flags = quiet.map((flag) => ({
    at: Math.round(span.onset - roll.next() ** 2 * 2.5 * day - 2 * minute),
    service: roll.pick(cast),
    flag,
    change: roll.pick(["on", "off", { percent: roll.pick([5, 25, 50, 100]) }]),
  }));
  if (story.flag) {
    const at = Math.round(span.onset - roll.between(0.4, 2) * minute);
    flags.push({ at, service: story.service, flag: story.flag, change: { percent: 100 } });
  }
  return flags.toSorted((one, other) => one.at - other.at);
};

/** Versions of the deploy that brought the culprit and of the one before, for the labels of metrics. */
const versionWords = (
  deploys: readonly { at: number; service: string; version: string }[],
  span: Span,
  home: string,
) => {
  const own = deploys.filter((deploy) => deploy.service === home);
  const index = own.findIndex((deploy) => deploy.at === span.deploy);
  return { new: own[index]?.version ?? "next", old: own[index - 1]?.version ?? "previous" };
};

const caseOf = (story: Story, seed: number, side: Side): Case => {
  const { style, cast, missing, symptom, ...set } = setting(story, seed);
  const time = calendar(story, seed, side);
  const { span } = time;
  const frame = { seed, side, cast, time, root: style.root, style, words: set.words };
  const { candidates, sha } = commitsOf(story, frame);
  const deploys = deploysOf(story, candidates, frame);
  const words = { ...set.words, ...versionWords(deploys, span, story.culprit.service) };
  const lines = [...story.both.lines, ...story[side].lines];
  const curves = [...story.both.curves, ...story[side].curves];
  const logs = logsOf(lines, cast, { span, words, roll: dice(`commerce/${seed}/logs`) });
  const quiet = dice(`commerce/${seed}/quiet`);
  const roll = dice(`commerce/${seed}/series/${side}`);
  const canary = story.canary ?? false;
  const series = curvesOf(curves, cast, { span, words, canary }, { quiet, roll });
  const flags = flagsOf(story, cast, span, dice(`commerce/${seed}/flags`));
  return {
    id: `commerce-${seed}-${side === "guilty" ? "a" : "b"}`,
    at: span.at,
    candidates,
    symptom: missing === "symptom" ? "" : fill(symptom, words),
    service: story.service,
    servicePaths: pathsOf(story.service, style.root),
    dependsOn: [...services[story.service]!.dependsOn],
    ...(missing === "deploys" ? {} : { deploys }),
    ...(missing === "logs" ? {} : { logs }),
    ...(missing === "series" ? {} : { series }),
    ...(flags.length > 0 ? { flags } : {}),
    culprit: side === "guilty" ? sha : null,
  };
};

/** The pair of one seed: the same seed always gives the same pair. */
export const pairOf = (seed: number): Pair => {
  const story = plots[seed % plots.length]!;
  return { story: story.name, guilty: caseOf(story, seed, "guilty"), twin: caseOf(story, seed, "twin") };
};
