import { afterVerdict } from "./after-verdict.ts";
import { looks } from "./looks.ts";
import { others } from "./others.ts";
import { people } from "./people.ts";
import { reports } from "./reports.ts";
import type { Scene } from "./scene.ts";
import { troubles } from "./troubles.ts";

/** Every course of an incident that both hosts must play to the same end. */
export const scenes: Scene[] = [
  ...[...looks, ...people, ...troubles, ...others, ...reports],
  ...afterVerdict,
];
