import type { Configured } from "../../shared/config.ts";
import { liveAtOnset } from "../../shared/diagnosis/deployed.ts";
import type { Case, Elsewhere } from "../../shared/diagnosis/model.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { Owner } from "../../shared/incident/model.ts";
import type { Service } from "../../shared/ports/service.ts";
import type { FlipRecord } from "../../shared/ports/store.ts";
import type { Work } from "../step.ts";
import { type Bumped, bumpsBehind } from "./bumps.ts";

const day = 24 * 60 * 60 * 1000;
/** How far back a change may lie, and how many are looked at. */
const lookBackMs = 7 * day;
const limits = { own: 30, elsewhere: 15, dependencies: 5 };
/** A deploy older than every change that is looked at tells that none of them was live before the next one. */
const deploysBackMs = 90 * day;
/** The onset may be found to be up to a day before the incident's, and a flag a day before that. */
const flagsBackMs = 2 * day;

/** An incident as its changes are looked for. */
export type Trouble = { service: string; environment: string; onsetAt: number };
/** What is looked at beside the service itself. */
type Beside = { elsewhere: Elsewhere[]; flips?: FlipRecord[] };
type Gathered = Pick<
  Case,
  "commits" | "history" | "deploys" | "elsewhere" | "bumps" | "flags" | "dependsOn" | "unread"
>;

/**
 * The commits that may be to blame: the service's own, those of its GitOps repository, and those of the services it depends on. Only
 * its own must be readable; what else cannot be read is left out and told.
 */
export const gather = async (work: Work, trouble: Trouble): Promise<Gathered> => {
  const { store, serviceOf } = work;
  const { service, environment, onsetAt } = trouble;
  const own = serviceOf(service);
  const dependencies = (own.dependsOn ?? []).slice(0, limits.dependencies);
  const [changes, { deploys, flips }, gitops, ...others] = await Promise.all([
    landed(work, { target: own, onsetAt, limit: limits.own }),
    store.changes(service, environment, onsetAt - deploysBackMs),
    orUnread(`the commits of its GitOps repository`, () => configuration(work, own, trouble)),
    ...dependencies.map((name) =>
      orUnread(`the commits of ${name}, which it depends on,`, () =>
        dependency(work, { own, name }, trouble),
      ),
    ),
  ]);
  const read = [gitops, ...others];
  const elsewhere = read.flatMap((other) => ("unread" in other ? [] : other.elsewhere));
  const switched = [...flips, ...read.flatMap((other) => ("unread" in other ? [] : (other.flips ?? [])))];
  const flags = switched.filter(({ at }) => at >= onsetAt - flagsBackMs);
  const known = gitopsDeploys(deploys, elsewhere);
  const bumped = await behindBumps(work, { own, trouble, elsewhere: known });
  const unread = [...read.flatMap((other) => ("unread" in other ? other.unread : [])), ...bumped.unread];
  return {
    ...withBumps(changes, bumped),
    deploys: own.gitops === undefined ? deploys : applicationDeploys(deploys, changes.history, bumped),
    elsewhere: known.map((other) => withoutBumpOnly(other, bumped)),
    ...(bumped.bumps.length === 0 ? {} : { bumps: bumped.bumps }),
    ...(flags.length === 0 ? {} : { flags }),
    ...(dependencies.length === 0 ? {} : { dependsOn: dependencies }),
    ...(unread.length === 0 ? {} : { unread }),
  };
};

const behindBumps = async (
  work: Work,
  { own, trouble, elsewhere }: { own: Configured; trouble: Trouble; elsewhere: Elsewhere[] },
): Promise<Bumped> => {
  const { environment, onsetAt } = trouble;
  const configuration = elsewhere.find((other) => other.in === "gitops");
  const nothing = { bumps: [], commits: [], deploys: [], bumpOnlyCommits: [], unread: [] };
  if (own.gitops === undefined || configuration === undefined) return nothing;
  const live = liveAtOnset({ ...configuration, onsetAt });
  try {
    return await bumpsBehind(work, {
      ...{ service: { ...own, gitops: own.gitops }, environment, commits: configuration.commits },
      liveAt: ({ sha }) => live.get(sha)?.at,
    });
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    const what = "what the bumps of its GitOps repository brought could not be looked at";
    return { ...nothing, unread: [`${what}: ${error.message}`] };
  }
};

