import { isOfEnvironment } from "../../shared/diagnosis/candidates/environments.ts";
import { liveAtOnset } from "../../shared/diagnosis/deployed.ts";
import type { Elsewhere } from "../../shared/diagnosis/model.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { Commit } from "../../shared/ports/history.ts";
import type { Work } from "../step.ts";
import type { Asked } from "./asked.ts";
import { type Bumped, bumpsBehind } from "./bumps.ts";
import { readLanded } from "./changes/read.ts";

const limit = 15;

/** What landed in the GitOps repository, and what its bumps brought of the application. `shas` are its commits. */
export type Configuration = Omit<Bumped, "bumpOnlyCommits" | "unread"> & {
  elsewhere: Elsewhere[];
  shas: Set<string>;
  notes: string[];
};

const nothing = { bumps: [], commits: [], deploys: [], bumpOnlyCommits: [], unread: [] };

export const readConfiguration = async (work: Work, asked: Asked): Promise<Configuration> => {
  const none = { ...nothing, elsewhere: [], shas: new Set<string>() };
  if (asked.own.gitops === undefined) return { ...none, notes: [] };
  try {
    return await read(work, asked, asked.own.gitops);
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    return {
      ...none,
      notes: [`the commits of its GitOps repository could not be looked at: ${error.message}`],
    };
  }
};

const read = async (
  work: Work,
  asked: Asked,
  gitops: NonNullable<Asked["own"]["gitops"]>,
): Promise<Configuration> => {
  const { own, environment, onsetAt, symptom, deploys } = asked;
  const target = { ...own, ...gitops };
  const { commits, history, notes } = await readLanded(work, {
    target,
    deploys: [],
    onsetAt,
    symptom,
    limit,
  });
  const shas = new Set(history);
  const landed: Elsewhere = {
    ...{ service: own.name, in: "gitops", history },
    // A deployer may report commits of the GitOps repository, of the application's, or of both.
    deploys: deploys.filter(({ sha }) => shas.has(sha)),
    commits: commits.filter((commit) => isOf(commit, environment)),
  };
  const bumped = await bumpsOrNote(work, asked, { gitops, landed });
  return {
    ...bumped,
    shas,
    elsewhere: [
      { ...landed, commits: landed.commits.filter(({ sha }) => !bumped.bumpOnlyCommits.includes(sha)) },
    ],
    notes: [...notes, ...bumped.unread],
  };
};

const isOf = ({ paths }: Commit, environment: string): boolean =>
  paths.length === 0 || paths.some((path) => isOfEnvironment(path, environment));

type Place = { gitops: NonNullable<Asked["own"]["gitops"]>; landed: Elsewhere };

const bumpsOrNote = async (work: Work, asked: Asked, { gitops, landed }: Place): Promise<Bumped> => {
  const { own, environment, onsetAt } = asked;
  const live = liveAtOnset({ ...landed, onsetAt });
  try {
    return await bumpsBehind(work, {
      ...{ service: { ...own, gitops }, environment, commits: landed.commits },
      liveAt: ({ sha }) => live.get(sha)?.at,
    });
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    const what = "what the bumps of its GitOps repository brought could not be looked at";
    return { ...nothing, unread: [`${what}: ${error.message}`] };
  }
};
