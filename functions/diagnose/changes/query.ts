import type { ChangeSet, Step } from "../../../shared/diagnosis/candidates/change-sets.ts";
import type { ListedChange } from "../../../shared/git/model.ts";
import type { Undeployed } from "../../../shared/incident/model.ts";
import type { ListedCommit } from "../../../shared/ports/changes.ts";
import type { Commit } from "../../../shared/ports/history.ts";
import type { Service } from "../../../shared/ports/service.ts";
import type { DeployRecord } from "../../../shared/ports/store.ts";

const day = 24 * 60 * 60 * 1000;
/** The greatest age of the deploy, or else of the landing, that brought a candidate. */
export const lookBackMs = 7 * day;

/** A service's repository, the deploys of it, and the text of the alerts. */
export type ChangeQuery = {
  target: Service;
  deploys: DeployRecord[];
  onsetAt: number;
  until: number;
  symptom: string;
  /** The new errors of the log, with their stack traces. */
  errors: Promise<string>;
};

/** The changes that may be to blame, newest first; `notes` say what was not looked at. */
export type Found = {
  commits: Commit[];
  history: string[];
  changeSets?: ChangeSet[];
  /** Changes that landed and are in no deploy on record. */
  undeployed?: Undeployed[];
  notes: string[];
};

/** The commits that were read for the deploys. `heads` were deployed and are not ancestors of another deployed commit. */
export type DeployGraph = {
  graph: Map<string, ListedCommit>;
  steps: Step[];
  heads: string[];
  /** Every commit that is known, newest first, with what ran before all of them. */
  history: string[];
  /** Files that all deploys together changed; absent where GitHub does not list all of them. */
  files?: ListedChange[] | undefined;
};
