import type { DeployRecord } from "../../ports/store.ts";
import { clock, short } from "../../text/format.ts";
import type { Case } from "../model.ts";

const hour = 60 * 60_000;
/** A deploy comes this soon after its commit landed, when its clock is taken to be whole hours behind. */
const soonMs = 30 * 60_000;
const farthestZoneMs = 14 * hour;

/**
 * The case with the times of its deploys set right: a deploy that is told for a time before its own commit landed is of a deployer who
 * tells local time as UTC, so the missing hours are added: 11:05 for a commit of 12:01 is 12:05. The notes say so.
 */
export const withDeployTimes = (given: Case): Case => {
  const landedAt = new Map<string, number>(given.commits.map(({ sha, at }) => [sha, at]));
  const notes = new Set<string>();
  const set = (deploy: DeployRecord): DeployRecord => {
    const at = laterBy(deploy.at, landedAt.get(deploy.sha));
    if (at === undefined || at > given.onsetAt) return deploy;
    notes.add(
      `the deploy of ${short(deploy.sha)} is told for ${clock(deploy.at)}, before its commit landed: the deployer's clock is behind, and it is taken for ${clock(at)}`,
    );
    return { ...deploy, at };
  };
  const deploys = given.deploys.map(set);
  const changeSets = given.changeSets?.map((one) => ({ ...one, deploy: set(one.deploy) }));
  if (notes.size === 0) return given;
  return {
    ...{ ...given, deploys, unread: [...(given.unread ?? []), ...notes] },
    ...(changeSets !== undefined && { changeSets }),
  };
};

/** The first whole hours after `told` that are not before the landing. Undefined where the clock does not explain the difference. */
const laterBy = (told: number, landed = told): number | undefined => {
  const missing = landed - told;
  if (missing <= 0 || missing > farthestZoneMs) return undefined;
  const at = told + Math.ceil(missing / hour) * hour;
  return at - landed <= soonMs ? at : undefined;
};
