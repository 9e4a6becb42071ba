import type { Chance } from "./chance.ts";
import { minute } from "./scene.ts";

/** How long a history is, and how much there is in it. */
export type Size = {
  services: readonly string[];
  environments: readonly string[];
  /** Changes that land: at least and at most. */
  changes: readonly [number, number];
  /** How likely the first change does harm whatever else the seed knows. */
  harm: number;
  /** The times by which the first change has landed, and all of them. */
  firstMs: number;
  landMs: number;
  /** The time in which anything may happen. */
  wildMs: number;
};

/** Everything that there may be. */
export const whole: Size = {
  ...{ services: ["api", "web", "jobs"], environments: ["staging", "production"] },
  ...{ changes: [2, 5], harm: 0, firstMs: 35 * minute, landMs: 35 * minute, wildMs: 45 * minute },
};

const short: Size = {
  ...{ services: ["api", "web"], environments: ["production"] },
  ...{ changes: [1, 3], harm: 0.8, firstMs: minute, landMs: 10 * minute, wildMs: 20 * minute },
};

/** From the smallest on. Half of the histories are of each size, of those that are not smaller. */
const sizes: Size[] = [
  short,
  { ...short, environments: whole.environments },
  { ...short, services: whole.services, changes: [2, 4], landMs: 20 * minute, wildMs: 30 * minute },
];

export const sizeOf = (chance: Chance): Size => sizes.find(() => chance.is(0.5)) ?? whole;

const files = ["api/a.js", "api/b.js", "web/a.js", "web/b.js", "jobs/a.js"];
const shared = ["lib/a.js", "lib/a.js", "lib/b.js"] as const;

/** The files that are changed. */
export const pathsOf = ({ services }: Size): [string, ...string[]] => [
  ...shared,
  ...files.filter((path) => services.some((name) => path.startsWith(`${name}/`))),
];
