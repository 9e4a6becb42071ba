import type { DeployRecord } from "../../ports/store.ts";

/** A deploy as it ended, and when its rollout began, where that was told. It serves from then on. */
export type Rollout = DeployRecord & { beganAt?: number };

/** A rollout that takes longer is not one with its end: a later deploy of the same commit may be. */
const longestMs = 6 * 60 * 60_000;
/** Reports of one deploy, such as those of its regions, come within this time; later ones are of another deploy of the commit. */
const apartMs = 30 * 60_000;

/**
 * Each rollout once, of each service: its beginning with its end. A deployer that tells both, or each region, does not deploy more often. A
 * deploy that is told twice counts from the first report.
 */
export const rolloutsOf = (deploys: DeployRecord[]): Rollout[] =>
  [...Map.groupBy(deploys, ({ service }) => service).values()].flatMap(ofOne);

const ofOne = (deploys: DeployRecord[]): Rollout[] => {
  const found: Rollout[] = [];
  const begun = new Map<string, DeployRecord>();
  let live: Rollout | undefined;
  let told = 0;
  for (const deploy of deploys.toSorted((a, b) => a.at - b.at)) {
    const { sha, status, at, version } = deploy;
    if (sha === live?.sha && at - told <= apartMs) {
      told = at;
      if (live.version === undefined && version !== undefined) live.version = version;
      continue;
    }
    const first = begun.get(sha);
    if (status === "started") {
      if (first === undefined || at - first.at > longestMs) begun.set(sha, deploy);
      continue;
    }
    begun.delete(sha);
    const ended: Rollout =
      first !== undefined && at - first.at <= longestMs
        ? { ...first, ...deploy, beganAt: first.at }
        : { ...deploy };
    found.push(ended);
    if (status === "succeeded") [live, told] = [ended, at];
  }
  return [...found, ...begun.values()];
};
