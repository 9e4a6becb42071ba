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

/** A clock that is ahead by less only goes badly. */
const skewMs = 5 * 60_000;

/** The whole hours by which a report is ahead of the time at which it came, when it tells of a deploy of the last minutes. */
const hoursAhead = ({ heard }: DeployRecord): number => {
  const ahead = heard === undefined ? 0 : heard.told - heard.at;
  const hours = Math.ceil(ahead / hour);
  return ahead > skewMs && ahead <= farthestZoneMs && hours * hour - ahead <= soonMs ? hours : 0;
};

/**
 * The deploys with the times of a deployer set right whose clock is whole hours ahead, as most of its reports tell. A report that came late
 * does not show it by itself: 12:05, heard at 12:20, is of 11:05 by a clock that is an hour ahead. Records of earlier releases stay as they are.
 */
export const withDeployerClock = (deploys: DeployRecord[]): { deploys: DeployRecord[]; notes: string[] } => {
  const told = deploys.filter(({ heard }) => heard !== undefined).map(hoursAhead);
  const hours = told.toSorted((a, b) => a - b)[Math.floor((told.length - 1) / 2)] ?? 0;
  if (hours === 0) return { deploys, notes: [] };
  const notes = new Set<string>();
  const set = (deploy: DeployRecord): DeployRecord => {
    const at = deploy.heard === undefined ? deploy.at : deploy.heard.told - hours * hour;
    if (deploy.heard === undefined || at === deploy.at) return deploy;
    notes.add(
      `the deployer's clock is ${hours} h ahead, by most of its reports: the deploy of ${short(deploy.sha)}, told for ${clock(deploy.heard.told)}, is taken for ${clock(at)}`,
    );
    return { ...deploy, at };
  };
  return { deploys: deploys.map(set).toSorted((a, b) => b.at - a.at), notes: [...notes].slice(0, mostNotes) };
};
const mostNotes = 2;

/** The first whole hours after `told` that are not before the landing. Undefined where the clock does not explain the difference. */
const laterBy = (told: number, landed = told): number | undefined => {
  const missing = landed - told;
  if (missing <= 0 || missing > farthestZoneMs) return undefined;
  const at = told + Math.ceil(missing / hour) * hour;
  return at - landed <= soonMs ? at : undefined;
};
