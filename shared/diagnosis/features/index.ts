import type { Feature } from "./feature.ts";
import { history } from "./history.ts";
import { interactions } from "./interactions.ts";
import { kind } from "./kind.ts";
import { laterFixes } from "./later-fixes.ts";
import { names } from "./names.ts";
import { paths } from "./paths.ts";
import { relatedChanges } from "./related-changes.ts";
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
  ...laterFixes,
  ...paths,
  ...interactions,
  ...topics,
  ...relatedChanges,
};

/** The same by what they look at: a reason a group. */
export const groups = {
  time,
  text,
  names,
  kind,
  history: { ...history, ...laterFixes },
  paths,
  together: interactions,
  topics,
  vicinity: relatedChanges,
};
