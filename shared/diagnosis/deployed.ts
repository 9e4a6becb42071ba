import type { Commit } from "../ports/history.ts";
import type { DeployRecord } from "../ports/store.ts";
import { liveByChangeSets } from "./candidates/live.ts";
import type { Case } from "./model.ts";

/** When a commit went live: `at` epoch ms and the deploy that brought it, or only an assumption from when it landed; `before` is ms before the onset. */
export type Live = {
  at: number;
  by: "deploy" | "landing";
  service?: string;
  before?: number;
  /** What the deploy that brought it deployed, and what ran before it, when that is known to be older. */
  deploy?: { sha: string; from?: string };
  /** The rollout that brought it failed, or had not ended. */
  rollout?: "failed" | "started";
};
type Landed = Pick<Case, "commits" | "history" | "deploys" | "onsetAt">;

/**
 * When each commit went live, for those that were live at the onset. A commit went live with the first deploy of it or of a newer
 * one. What the oldest deploy on record held may have been live long before it: that counts from when it landed, as everything does
 * without deploy records.
 */
export const liveAtOnset = ({ commits, history, deploys, onsetAt }: Landed): Map<string, Live> => {
  const order = new Map(history.map((sha, index) => [sha, index]));
  const positionOf = ({ sha }: { sha: string }): number => order.get(sha) ?? history.length;
  const earliest = commits.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY);
  // A deployed sha that is not in the history is of another branch, unless it is older than all that is looked at.
  const inHistory = deploys
    .filter(
      ({ status, sha, at }) => status === "succeeded" && at <= onsetAt && (order.has(sha) || at < earliest),
    )
    .sort((a, b) => a.at - b.at);
  const [oldest, ...later] = inHistory;
  const live = new Map<string, Live>();
  for (const commit of commits) {
    const heldBefore = oldest === undefined || positionOf(commit) >= positionOf(oldest);
    const firstDeploy = later.find((deploy) => positionOf(commit) >= positionOf(deploy));
    if (heldBefore && commit.at <= onsetAt)
      live.set(commit.sha, { at: Math.min(commit.at, oldest?.at ?? commit.at), by: "landing" });
    else if (!heldBefore && firstDeploy !== undefined) {
      const from = inHistory[inHistory.indexOf(firstDeploy) - 1]!.sha;
      const isOlder = order.has(from) && positionOf({ sha: from }) > positionOf(firstDeploy);
      live.set(commit.sha, {
        ...{ at: firstDeploy.at, by: "deploy", service: firstDeploy.service },
        deploy: { sha: firstDeploy.sha, ...(isOlder ? { from } : {}) },
      });
    }
  }
  return live;
};

/** The same where several services are deployed from one history: a commit goes live with the services whose name its paths carry. */
export const liveByService = (given: Landed & { service: string }): Map<string, Live> => {
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

/** By ancestry where that was read, and else by the order of the history. */
const liveOfOne = (
  { commits, changeSets, onsetAt }: Pick<Case, "commits" | "changeSets" | "onsetAt">,
  byHistory: () => Map<string, Live>,
): Map<string, Live> =>
  changeSets === undefined ? byHistory() : liveByChangeSets({ commits, changeSets, onsetAt });

/** How many of the commits one deploy brought: those that no deploy tells apart. */
export const deploySizes = (live: Map<string, Live>): Map<string, number> => {
  const count = new Map<number, number>();
  for (const { at, by } of live.values()) if (by === "deploy") count.set(at, (count.get(at) ?? 0) + 1);
  return new Map([...live].map(([sha, { at, by }]) => [sha, by === "deploy" ? (count.get(at) ?? 1) : 1]));
};

export const newestDeploy = (deploys: DeployRecord[], onsetAt: number): DeployRecord | undefined =>
  deploys
    .filter(({ status, at }) => status === "succeeded" && at <= onsetAt)
    .toSorted((a, b) => b.at - a.at)[0];
