import type { DeployRecord } from "../../ports/store.ts";
import type { Case } from "../model.ts";
import type { ChangeSet } from "./change-sets.ts";
import { type Rollout, rolloutsOf } from "./rollouts.ts";

/** The case with each rollout once, in its own deploys and change sets and in those of what it depends on. */
export const withRollouts = (given: Case): Case => ({
  ...given,
  ...once(given),
  ...(given.elsewhere && { elsewhere: given.elsewhere.map((other) => ({ ...other, ...once(other) })) }),
});

/** The deploys of a case: its own, and those of what it depends on. */
export const allDeploys = ({ deploys, elsewhere = [] }: Pick<Case, "deploys" | "elsewhere">): Rollout[] => [
  ...deploys,
  ...elsewhere.flatMap((one) => one.deploys),
];

const once = ({ deploys, changeSets }: Pick<Case, "deploys" | "changeSets">) => {
  const rollouts = rolloutsOf(deploys);
  return {
    deploys: rollouts,
    ...(changeSets !== undefined && { changeSets: setsOf(changeSets, rollouts) }),
  };
};

/** The change set of each rollout, by its end or its beginning. */
const setsOf = (changeSets: ChangeSet[], rollouts: Rollout[]): ChangeSet[] => {
  const found = new Map<Rollout, ChangeSet>();
  for (const set of changeSets) {
    const rollout = rollouts.find((one) => isOf(set.deploy, one));
    if (rollout !== undefined && !found.has(rollout)) found.set(rollout, { ...set, deploy: rollout });
  }
  return [...found.values()];
};

const isOf = ({ service, sha, status, at }: DeployRecord, rollout: Rollout): boolean =>
  service === rollout.service &&
  sha === rollout.sha &&
  (at === rollout.at ? status === rollout.status : status === "started" && at === rollout.beganAt);