/** What bumps brought is looked at too, however old it is. */
const withBumps = <T extends Pick<Elsewhere, "commits">>(changes: T, { commits }: Bumped): T => {
  const known = new Set(changes.commits.map(({ sha }) => sha));
  const more = new Map(commits.filter(({ sha }) => !known.has(sha)).map((commit) => [commit.sha, commit]));
  return { ...changes, commits: [...changes.commits, ...more.values()] };
};

/** A commit that did nothing but bring others is no suspect beside them. */
const withoutBumpOnly = (other: Elsewhere, { bumpOnlyCommits }: Bumped): Elsewhere =>
  other.in === undefined
    ? other
    : { ...other, commits: other.commits.filter(({ sha }) => !bumpOnlyCommits.includes(sha)) };

const landed = async (
  { history: branch, clock }: Work,
  { target, onsetAt, limit }: { target: Service; onsetAt: number; limit: number },
): Promise<Pick<Elsewhere, "commits" | "history">> => {
  const range = { since: onsetAt - lookBackMs, until: clock() };
  const [commits, history] = await Promise.all([
    branch.commits(target, { ...range, limit }),
    branch.shas(target, range),
  ]);
  return { commits, history };
};

/** What more can be looked at is worth a sentence when it cannot, not a diagnosis. */
const orUnread = async (what: string, read: () => Promise<Beside>): Promise<Beside | { unread: string }> => {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    return { unread: `${what} could not be looked at: ${error.message}` };
  }
};

const configuration = async (work: Work, own: Configured, { service, onsetAt }: Trouble): Promise<Beside> => {
  if (own.gitops === undefined) return { elsewhere: [] };
  const target = { ...own, ...own.gitops };
  const changes = await landed(work, { target, onsetAt, limit: limits.elsewhere });
  return { elsewhere: [{ service, in: "gitops", ...changes, deploys: [] }] };
};

const dependency = async (
  work: Work,
  { own, name }: { own: Configured; name: string },
  { environment, onsetAt }: Trouble,
): Promise<Beside> => {
  const target = work.serviceOf(name);
  const [changes, { deploys, flips }] = await Promise.all([
    landed(work, { target, onsetAt, limit: limits.elsewhere }),
    work.store.changes(name, environment, onsetAt - deploysBackMs),
  ]);
  const owner = sameAuthority(own, target) ? {} : { of: ownerOf(target) };
  return { elsewhere: [{ service: name, ...owner, ...changes, deploys }], flips };
};

const ownerOf = ({ name, repository, approvers }: Service): Owner => ({
  service: name,
  repository,
  approvers,
});

/** The same people answer for both, in the same repository and branch: then a change of one may be taken back for the other. */
const sameAuthority = (a: Service, b: Service): boolean =>
  a.repository === b.repository &&
  a.branch === b.branch &&
  a.approvers.toSorted().join() === b.approvers.toSorted().join();

/** A deployer may report commits of the GitOps repository, of the application's, or of both: each history takes those that it holds. */
const gitopsDeploys = (deploys: Elsewhere["deploys"], elsewhere: Elsewhere[]): Elsewhere[] =>
  elsewhere.map((other) => {
    if (other.in === undefined) return other;
    const held = new Set(other.history);
    return { ...other, deploys: deploys.filter(({ sha }) => held.has(sha)) };
  });

/** Without deploys of the application on record, its bumps tell what went live and when. */
const applicationDeploys = (
  deploys: Elsewhere["deploys"],
  history: string[],
  bumped: Bumped,
): Elsewhere["deploys"] => {
  const held = new Set(history);
  return deploys.some(({ sha }) => held.has(sha)) ? deploys : bumped.deploys;
};
