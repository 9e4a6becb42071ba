import type { DeployRecord } from "../../ports/store.ts";

const minute = 60_000;
/** How long before and after it is told a deploy's version may be seen first. */
const around = { before: 2 * minute, after: 5 * minute };
/** Shorter beginnings of a sha tell too little. */
const leastSha = 7;

/**
 * The deploy that brought a version: the one of the same name, else the one whose sha the version holds (from seven digits on), else
 * the only one about which the version was first seen, at `since`. Undefined where several could be meant. Of several deploys of one
 * sha it is the first.
 */
export const deployOf = (
  version: string,
  deploys: DeployRecord[],
  since: number | undefined,
): DeployRecord | undefined => {
  const done = deploys.filter(({ status }) => status === "succeeded");
  const name = nameOf(version);
  const same = done.filter((deploy) => deploy.version !== undefined && nameOf(deploy.version) === name);
  if (same.length > 0) return only(same);
  const shas =
    version
      .slice(0, 200)
      .toLowerCase()
      .match(/(?<![0-9a-f])g?[0-9a-f]{7,40}(?![0-9a-z])/g) ?? [];
  const held = done.filter(({ sha }) => shas.some((one) => isBeginning(one.replace(/^g/, ""), sha)));
  if (held.length > 0) return only(held);
  if (since === undefined) return undefined;
  return only(done.filter(({ at }) => since >= at - around.before && since <= at + around.after));
};

const nameOf = (version: string): string => version.trim().replace(/^v(?=\d)/i, "");
const isBeginning = (digits: string, sha: string): boolean =>
  digits.length >= leastSha && sha.toLowerCase().startsWith(digits);

const only = (deploys: DeployRecord[]): DeployRecord | undefined => {
  const [first] = deploys.toSorted((a, b) => a.at - b.at);
  return deploys.every(({ sha }) => sha === first?.sha) ? first : undefined;
};
