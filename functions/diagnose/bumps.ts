import type { BumpedCommits } from "../../shared/diagnosis/model.ts";
import { bumpText } from "../../shared/diagnosis/rollback.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { Commit } from "../../shared/ports/history.ts";
import type { Image } from "../../shared/ports/registry.ts";
import type { GitopsPlace, Service } from "../../shared/ports/service.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";
import { botOf } from "../../shared/remedy/rollback/bot.ts";
import { type Bump, bumpsOf, isBumpOnly, mayPin } from "../../shared/remedy/rollback/bumps.ts";
import type { Work } from "../step.ts";
import { type Behind, commitBehind, imageOf, type Origin } from "./image.ts";

/** GitOps commits that are read, the newest first; files of one; application commits of one bump. */
const limits = { commits: 10, files: 20, behind: 30, listed: 1000 };

type Given = {
  service: Service;
  place: GitopsPlace;
  environment: string;
  /** The commits of the GitOps repository. */
  commits: Commit[];
  /** The time at which a commit went live, epoch ms; undefined for one that was not live when the trouble began. */
  liveAt: (commit: Commit) => number | undefined;
};
type BumpWork = Pick<Work, "history" | "trees" | "registry" | "changes">;
export type Bumped = {
  bumps: BumpedCommits[];
  /** Application commits behind them. */
  commits: Commit[];
  /** The deploys of the application commits that the bumps brought live. */
  deploys: DeployRecord[];
  /** The deploy before the oldest bump that was not live when the trouble began. */
  former?: DeployRecord;
  /** GitOps commits that did nothing but bring those. */
  bumpOnlyCommits: string[];
  unread: string[];
};

/** The bumps among the commits of the GitOps repository, and the application commits behind each. */
export const bumpsBehind = async (work: BumpWork, given: Given): Promise<Bumped> => {
  const read = given.commits
    .filter(({ paths, parents }) => paths.some(mayPin) && parents.length > 0)
    .sort((a, b) => b.at - a.at)
    .slice(0, limits.commits);
  const unread = new Set<string>();
  const all = await Promise.all(read.map((commit) => readBump(work, given, { commit, unread })));
  const found = all.filter((one) => one !== undefined);
  const former = found.findLast((one) => one.former !== undefined)?.former;
  return {
    bumps: found.map(({ bump }) => bump),
    commits: found.flatMap(({ commits }) => commits),
    deploys: found.flatMap(({ deploys }) => deploys),
    ...(former === undefined ? {} : { former }),
    bumpOnlyCommits: found.filter(({ only }) => only).map(({ bump }) => bump.sha),
    unread: [...unread],
  };
};

type Read = Omit<Bumped, "bumps" | "bumpOnlyCommits" | "unread"> & { bump: BumpedCommits; only: boolean };

const readBump = async (
  work: BumpWork,
  { service, place, environment, liveAt }: Given,
  { commit, unread }: { commit: Commit; unread: Set<string> },
): Promise<Read | undefined> => {
  const gitops = { ...service, ...place };
  const files = await work.trees.texts(gitops, { sha: commit.sha, wanted: mayPin, limit: limits.files });
  const bumps = bumpsOf(files);
  if (bumps.length === 0) return undefined;
  const { sha, title } = commit;
  const text = bumpText(bumps, botOf(commit, bumps));
  const at = liveAt(commit);
  const record = (sha: string, at: number, version: string): DeployRecord => ({
    ...{ service: service.name, environment, sha, status: "succeeded", at, version },
    url: commit.url,
  });
  const unmoved: Read = { bump: { sha, title, commits: [], text }, commits: [], deploys: [], only: false };
  if (at === undefined) {
    const former = await formerOf(work, service, { bumps, unread });
    if (former === undefined) return unmoved;
    return { ...unmoved, former: record(former.commit.sha, former.commit.at, former.version) };
  }
  const moved = await movedOf(work, service, { bumps, unread });
  if (moved === undefined || moved.shas.length === 0) return unmoved;
  const { from, to, shas, commits, bump } = moved;
  return {
    bump: { sha, title, deployed: to.commit.sha, commits: shas, text: `${text}; ${to.proof}` },
    commits,
    deploys: [
      ...(from ? [record(from.commit.sha, Math.min(from.commit.at, at - 1), bump.from)] : []),
      record(to.commit.sha, at, bump.to),
    ],
    only: isBumpOnly(files, bumps) && commit.paths.every((path) => files.some((file) => file.path === path)),
  };
};

type Bumps = { bumps: Bump[]; unread: Set<string> };

const lookUp = async (
  work: BumpWork,
  service: Service,
  { bump: { name, field }, version, unread }: { bump: Bump; version: string; unread: Set<string> },
): Promise<Behind | undefined> => {
  const pinned = { field, version, ...(name !== undefined && { name }) };
  const image = imageOf(pinned);
  const origin = image && (await askRegistry(work, image, unread));
  return commitBehind(work.history, service, { ...pinned, origin });
};

/** The application commit that ran before the first bump that is the service's own. */
const formerOf = async (
  work: BumpWork,
  service: Service,
  { bumps, unread }: Bumps,
): Promise<(Behind & { version: string }) | undefined> => {
  for (const bump of bumps.filter(({ aside }) => !aside)) {
    const from = await lookUp(work, service, { bump, version: bump.from, unread });
    if (from !== undefined) return { ...from, version: bump.from };
  }
  return undefined;
};

type Moved = {
  bump: Bump;
  from: Behind | undefined;
  to: Behind;
  shas: string[];
  /** Read where the deploys that are made of them are not. */
  commits: Commit[];
};

/** The application commits between what the first bump that is the service's own ran before, and what it runs since. */
const movedOf = async (
  work: BumpWork,
  service: Service,
  { bumps, unread }: Bumps,
): Promise<Moved | undefined> => {
  for (const bump of bumps.filter(({ aside }) => !aside)) {
    const to = await lookUp(work, service, { bump, version: bump.to, unread });
    if (to === undefined) continue;
    const from = await lookUp(work, service, { bump, version: bump.from, unread });
    return { bump, from, to, ...(await broughtBetween(work, service, { from, to })) };
  }
  return undefined;
};

type Range = { from: Behind | undefined; to: Behind };

const broughtBetween = async (
  { history, changes }: BumpWork,
  service: Service,
  { from, to }: Range,
): Promise<Pick<Moved, "shas" | "commits">> => {
  if (from === undefined) return { shas: [to.commit.sha], commits: [to.commit] };
  const range = { from: from.commit.sha, to: to.commit.sha };
  if (changes === undefined) {
    const commits = await history.between(service, { ...range, limit: limits.behind });
    return { shas: commits.map(({ sha }) => sha), commits };
  }
  const compared = await changes.compare(service, { ...range, limit: limits.listed });
  return { shas: (compared?.commits ?? []).map(({ sha }) => sha), commits: [] };
};

/** A registry that cannot be read is told: weaker proofs are still proofs. */
const askRegistry = async (
  { registry }: Pick<Work, "registry">,
  image: Image,
  unread: Set<string>,
): Promise<Origin> => {
  try {
    return await registry?.origin(image);
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    unread.add(`what ${image.name} says of its origin could not be read (${error.message})`);
    return undefined;
  }
};
