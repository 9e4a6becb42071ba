import { ownPaths, touches } from "../ranking/service-paths.ts";
import type { Window } from "../ranking/window.ts";
import { type Feature, perWindow } from "./feature.ts";

const serviceRanks = perWindow(({ candidates, servicePaths }: Window) => {
  const own = new Map<number, number>();
  if (servicePaths.length > 0)
    for (const candidate of candidates)
      if (touches(candidate, servicePaths)) own.set(candidate.rank, own.size);
  return own;
});
const inService: Feature = ({ rank }, window) => (serviceRanks(window).has(rank) ? 1 : 0);
const serviceRank: Feature = ({ rank }, window) => Math.log1p(serviceRanks(window).get(rank) ?? 0);
const serviceNewest: Feature = ({ rank }, window) => (serviceRanks(window).get(rank) === 0 ? 1 : 0);
const serviceSecond: Feature = ({ rank }, window) => (serviceRanks(window).get(rank) === 1 ? 1 : 0);
/** The share of the change's files that belong to the service. */
const serviceShare: Feature = ({ commit }, { servicePaths }) =>
  ownPaths(commit, servicePaths).length / Math.max(1, commit.paths.length);
/** Recency matters less than place once the service's paths are known. */
const rankWithPaths: Feature = ({ newer }, { servicePaths }) =>
  servicePaths.length === 0 ? 0 : Math.log1p(newer);
const ageWithPaths: Feature = ({ age }, { servicePaths }) =>
  servicePaths.length === 0 ? 0 : Math.log1p(age / 60_000);
const serviceAge: Feature = ({ rank, age }, window) =>
  serviceRanks(window).has(rank) ? Math.log1p(age / 60_000) : 0;

export const paths = {
  inService,
  serviceRank,
  serviceNewest,
  serviceSecond,
  serviceShare,
  rankWithPaths,
  ageWithPaths,
  serviceAge,
} satisfies Record<string, Feature>;
