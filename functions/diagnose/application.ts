import type { Case } from "../../shared/diagnosis/model.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";
import type { Work } from "../step.ts";
import type { Found } from "./changes/query.ts";
import { readChanges } from "./changes/read.ts";
import { declaredDeploy } from "./declared.ts";
import type { GitopsChanges } from "./gitops.ts";
import type { DiagnosisQuery } from "./query.ts";

const limit = 30;

export type Application = Pick<Case, "commits" | "history" | "deploys" | "changeSets"> &
  Pick<Found, "undeployed" | "notes">;

/** The service's own changes: by its deploys on record, else by the images that its GitOps repository declares, else as they landed. */
export const applicationChanges = async (
  work: Work,
  query: DiagnosisQuery,
  configuration: GitopsChanges,
): Promise<Application> => {
  const { own, onsetAt, symptom, errors } = query;
  const read = (deploys: DeployRecord[]): Promise<Found> =>
    readChanges(work, { target: own, deploys, onsetAt, symptom, errors, limit });
  const reported = query.deploys.filter(({ sha }) => !configuration.shas.has(sha));
  if (own.gitops === undefined) return { ...(await read(reported)), deploys: query.deploys };
  const known = [...reported, ...unreported(reported, configuration)];
  const recorded = reported.length === 0 ? undefined : await read(known);
  if (recorded !== undefined && isOfApplication(recorded, reported))
    return { ...recorded, deploys: [...query.deploys, ...unreported(reported, configuration)] };
  const { former } = configuration;
  const declared =
    configuration.deploys.length > 0 || former === undefined ? configuration.deploys : [former];
  if (declared.length > 0 || work.changes === undefined) {
    const found = await read(declared);
    return { ...withCommits(found, configuration), deploys: declared };
  }
  const { deploys, notes } = await declaredDeploy(work, query);
  const found = await read(deploys);
  return { ...found, deploys, notes: [...notes, ...found.notes] };
};

/** The deploys that bumps brought after the last reported one. A deployer may report late. */
const unreported = (reported: DeployRecord[], { deploys }: GitopsChanges): DeployRecord[] => {
  const latest = Math.max(...reported.map(({ at }) => at));
  return deploys.filter(({ at }) => at > latest);
};

/** Whether the deploys on record are of the application's repository. */
const isOfApplication = ({ history, changeSets }: Found, deploys: DeployRecord[]): boolean =>
  changeSets !== undefined || deploys.some(({ sha }) => history.includes(sha));

/** Changes behind a bump are read at any age where the list of changes is not known. */
const withCommits = (found: Found, { commits }: GitopsChanges): Found => {
  const known = new Set(found.commits.map(({ sha }) => sha));
  const more = new Map(commits.filter(({ sha }) => !known.has(sha)).map((commit) => [commit.sha, commit]));
  return found.changeSets === undefined ? { ...found, commits: [...found.commits, ...more.values()] } : found;
};
