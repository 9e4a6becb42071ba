import type { Commit } from "../../ports/history.ts";
import type { DeployRecord } from "../../ports/store.ts";
import type { Case } from "../model.ts";
import { deploysBefore, firstDeployMs, liveAtOf, liveByChangeSets, mayHaveBrought } from "./before-onset.ts";
import type { Live } from "./live.ts";

type Landed = Pick<Case, "commits" | "history" | "deploys" | "onsetAt">;
type Line = {
  indexOf: (change: { sha: string }) => number;
  deploys: DeployRecord[];
  onsetAt: number;
  rolledBack?: Rollback;
};

/** A deploy of what had run before, over something newer. */
type Rollback = { at: number; sha: string; from: string; service: string };

/** The deploys of one history up to the onset, the oldest first, and the rollback that was the last of them. */
const lineOf = ({ commits, history, deploys, onsetAt }: Landed): Line => {
  const order = new Map(history.map((sha, index) => [sha, index]));
  const indexOf = ({ sha }: { sha: string }): number => order.get(sha) ?? history.length;
  const earliest = commits.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY);
  // A deployed sha that is not in the history is of another branch, unless it is older than all that is looked at.
  const usable = deploysBefore(deploys, onsetAt)
    .filter(({ sha, at }) => order.has(sha) || at < earliest)
    .sort((a, b) => a.at - b.at);
  const rolledBack = lastRollback(usable.filter(({ at }) => at <= onsetAt));
  return { indexOf, deploys: usable, onsetAt, ...(rolledBack === undefined ? {} : { rolledBack }) };
};

const lastRollback = (deploys: DeployRecord[]): Rollback | undefined => {
  const done = deploys.filter(({ status }) => status === "succeeded");
  const last = done.at(-1);
  const before = done.at(-2);
  if (last === undefined || before === undefined || last.sha === before.sha) return undefined;
  const ranBefore = done.slice(0, -2).some(({ sha }) => sha === last.sha);
  return ranBefore ? { at: last.at, sha: last.sha, from: before.sha, service: last.service } : undefined;
};

/**
 * The time at which each commit went live, for those that were live at the onset. A commit went live with the first deploy of it or of a
 * newer one, or else with the first rollout of it that failed or has not ended. Without deploy records, the landing counts. A commit that a
 * rollback removed is not live.
 */
export const liveAtOnset = (given: Landed): Map<string, Live> => {
  const line = lineOf(given);
  const live = new Map<string, Live>();
  for (const commit of given.commits) {
    const since = liveSince(commit, line);
    if (since !== undefined) live.set(commit.sha, since);
  }
  return live;
};

const liveSince = (commit: Commit, line: Line): Live | undefined => {
  const { indexOf, rolledBack, onsetAt } = line;
  const deploys = line.deploys.filter((deploy) => mayHaveBrought(deploy, commit, onsetAt));
  const done = deploys.filter(({ status }) => status === "succeeded");
  const [oldest] = done;
  if (oldest === undefined || indexOf(commit) >= indexOf(oldest)) return heldByFirst(commit, line);
  const isTakenAway = rolledBack !== undefined && indexOf(commit) < indexOf(rolledBack);
  const holds = (deploy: DeployRecord): boolean => indexOf(commit) >= indexOf(deploy);
  const first = isTakenAway ? undefined : done.find(holds);
  const attempt =
    first ??
    deploys.find((deploy) => deploy.status !== "succeeded" && holds(deploy) && !isPast(deploy, rolledBack));
  return attempt === undefined ? undefined : broughtBy(attempt, line);
};

/** A rollout before the rollback is over. */
const isPast = ({ at }: DeployRecord, rolledBack: Rollback | undefined): boolean =>
  rolledBack !== undefined && at < rolledBack.at;

/** A commit without a deploy before it counts as live since it landed, unless the first deploy came soon after. */
const heldByFirst = (commit: Commit, line: Line): Live | undefined => {
  const { indexOf, deploys, onsetAt } = line;
  const [oldest] = deploys.filter(({ status }) => status === "succeeded");
  const attempt = deploys.find(
    (deploy) => deploy.status !== "succeeded" && indexOf(commit) === indexOf(deploy),
  );
  if (oldest === undefined && attempt !== undefined) return broughtBy(attempt, line);
  if (commit.at > onsetAt) return undefined;
  if (oldest === undefined) return { at: commit.at, by: "landing" };
  const isFresh = indexOf(commit) === indexOf(oldest) || commit.at > oldest.at - firstDeployMs;
  return isFresh && deploys.length === 1
    ? { ...liveAtOf(oldest, onsetAt), by: "deploy", service: oldest.service, deploy: { sha: oldest.sha } }
    : { at: Math.min(commit.at, oldest.at), by: "landing" };
};

