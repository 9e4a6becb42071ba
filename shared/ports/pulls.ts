import type { EpochMs, Markdown, Sha } from "../brands.ts";
import type { Edit } from "../git/model.ts";
import type { RefName } from "../git/ref-name.ts";
import type { Size } from "../incident/approval/votes.ts";
import type { Block } from "../incident/chain/block.ts";
import type { Pull } from "../incident/model.ts";
import type { Picture } from "./picture.ts";
import type { Service } from "./service.ts";
import type { Tip } from "./trees.ts";

export type Proposal = {
  /** `countersteer/revert-<sha12>` */
  branch: RefName;
  snapshot: Pick<Tip, "head" | "headTree">;
  edits: Edit[];
  commitMessage: string;
  title: string;
  body: Markdown;
  /** The part of the body with the incident's record; absent without an incident. */
  record?: Block | undefined;
  picture?: Illustration | undefined;
  labels: string[];
  draft?: boolean;
  /** The number of a pull request from the branch that is not to be opened again. */
  instead?: number;
};

/** A pull request as GitHub has it now. */
export type PullNow = {
  pull: Pull;
  state: "open" | "closed" | "merged";
  /** The paths it changes. */
  paths: string[];
  /** Absent where GitHub did not tell it. */
  size?: Size;
  /** The commit on the base branch, once merged. */
  mergeSha?: Sha;
  /** The login that merged it, or closed it where GitHub tells that. */
  by?: string;
  /** Closed by the account that Countersteer uses. */
  closedByUs?: true;
  /** Epoch ms, when closed without a merge. */
  closedAt?: EpochMs;
  /** Open, and in conflict with its base. */
  conflicts?: true;
  /** Open, with the label `countersteer/hold`. */
  held?: true;
};

/** The commit status that an approval sets. */
export const approvalCheck = "countersteer/approval";
/** The label by which anybody who may set it keeps a pull request from being merged. */
export const holdLabel = "countersteer/hold";
export type Check = "pending" | "success" | "failure";
/** `unlessSet`: GitHub is asked first, and nothing is posted when the status is so already, a failure with the same words. */
export type StatusCheck = { head: Sha; state: Check; description: string; unlessSet?: boolean };

/** Checks of a head that are not green, ours left out. `until`: when the running ones are done if they take as long as before. */
export type Checks = {
  failing: { name: string; url?: string }[];
  running: string[];
  until?: EpochMs;
  absent?: AbsentChecks;
};
/**
 * Checks that were not told for the head yet: those that rules require, and those that other heads of the repository had. `isBare`: the
 * head has no check at all, and the pull request that was merged last had some.
 */
export type AbsentChecks = { required: string[]; usual: string[]; isBare: boolean };

export type MergeResult =
  | { result: "merged"; sha: Sha; by: string }
  /** The head or the base is not what was approved. */
  | { result: "moved"; detail: string }
  /** GitHub refuses for now, by its checks or for a moment. */
  | { result: "blocked"; detail: string; checks: Checks }
  /** GitHub refuses until a person does `instruction`. */
  | { result: "refused"; detail: string; instruction: string }
  /** The pull request conflicts with its base. */
  | { result: "conflict"; detail: string }
  | { result: "closed"; by: string };

/** All that telling of a pull request and closing it need to know of a service. */
export type Repository = Pick<Service, "repository">;

/**
 * One entry of the timeline, for sinks that show one at a time. `marker` is unique within the sink; `record` is the part of the incident's
 * record that it tells.
 */
export type Note = {
  marker: string;
  markdown: Markdown;
  record?: Block | undefined;
  picture?: Illustration | undefined;
};

/** A text for a person to go on with: a comment on the pull request `on`, or an issue of its own. `since`: it was not written before. */
export type Draft = {
  marker: string;
  title: string;
  on?: number;
  since: EpochMs;
  text: () => Promise<Markdown>;
};

/** A picture of a moment, and the page, where there are pages, that shows the same where GitHub does not take it. */
export type Illustration = Picture & { at: EpochMs; page: string | undefined };

/** A closed pull request was opened again: by Countersteer itself, or by a person. */
export type Reopening = { by: string; at: EpochMs; byUs?: true };

/** The pull requests of the service's repository. Every method throws UpstreamError; a retryable one leaves the incident waiting. */
export interface Pulls {
  /** The newest pull request that was ever opened from `branch`. */
  findPull(service: Service, branch: RefName): Promise<PullNow | undefined>;
  /**
   * Opens the pull request, labelled and with a pending check, or returns the one already open on its branch. A closed pull request is
   * opened again where it holds exactly this proposal; otherwise a new one comes from a branch with the next free number.
   */
  openPull(service: Service, proposal: Proposal): Promise<Pull>;
  /** The pull request as it is now, with the digest of its diff computed afresh. */
  pull(service: Service, pull: Pull): Promise<PullNow>;
  /** The latest reopening, with its login; undefined when nobody did, or when GitHub does not tell. */
  reopened(place: Repository, pull: Pull): Promise<Reopening | undefined>;
  /** Sets the commit status `countersteer/approval`. Setting it twice changes nothing. */
  setCheck(place: Repository, check: StatusCheck): Promise<void>;
  /** Merges exactly `pull.head` and returns the sha on the base branch. "Already merged at that head" is success. */
  merge(service: Service, pull: Pull): Promise<MergeResult>;
  /** Adds each comment whose marker none of our comments carries. Reads first, and asks only for the text of those that it adds. */
  comment(place: Repository, pull: Pick<Pull, "number">, notes: Note[]): Promise<void>;
  /** Writes the draft, unless one of our comments or issues carries its marker. Reads first, and asks for the text only then. */
  writeDraft(place: Repository, draft: Draft): Promise<void>;
  /** Closes the pull request without merging; already closed is success. */
  closePull(place: Repository, pull: Pull): Promise<void>;
}
