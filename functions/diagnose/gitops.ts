import { isOfEnvironment } from "../../shared/diagnosis/candidates/environments.ts";
import { liveAtOnset } from "../../shared/diagnosis/in-production/at-onset.ts";
import type { Elsewhere } from "../../shared/diagnosis/model.ts";
import { UpstreamError } from "../../shared/errors.ts";
import { undeployedText } from "../../shared/incident/diagnosis/undeployed.ts";
import type { Undeployed } from "../../shared/incident/model.ts";
import type { Commit } from "../../shared/ports/history.ts";
import type { GitopsPlace } from "../../shared/ports/service.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";
import type { Work } from "../step.ts";
import { type Bumped, bumpsBehind } from "./bumps.ts";
import { readLanded } from "./changes/read.ts";
import { landedShortlyBefore } from "./changes/undeployed.ts";
import type { DiagnosisQuery } from "./query.ts";

const limit = 15;

/** The changes of the GitOps repository, and the application commits that its bumps brought. `shas` are its commits. */
export type GitopsChanges = Omit<Bumped, "bumpOnlyCommits" | "unread"> & {
  elsewhere: Elsewhere[];
  shas: Set<string>;
  undeployed: Undeployed[];
  notes: string[];
};

const nothing = { bumps: [], commits: [], deploys: [], bumpOnlyCommits: [], unread: [] };

/** Reads every GitOps repository of the service; one that cannot be read is among the notes. */
export const readGitopsChanges = async (work: Work, query: DiagnosisQuery): Promise<GitopsChanges> => {
  const { gitops = [] } = query.own;
  const read = await Promise.all(gitops.map((place, index) => readOrNote(work, query, { place, index })));
  return {
    bumps: read.flatMap(({ bumps }) => bumps),
    commits: read.flatMap(({ commits }) => commits),
    // The first repository with a bump of the service says what runs.
    deploys: read.find(({ deploys }) => deploys.length > 0)?.deploys ?? [],
    ...formerOf(read),
    elsewhere: read.flatMap(({ elsewhere }) => elsewhere),
    shas: new Set(read.flatMap(({ shas }) => [...shas])),
    undeployed: read.flatMap(({ undeployed }) => undeployed),
    notes: read.flatMap(({ notes }) => notes),
  };
};

const formerOf = (read: GitopsChanges[]): Pick<GitopsChanges, "former"> => {
  const former = read.find((one) => one.former !== undefined)?.former;
  return former === undefined ? {} : { former };
};

type IndexedPlace = { place: GitopsPlace; index: number };

const readOrNote = async (work: Work, query: DiagnosisQuery, given: IndexedPlace): Promise<GitopsChanges> => {
  try {
    return await readPlace(work, query, given);
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    const which = given.index === 0 ? "its GitOps repository" : given.place.repository;
    const note = `the commits of ${which} could not be looked at: ${error.message}`;
    return { ...nothing, elsewhere: [], shas: new Set<string>(), undeployed: [], notes: [note] };
  }
};

const readPlace = async (
  work: Work,
  query: DiagnosisQuery,
  { place, index }: IndexedPlace,
): Promise<GitopsChanges> => {
  const { own, environment, onsetAt, symptom, errors, deploys } = query;
  const target = { ...own, ...place };
  const { commits, history, notes } = await readLanded(work, {
    target,
    deploys: [],
    ...{ onsetAt, symptom, errors, limit },
  });
  const shas = new Set(history);
  const repository = index === 0 ? {} : { repository: place.repository };
  const told: Elsewhere = {
    ...{ service: own.name, in: "gitops", ...repository, history },
    // A deployer may report commits of the GitOps repository, of the application's, or of both.
    deploys: deploys.filter(({ sha }) => shas.has(sha)),
    commits: commits.filter((commit) => isOf(commit, environment)),
  };
  const waiting = undeployedOf(told, onsetAt);
  const assumed = query.isLastLook ? assumedDeploys(query, waiting) : [];
  const applied =
    told.deploys.length === 0 ? assumedDeploys(query, told.commits.filter(untold(deploys))) : [];
  const landed = { ...told, deploys: [...told.deploys, ...assumed, ...applied] };
  const bumped = await bumpsOrNote(work, query, { place, landed });
  const suspects = landed.commits.filter(({ sha }) => !bumped.bumpOnlyCommits.includes(sha));
  return {
    ...bumped,
    bumps: bumped.bumps.map((bump) => ({ ...bump, ...repository })),
    undeployed: assumed.length === 0 ? waiting : [],
    ...{ shas, elsewhere: [{ ...landed, commits: suspects }] },
    notes: [...notes, ...assumedNotes(waiting, assumed), ...bumped.unread],
  };
};

/** The longest time from a landing to the report of the deploy that a controller made of it. */
const reportMs = 60 * 60_000;

/** Tells the changes after which no deploy was told. Where no deployer tells of the repository's commits, a controller applies what lands. */
const untold =
  (deploys: DeployRecord[]) =>
  (landed: Commit): boolean =>
    !deploys.some(({ at }) => at >= landed.at && at <= landed.at + reportMs);

/** A controller applies what lands within minutes, also when nobody tells it. */
const assumedDeploys = (
  { own, environment }: DiagnosisQuery,
  landed: Pick<Undeployed, "sha" | "at">[],
): DeployRecord[] =>
  landed.map(({ sha, at }) => ({ service: own.name, environment, sha, status: "succeeded", at }));

const assumedNotes = (waiting: Undeployed[], assumed: DeployRecord[]): string[] =>
  assumed.length === 0 ? [] : [`${undeployedText(waiting)}: taken as live since then`];

/**
 * The changes that landed after the latest deployed commit. Without any deploy, every landed change is live. Where none of them ever was,
 * what lands is live.
 */
const undeployedOf = ({ commits, history, deploys }: Elsewhere, onsetAt: number): Undeployed[] => {
  const latest = deploys.toSorted((a, b) => b.at - a.at)[0];
  if (latest === undefined) return [];
  const newer = new Set(history.slice(0, history.indexOf(latest.sha)));
  return commits
    .filter((commit) => newer.has(commit.sha) && landedShortlyBefore(onsetAt, commit))
    .map(({ sha, title, at }) => ({ sha, title, at }));
};

const isOf = ({ paths }: Commit, environment: string): boolean =>
  paths.length === 0 || paths.some((path) => isOfEnvironment(path, environment));

type Landed = { place: GitopsPlace; landed: Elsewhere };

const bumpsOrNote = async (work: Work, query: DiagnosisQuery, { place, landed }: Landed): Promise<Bumped> => {
  const { own, environment, onsetAt } = query;
  const live = liveAtOnset({ ...landed, onsetAt });
  try {
    return await bumpsBehind(work, {
      ...{ service: own, place, environment, commits: landed.commits },
      liveAt: ({ sha }) => live.get(sha)?.at,
    });
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    const what = "what the bumps of its GitOps repository brought could not be looked at";
    return { ...nothing, unread: [`${what}: ${error.message}`] };
  }
};
