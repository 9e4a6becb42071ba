import type { DeployRecord } from "../../ports/store.ts";
import type { Rollout } from "../candidates/rollouts.ts";

const minute = 60_000;
/** The time before and after a deploy's report in which its version may be seen first. */
const firstSeen = { before: 2 * minute, after: 5 * minute };
/** Shorter beginnings of a sha tell too little. */
const leastSha = 7;

/**
 * The deploy that brought a version: the one of the same name, else the one whose sha the version holds (from seven digits on), else
 * the only one about which the version was first seen, at `since`. Undefined where several could be meant. Of several deploys of one
 * sha it is the first.
 */
export const deployOfVersion = (
  version: string,
  deploys: Rollout[],
  since: number | undefined,
): DeployRecord | undefined => {
  const done = deploys.filter(({ status }) => status === "succeeded");
  const name = nameOf(version);
  const byName = done.filter((deploy) => deploy.version !== undefined && nameOf(deploy.version) === name);
  if (byName.length > 0) return only(byName);
  const shas =
    version
      .slice(0, 200)
      .toLowerCase()
      .match(/(?<![0-9a-f])g?[0-9a-f]{7,40}(?![0-9a-z])/g) ?? [];
  const bySha = done.filter(({ sha }) => shas.some((one) => isBeginning(one.replace(/^g/, ""), sha)));
  if (bySha.length > 0) return only(bySha);
  if (since === undefined) return undefined;
  return only(
    done.filter(
      ({ at, beganAt = at }) => since >= beganAt - firstSeen.before && since <= at + firstSeen.after,
    ),
  );
};

const nameOf = (version: string): string => version.trim().replace(/^v(?=\d)/i, "");
const isBeginning = (digits: string, sha: string): boolean =>
  digits.length >= leastSha && sha.toLowerCase().startsWith(digits);

const only = (deploys: DeployRecord[]): DeployRecord | undefined => {
  const [first] = deploys.toSorted((a, b) => a.at - b.at);
  return deploys.every(({ sha }) => sha === first?.sha) ? first : undefined;
};
