import { type Calendar, minute, working } from "./calendar.ts";
import type { Candidate, Side } from "./case.ts";
import { type Change, commit, type Diff, type Style, type Words } from "./change.ts";
import { type Dice, dice } from "./dice.ts";
import { goFillers } from "./fillers/go.ts";
import { jvmFillers } from "./fillers/jvm.ts";
import { opsFillers } from "./fillers/ops.ts";
import type { Story } from "./story.ts";
import { languageOf } from "./world.ts";

const nouns = [
  "voucher",
  "invoice",
  "refund",
  "parcel",
  "wishlist",
  "review",
  "bundle",
  "return",
  "coupon",
  "label",
  "brand",
  "credit",
  "basket",
  "product",
  "reservation",
  "quote",
  "payment",
  "order",
  "customer",
  "price",
  "template",
  "warehouse",
];

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

const nounWords = (service: string, roll: Dice): Words => {
  const noun = roll.pick(nouns);
  return {
    noun,
    nouns: `${noun}s`,
    Noun: capital(noun),
    NOUN: noun.toUpperCase(),
    Svc: capital(service),
    n: String(roll.int(2, 9)),
    N: String(roll.int(11, 48)),
  };
};

/** The culprit's change with its fault mended: the same title and files. */
const mended = (story: Story): Change => ({
  ...story.culprit,
  diffs: story.culprit.diffs.map(
    ([path, text]): Diff => [
      path,
      story.mend.reduce((left, [from, to]) => left.replace(from, () => to), text),
    ],
  ),
});

const filler = (service: string, roll: Dice): Change => {
  const own = languageOf(service) === "go" ? goFillers : jvmFillers;
  return { service, ...roll.pick(roll.chance(0.26) ? opsFillers : own) };
};

type Slot = { at: number; change: Change };

const fillerSlots = (story: Story, cast: readonly string[], time: Calendar, roll: Dice): Slot[] => {
  const home = story.culprit.service;
  const used = new Set<string>();
  const fresh = (service: () => string): Change => {
    let change = filler(service(), roll);
    for (let attempt = 0; attempt < 12 && used.has(change.service + change.titles[0]); attempt++)
      change = filler(service(), roll);
    used.add(change.service + change.titles[0]);
    return change;
  };
  const mates = Array.from({ length: roll.pick([0, 1, 1, 2, 3, 4]) }, () => ({
    at: working(time.before + minute, time.span.deploy - 3 * minute, roll),
    change: fresh(() => home),
  }));
  const others = Array.from({ length: roll.int(8, 30) }, () => ({
    at: working(time.first, time.span.at - 1, roll),
    change: fresh(() => (roll.chance(0.2) ? home : roll.chance(0.2) ? story.service : roll.pick(cast))),
  }));
  const late = Array.from({ length: roll.int(0, 2) }, () => ({
    at: working(time.landed + minute, time.span.at - 1, roll),
    change: fresh(() => roll.pick(cast)),
  }));
  return [...mates, ...others, ...late];
};

const decoySlots = (story: Story, time: Calendar, roll: Dice): Slot[] =>
  story.decoys.map((change) => {
    const near = roll.chance(0.6);
    const low = near ? time.before : time.first;
    return { at: working(low, near ? time.span.deploy - 3 * minute : time.span.at - 1, roll), change };
  });

/** The candidates, newest first, and the sha of the culprit or of the commit in its place. */
export const commitsOf = (
  story: Story,
  { seed, side, cast, style, words, time }: CommitFrame,
): { candidates: Candidate[]; sha: string } => {
  const roll = dice(`commerce/${seed}/commits`);
  const own = dice(`commerce/${seed}/culprit/${side}`);
  const slots = [...fillerSlots(story, cast, time, roll), ...decoySlots(story, time, roll)];
  const dressed = slots.map(({ at, change }) =>
    commit(change, style, { ...words, ...nounWords(change.service, roll) }, at, roll),
  );
  const replacement = roll.chance(0.6) ? mended(story) : filler(story.culprit.service, roll);
  const change = side === "guilty" ? story.culprit : replacement;
  const plain = { ...style, extras: [0, 0, 0, 1, 1, 2] };
  const placed = commit(change, plain, { ...words, ...nounWords(change.service, own) }, time.landed, own);
  return {
    candidates: [...dressed, placed].toSorted((one, other) => other.at - one.at),
    sha: placed.sha,
  };
};

type CommitFrame = {
  seed: number;
  side: Side;
  cast: readonly string[];
  style: Style;
  words: Words;
  time: Calendar;
};
