import type { Pair } from "./case.ts";
import { bumps } from "./stories/bumps.ts";
import { calls } from "./stories/calls.ts";
import { database } from "./stories/database.ts";
import { edge } from "./stories/edge.ts";
import { limits } from "./stories/limits.ts";
import { network } from "./stories/network.ts";
import { platform } from "./stories/platform.ts";
import { probes } from "./stories/probes.ts";
import { queues } from "./stories/queues.ts";
import { scaling } from "./stories/scaling.ts";
import { schedule } from "./stories/schedule.ts";
import { settings } from "./stories/settings.ts";
import { state } from "./stories/state.ts";

export type { Case, Pair } from "./case.ts";

const all = [
  ...limits,
  ...edge,
  ...database,
  ...schedule,
  ...bumps,
  ...calls,
  ...scaling,
  ...network,
  ...settings,
  ...queues,
  ...platform,
  ...state,
  ...probes,
];

/** The kinds of trouble; a seed's remainder chooses. */
export const stories: readonly string[] = all.map((each) => each.name);

/** The pair of one seed: the same seed always gives the same pair. */
export const pairOf = (seed: number): Pair => all[seed % all.length]!.pair(seed);
