import type { Feature } from "./feature.ts";
import { history } from "./history.ts";
import { together } from "./interactions.ts";
import { kind } from "./kind.ts";
import { mended } from "./later-fixes.ts";
import { names } from "./names.ts";
import { vicinity } from "./neighbouring-changes.ts";
import { paths } from "./paths.ts";
import { text } from "./text.ts";
import { time } from "./time.ts";
import { topics } from "./topics.ts";

/** Every feature by name: the names that the weights carry. */
export const features: Record<string, Feature> = {
  ...time,
  ...text,
  ...names,
  ...kind,
  ...history,
  ...mended,
  ...paths,
  ...together,
  ...topics,
  ...vicinity,
};

/** The same by what they look at: a reason a group. */
export const groups = {
  time,
  text,
  names,
  kind,
  history: { ...history, ...mended },
  paths,
  together,
  topics,
  vicinity,
};