const broughtBy = (deploy: DeployRecord, { indexOf, deploys, onsetAt }: Line): Live => {
  const before = deploys.filter(({ status, at }) => status === "succeeded" && at < deploy.at).at(-1);
  const isOlder = before !== undefined && indexOf(before) > indexOf(deploy);
  const known = isOlder && before.sha !== deploy.sha ? { from: before.sha } : {};
  return {
    ...{ ...liveAtOf(deploy, onsetAt), by: "deploy", service: deploy.service },
    deploy: { sha: deploy.sha, ...known },
    ...(deploy.status === "succeeded" ? {} : { rollout: deploy.status }),
  };
};

/** The rollback that was the service's last deploy before the onset. */
export const rollbackBefore = (given: Case): Rollback | undefined => {
  const { service, deploys, onsetAt } = given;
  const own = deploys.filter((deploy) => deploy.at <= onsetAt && [deploy.service, ""].includes(service));
  return lastRollback(own.toSorted((a, b) => a.at - b.at));
};

/** The same where several services are deployed from one history: a commit goes live with the services whose name its paths carry. */
const liveByService = (given: Landed & { service: string }): Map<string, Live> => {
  const services = [...new Set(given.deploys.map(({ service }) => service))];
  if (services.length < 2) return liveAtOnset(given);
  const by = new Map(
    services.map((service) => [
      service,
      liveAtOnset({ ...given, deploys: given.deploys.filter((deploy) => deploy.service === service) }),
    ]),
  );
  const live = new Map<string, Live>();
  for (const commit of given.commits) {
    const own = ownersOf(commit, services);
    const asked = own.length > 0 ? own : services.includes(given.service) ? [given.service] : services;
    const lives = asked.flatMap((service) => by.get(service)?.get(commit.sha) ?? []);
    const first = lives.toSorted((a, b) => (a.by === b.by ? a.at - b.at : a.by === "deploy" ? -1 : 1))[0];
    if (first !== undefined) live.set(commit.sha, first);
  }
  return live;
};

/** The services whose name a commit's paths carry as a folder, or as the beginning of a folder's or file's name. */
export const ownersOf = ({ paths }: Pick<Commit, "paths">, services: string[]): string[] => {
  const parts = new Set(paths.flatMap((path) => path.split("/")));
  return services.filter((service) => [...parts].some((part) => isNamed(part, service)));
};

/** Whether a folder or a file is called by the service's name, or that and more. */
export const isNamed = (part: string, service: string): boolean =>
  part === service || (part.startsWith(service) && /^[-_.]/.test(part.slice(service.length)));

/** The same for everything that a case holds, what landed elsewhere by its own history and deploys. */
export const liveOf = (given: Case): Map<string, Live> => {
  const live = liveOfOne(given, () => liveByService(given));
  for (const other of given.elsewhere ?? [])
    for (const [sha, inHistory] of liveOfOne({ ...other, onsetAt: given.onsetAt }, () =>
      liveAtOnset({ ...other, onsetAt: given.onsetAt }),
    ))
      if (!live.has(sha)) live.set(sha, inHistory);
  return live;
};

/** Decided by ancestry where that was read, and else by the order of the history. */
const liveOfOne = (
  { commits, changeSets, deploys, onsetAt }: Pick<Case, "commits" | "changeSets" | "deploys" | "onsetAt">,
  byHistory: () => Map<string, Live>,
): Map<string, Live> =>
  changeSets === undefined ? byHistory() : liveByChangeSets({ commits, changeSets, deploys, onsetAt });

/** The number of commits that one deploy brought, so that no deploy separates them. */
export const deploySizes = (live: Map<string, Live>): Map<string, number> => {
  const count = new Map<number, number>();
  for (const { at, by } of live.values()) if (by === "deploy") count.set(at, (count.get(at) ?? 0) + 1);
  return new Map([...live].map(([sha, { at, by }]) => [sha, by === "deploy" ? (count.get(at) ?? 1) : 1]));
};
