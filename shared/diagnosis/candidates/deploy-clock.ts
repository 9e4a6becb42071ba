import type { DeployRecord } from "../../ports/store.ts";
import { clock, short } from "../../text/format.ts";
import type { Case } from "../model.ts";
import { hourMs, wholeHoursAhead } from "./told-time.ts";

/** A deploy comes this soon after its commit landed, when its clock is taken to be whole hours behind. */
const soonMs = 30 * 60_000;
const farthestZoneMs = 14 * hourMs;

/** The case with the times of its deploys set right, by how reports came and by when commits landed. The notes say so. */
export const withDeployTimes = (told: Case): Case => {
  const { deploys, changeSets = [], commits, onsetAt } = told;
  const ahead = withDeployerClock(deploys, onsetAt);
  const landedAt = new Map<string, number>(commits.map(({ sha, at }) => [sha, at]));
  const notes = new Set(ahead.notes);
  const setRight = (deploy: DeployRecord): DeployRecord => {
    const at = laterBy(deploy.at, landedAt.get(deploy.sha));
    if (at === undefined || at > onsetAt) return deploy;
    notes.add(
      `the deploy of ${short(deploy.sha)} is told for ${clock(deploy.at)}, before its commit landed: the deployer's clock is behind, and it is taken for ${clock(at)}`,
    );
    return { ...deploy, at };
  };
  const set = ahead.deploys.map(setRight);
  const sets = changeSets.map((one) => ({ ...one, deploy: setRight(one.deploy) }));
  if (notes.size === 0) return told;
  return {
    ...{ ...told, deploys: set, unread: [...new Set([...(told.unread ?? []), ...notes])] },
    ...(told.changeSets !== undefined && { changeSets: sets }),
  };
};

/** A clock that is ahead by less only goes badly. */
const skewMs = 5 * 60_000;

/** The whole hours by which a report is ahead of the time at which it came, when it tells of a deploy of the last minutes. */
const hoursAhead = ({ heard }: DeployRecord): number =>
  heard === undefined || heard.told - heard.at <= skewMs ? 0 : (wholeHoursAhead(heard) ?? 0);

type Set = { deploys: DeployRecord[]; notes: string[] };

/**
 * The deploys with the times of a deployer set right whose clock is whole hours ahead, as most of its reports tell. A report that came late
 * does not show it by itself: 12:05, heard at 12:20, is of 11:05 by a clock that is an hour ahead. Records of earlier releases stay as they are.
 */
export const withDeployerClock = (deploys: DeployRecord[], onsetAt: number): Set => {
  const set = [...Map.groupBy(deploys, ({ service }) => service).values()].map((own) => ofOne(own, onsetAt));
  const notes = set.flatMap((one) => one.notes);
  if (notes.length === 0) return { deploys, notes };
  return { deploys: set.flatMap((one) => one.deploys).toSorted((a, b) => b.at - a.at), notes };
};

const ofOne = (deploys: DeployRecord[], onsetAt: number): Set => {
  const told = deploys.filter(({ heard }) => heard !== undefined).map(hoursAhead);
  const hours = told.toSorted((a, b) => a - b)[Math.floor((told.length - 1) / 2)] ?? 0;
  if (hours === 0) return { deploys, notes: doubtsOf(deploys, onsetAt).slice(0, mostNotes) };
  const notes = new Set<string>();
  const set = (deploy: DeployRecord): DeployRecord => {
    const at = deploy.heard === undefined ? deploy.at : deploy.heard.told - hours * hourMs;
    if (deploy.heard === undefined || at === deploy.at) return deploy;
    notes.add(
      `the deployer's clock is ${hours} h ahead, by most of its reports: the deploy of ${short(deploy.sha)}, told for ${clock(deploy.heard.told)}, is taken for ${clock(at)}`,
    );
    return { ...deploy, at };
  };
  return { deploys: deploys.map(set), notes: [...notes].slice(0, mostNotes) };
};
const mostNotes = 2;

/**
 * Sentences about deploys that count as told after the onset and may have been before it. A clock that is 17 min ahead and one that is an hour
 * ahead, whose report came 43 min late, tell the same.
 */
const doubtsOf = (deploys: DeployRecord[], onsetAt: number): string[] =>
  deploys.flatMap(({ sha, at, heard }) => {
    if (heard === undefined || at !== heard.at || heard.told - heard.at <= skewMs) return [];
    const earliest = heard.told - Math.ceil((heard.told - heard.at) / hourMs) * hourMs;
    if (earliest > onsetAt || at <= onsetAt) return [];
    return [
      `the deploy of ${short(sha)} was told for ${clock(heard.told)} when it was ${clock(heard.at)}: the deployer's clock is ahead, and one report does not show by how much. It counts from ${clock(at)}, and may have been at ${clock(earliest)}, before the trouble began`,
    ];
  });

/** The first whole hours after `told` that are not before the landing. Undefined where the clock does not explain the difference. */
const laterBy = (told: number, landed = told): number | undefined => {
  const missing = landed - told;
  if (missing <= 0 || missing > farthestZoneMs) return undefined;
  const at = told + Math.ceil(missing / hourMs) * hourMs;
  return at - landed <= soonMs ? at : undefined;
};
