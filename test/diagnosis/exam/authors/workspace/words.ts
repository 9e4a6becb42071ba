import type { Dice } from "./dice.ts";

const nouns = [
  "comment mention page folder member invite template export reminder tag version label attachment badge draft".split(
    " ",
  ),
  "quota digest share link group seat coupon thread cursor block column board space favourite activity".split(
    " ",
  ),
].flat();
const flags = [
  "compact-sidebar",
  "inline-comments",
  "new-page-tree",
  "faster-suggest",
  "weekly-digest-v2",
  "seat-proration",
  "bulk-share",
  "board-view",
];
const users = ["mara", "tobias", "ines", "kwame", "yuki", "piotr", "lena", "omar"];

const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);

const value = (name: string, dice: Dice): string => {
  switch (name) {
    case "id":
      return dice.hex(8);
    case "ms":
      return String(dice.int(12, 480));
    case "slow":
      return String(dice.int(4200, 29000));
    case "n":
      return String(dice.int(2, 40));
    case "k":
      return String(dice.int(900, 48000));
    case "tenant":
      return `ws_${dice.int(1000, 9899)}`;
    case "ip":
      return `10.${dice.int(16, 31)}.${dice.int(0, 255)}.${dice.int(2, 250)}`;
    case "wan":
      return `${dice.int(23, 196)}.${dice.int(1, 250)}.${dice.int(0, 255)}.${dice.int(2, 250)}`;
    case "user":
      return dice.pick(users);
    case "flag":
      return dice.pick(flags);
    case "pod":
      return `${dice.hex(5)}`;
    default:
      return dice.pick(nouns);
  }
};

/** The text with each `%name%` replaced; the same name gets the same value throughout a filler. */
export const fillerOf = (dice: Dice, fixed: Record<string, string> = {}): ((text: string) => string) => {
  const known = new Map(Object.entries(fixed));
  return (text) =>
    text.replace(/%(\w+)%/g, (_, name: string) => {
      const lower = name.toLowerCase();
      const found = known.get(lower) ?? value(lower, dice);
      known.set(lower, found);
      return name === lower ? found : capital(found);
    });
};

export const flagNames: readonly string[] = flags;
export const authors: readonly string[] = users;
