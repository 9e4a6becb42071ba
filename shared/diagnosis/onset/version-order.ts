import type { DeployRecord } from "../../ports/store.ts";
import type { Rollout } from "../candidates/rollouts.ts";
import type { Split, Version } from "./by-version.ts";
import { timeAt } from "./change-point.ts";
import { deployOfVersion } from "./version-deploy.ts";

/** Versions first seen within this time of each other count as seen at once. */
const slackMs = 120_000;

/** A version, those that were there before it, the latest first, and the deploy that brought it. */
export type Lineage = { newer: Version; formers: Version[]; deploy: DeployRecord | undefined };
type Known = { version: Version; since: number; deploy: DeployRecord | undefined };

/** Every version of a split with what it came after. */
export const lineages = ({ service, versions }: Split, all: Rollout[]): Lineage[] => {
  const deploys = all.filter((one) => one.service === service || one.service === "" || service === "");
  const begun = firstAt(versions[0]!);
  const known = versions.map((version): Known => {
    const since = firstAt(version);
    const seen = since > begun + slackMs ? since : undefined;
    return { version, since, deploy: deployOfVersion(version.version, deploys, seen) };
  });
  return known.map((newer) => ({
    newer: newer.version,
    formers: known
      .filter((one) => isOlder(one, newer))
      .toSorted((a, b) => b.since - a.since)
      .map(({ version }) => version),
    deploy: newer.deploy,
  }));
};

/** Deploys decide which of two versions is older, else the time when each was first seen. Of versions seen at once, neither is older. */
const isOlder = (a: Known, b: Known): boolean => {
  if (a === b || (a.deploy !== undefined && a.deploy.sha === b.deploy?.sha)) return false;
  if (a.deploy !== undefined && b.deploy !== undefined && a.deploy.at !== b.deploy.at)
    return a.deploy.at < b.deploy.at;
  return a.since + slackMs < b.since;
};
export const firstAt = ({ points }: Version): number => timeAt(points, 0);
