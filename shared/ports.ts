import type { Event, Incident, Message, Pull } from "./incident/model.ts";
import type { FileChange } from "./remedy/rollback/bumps.ts";
import type { Image } from "./remedy/rollback/image.ts";

/** A service as the configuration names it. Authority (repository, branch, channel, approvers) comes from here only. */
export type Service = {
  name: string;
  repository: string;
  branch: string;
  /** Path prefixes in the repository; empty means all of it. */
  paths: string[];
  /** Where what runs is declared, when that is another repository. */
  gitops?: { repository: string; branch: string; paths: string[] };
  /** Services whose changes may be felt here, by name. */
  dependsOn?: string[];
  /** Its feature flags, where a tool tells of them that knows no services: `NAME` or `PROJECT/NAME`, `*` for anything. */
  flags?: string[];
  /** Where its log lines are: a LogQL selector, or an index and a query string. */
  logs?: { loki: string } | { elasticsearch: { index: string; query: string } };
  /** The label of its metrics that tells the version, or a ReplicaSet's pods. */
  versionLabel?: string;
  /** A query for what comes in, such as requests per second. */
  traffic?: string;
  environments: string[];
  channel: string;
  /** Slack user ids (`U…`, `W…`) and user group ids (`S…`). */
  approvers: string[];
  verify: {
    /** How long the alert's expression must have been quiet. */
    holdMs: number;
    /** Overrides the expression found in Prometheus' rules by alert name. */
    expr?: string;
    /** A query that must return data for a quiet expression to count; default: the selectors of the expression. */
    data?: string;
  };
};

/** An incident as stored. `version` is 0 for one never written. */
export type Stored = { incident: Incident; version: number };
/** One service now runs one commit here. `at` is when it went live, epoch ms; `version` what the deployer calls it, as metrics may label it. */
export type DeployRecord = {
  service: string;
  environment: string;
  sha: string;
  status: "succeeded" | "failed";
  at: number;
  /** What its deployer calls what it deployed: a release, an image's tag. */
  version?: string;
  url?: string;
};

/** A feature flag of a service was changed here, in the words of whoever told it. `at` is epoch ms. */
export type FlipRecord = {
  service: string;
  environment: string;
  flag: string;
  change: string;
  at: number;
  /** Where people find the flag. */
  url?: string;
};

export interface Store {
  load(id: string): Promise<Stored>;
  /**
   * Writes the facts and what they made of the incident in one durable write, only if the stored version is `version`; returns the
   * new one. There is at least one event, and `incident` is what the events make of the stored one.
   * Throws ConflictError when someone wrote first, UpstreamError("store") when it could not be made durable.
   */
  append(id: string, version: number, incident: Incident, events: Event[]): Promise<number>;
  /** The incident's events of all rounds, oldest first. */
  log(id: string): Promise<Event[]>;
  /** Every incident ever opened, the latest written first. */
  list(): Promise<Stored[]>;
  /** Incidents that are still due: those in an active status, and ended ones whose scale is to go back later. The tick looks at them. */
  active(): Promise<Stored[]>;
  /** Incidents written since their last `consume`, with the version to consume. */
  pending(): Promise<{ id: string; version: number }[]>;
  /** Every event up to `version` has been acted on. Never lowers the mark. */
  consume(id: string, version: number): Promise<void>;
  /** Durable; the same record twice is one. */
  recordDeploy(deploy: DeployRecord): Promise<void>;
  /** Newest first by `at`, at or after `since`. */
  deploys(service: string, environment: string, since: number): Promise<DeployRecord[]>;
  /** Durable; the same flip twice is one. */
  recordFlip(flip: FlipRecord): Promise<void>;
  /** Deploys and flips in one read, each newest first by `at`, at or after `since`. A flip may be forgotten after 30 days. */
  changes(
    service: string,
    environment: string,
    since: number,
  ): Promise<{ deploys: DeployRecord[]; flips: FlipRecord[] }>;
  /** Throws when the store cannot take a write now. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** A commit on the service's branch. `paths` are the files it touched; `parents` more than one for a merge commit. */
export type Commit = {
  sha: string;
  parents: string[];
  title: string;
  message: string;
  author: string;
  /** When it landed (committer date), epoch ms. */
  at: number;
  /** When it was written (author date), where that is known. */
  writtenAt?: number;
  url: string;
  paths: string[];
  /** Those of them that it removed or moved away; absent where that is not known. */
  removed?: string[];
  /** Added and removed lines as GitHub's patch tells them; absent where GitHub leaves it out. */
  patch?: string;
  /** Its tree, and every file it changed from its first parent; absent where they are not known, or not all of them. */
  tree?: string;
  files?: ListedChange[];
};
/** One file that changed. `sha` is the blob after it, or the one that is gone; `previous` is where it was before a rename. */
export type ListedChange = {
  path: string;
  status: string;
  sha?: string;
  previous?: string;
  /** Hunks only; absent for binary files and for what GitHub finds too large. */
  patch?: string;
};

/** Every file of a commit, by path. `mode` is git's (100644, 100755, 120000, 160000), `size` in bytes where it is known. */
export type Tree = Map<string, { mode: string; sha: string; size?: number }>;
/** What has landed on a branch after a change. What GitHub does not list whole is absent. */
export type Since = {
  head?: { sha: string; tree: string };
  /** How many commits the branch has that the change has not: the larger, the older the change. */
  age: number;
  commits: Landed[];
  files?: ListedChange[];
};
export type Landed = { sha: string; parents: string[]; message: string; author: string };
export type OpenPull = {
  number: number;
  url: string;
  title: string;
  body: string;
  branch: string;
  own: boolean;
};
/** A change on the branch, what came after it, and the pull requests that are open. */
export type Known = { commit: Commit; since: Since; pulls: OpenPull[] };
export type Made = Pick<Commit, "sha" | "parents" | "tree" | "files">;
/** The files after a change and before it, and the list of what it did where GitHub lists all of it. */
export type Sides = { base: Tree; theirs: Tree; files?: ListedChange[] };
/** A branch's head, its tree and the files in it. */
export type Tip = { head: string; headTree: string; ours: Tree };
/** One path of the new tree: an existing blob, new text, or gone. */
export type Edit =
  | { path: string; mode: string; sha: string }
  | { path: string; mode: string; content: Uint8Array }
  | { path: string; deleted: true };

export type Proposal = {
  /** `countersteer/revert-<sha12>` */
  branch: string;
  snapshot: Pick<Tip, "head" | "headTree">;
  edits: Edit[];
  commitMessage: string;
  title: string;
  body: string;
  labels: string[];
  draft?: boolean;
};

/** A pull request as GitHub has it now. */
export type PullNow = {
  pull: Pull;
  state: "open" | "closed" | "merged";
  /** The paths it changes. */
  paths: string[];
  /** When merged: the commit on the base branch, and who did it. */
  mergeSha?: string;
  by?: string;
};
export type Check = "pending" | "success" | "failure";

/** The place where code lives. Every method throws UpstreamError; retryable ones leave the incident waiting. */
export interface Source {
  /** Commits on the service's branch that touch its paths, landed in [since, until], newest first, at most `limit`, with paths and patch. */
  commits(service: Service, range: { since: number; until: number; limit: number }): Promise<Commit[]>;
  /** Every sha on the service's branch landed in [since, until], newest first: what a deployed sha holds. At most the newest 200. */
  history(service: Service, range: { since: number; until: number }): Promise<string[]>;
  /** A change on the branch (`name` may be an abbreviated id), what came after it, and the open pull requests. Throws a final UpstreamError for an unknown sha and one that is not on the branch. */
  change(service: Service, name: string): Promise<Known>;
  commit(service: Service, name: string): Promise<Commit>;
  /** Every commit that landed with this one when they are a pull request merged by rebase, the newest first; undefined when it landed alone. */
  landed(service: Service, commit: Commit): Promise<{ number: number; commits: Landed[] } | undefined>;
  /** The files that a change was made on: its first parent's. Throws a final UpstreamError for a root commit or a truncated tree. */
  before(service: Service, of: Made): Promise<Tree>;
  /** The files a change made, and those it was made on, with what it did; with `from`, all that `commit` has and `from` has not as one change. Throws a final UpstreamError for a `from` that is not before it. */
  sides(service: Service, of: { commit: Made; from?: string }): Promise<Sides>;
  /** The branch's head and its files. `base`, the files of the change that `since` is about, saves asking for them. */
  tip(service: Service, of: { since: Since; base?: Tree }): Promise<Tip>;
  /** The changes that touched one of the paths since, the newest first; `own` when all of them are of the branch's own line and few. Undefined when they cannot be told. */
  dependents(
    service: Service,
    of: { paths: string[]; since: Since },
  ): Promise<{ commits: Landed[]; own: boolean } | undefined>;
  blob(service: Service, sha: string): Promise<Uint8Array>;
  /** The text of the files that `sha` changed and that are `wanted`, before and after, at most `limit` of them; without what is no text. */
  texts(
    service: Service,
    sha: string,
    files: { wanted: (path: string) => boolean; limit: number },
  ): Promise<FileChange[]>;
  /** The branch as it is now, and the text of its files that are `wanted`. Throws a final error when there are more than `limit`. */
  files(
    service: Service,
    which: { wanted: (path: string) => boolean; limit: number },
  ): Promise<
    { head: string; headTree: string } & { files: Map<string, { mode: string; sha: string; text: string }> }
  >;
  /** The commit that the beginning of an id, or `tags/NAME`, names; undefined when there is none, or more than one. */
  find(service: Service, name: string): Promise<Commit | undefined>;
  /** What `to` has and `from` has not, of the service's paths, newest first, looking at the newest `limit`. Throws a final error for an unknown sha. */
  between(service: Service, range: { from: string; to: string; limit: number }): Promise<Commit[]>;
  /** The pull request that was ever opened from `branch`, the newest, or undefined. */
  findPull(service: Service, branch: string): Promise<PullNow | undefined>;
  /** Opens the pull request for the proposal, labelled and with a pending check, or returns the one already open on its branch. */
  openPull(service: Service, proposal: Proposal): Promise<Pull>;
  /** The pull request as it is now, with the digest of its diff computed afresh. */
  pull(service: Service, pull: Pull): Promise<PullNow>;
  /** Paths changed on the base branch between `from` and `to` (or its head). */
  changedPaths(service: Service, from: string, to?: string): Promise<string[]>;
  /** Sets the commit status `countersteer/approval`. Setting it twice is one. */
  setCheck(service: Service, head: string, state: Check, description: string): Promise<void>;
  /** Merges exactly `pull.head`; the sha on the base branch. "Already merged at that head" is success. */
  merge(service: Service, pull: Pull): Promise<MergeResult>;
  /** Whether `descendant` holds `ancestor`. */
  contains(service: Service, ancestor: string, descendant: string): Promise<boolean>;
  /** Adds each comment whose marker no comment of ours carries yet. Reads first. */
  comment(service: Service, pull: Pull, notes: Note[]): Promise<void>;
  /** Closes the pull request without merging; already closed is success. */
  closePull(service: Service, pull: Pull): Promise<void>;
}
export type MergeResult =
  | { result: "merged"; sha: string; by: string }
  /** The head or the base is not what was approved. */
  | { result: "moved"; detail: string }
  /** GitHub will not merge yet (checks, reviews). */
  | { result: "blocked"; detail: string }
  | { result: "closed"; by: string };

/** One entry of the story, for sinks that show one at a time. `marker` makes it unique there; `markdown` is GitHub's. */
export type Note = { marker: string; markdown: string };

/** The incident as people in chat see it. All text is raw: the adapter encodes it. */
export type View = {
  marker: string;
  headline: string;
  /** Short paragraphs, the most important first. */
  lines: ViewLine[];
  links: { text: string; url: string }[];
  /** Present while a decision is awaited. */
  buttons?: {
    incident: string;
    round: number;
    head: string;
    /** What may be chosen instead: its index among the diagnosis' remedies, and what the button says. */
    others: { choice: number; text: string }[];
  };
};
export type ViewLine = { label?: string; text: string };

/** The place where people are asked. Every method throws UpstreamError. */
export interface Chat {
  /** Posts the message, or finds the one already posted with this marker at or after `since` and brings it up to date. */
  post(channel: string, view: View, since: number): Promise<Message>;
  /** Brings the message up to date. */
  update(message: Message, view: View): Promise<void>;
  /** Adds to the message's thread each reply whose marker is not there yet. Reads first. */
  reply(message: Message, notes: { marker: string; lines: ViewLine[] }[]): Promise<void>;
  /** Tells one person something only they see. */
  whisper(channel: string, user: string, text: string): Promise<void>;
  /** Opens the modal that asks why; its answer comes back as an interaction carrying `state`. */
  askReason(triggerId: string, state: string, title: string): Promise<void>;
  /** Whether the user is one of `approvers` now: a listed user, or a member of a listed user group. Throws rather than guesses. */
  isApprover(user: string, approvers: string[]): Promise<boolean>;
}

/** What a query over a window showed about one alert. */
export type Reading =
  | { result: "quiet"; since: number }
  | { result: "firing"; at: number }
  | { result: "unknown"; detail: string };

/**
 * What an alert watches: how long its expression must hold before it fires, and the values that it compares. `metric` names them for
 * people, points are [epoch ms, value]. `versions` are the same, each of one value of the service's `versionLabel`. `unread` is a sentence
 * about what could not be read.
 */
export type Course = {
  forMs: number;
  series: Measured[];
  versions?: (Measured & { version: string })[];
  unread?: string;
};

/** A metric's name for people, and its points as [epoch ms, value]. */
export type Measured = { metric: string; points: [number, number][] };

/** The place where the trouble is measured. Never throws: what cannot be read is "unknown", or not there and told. */
export interface Metrics {
  /** Whether the alert's own expression has been quiet over [from, to], with data to show it. */
  read(
    service: Service,
    alert: { name: string; labels: Record<string, string> },
    window: { from: number; to: number },
  ): Promise<Reading>;
  /** What one query says now: its one value, or the sum of several; why there is none. */
  value(query: string, at: number): Promise<{ value: number } | { unread: string }>;
  /** What one query says over a window, from its start to its end: its one series, or the sum of several; why there is none. */
  values(
    query: string,
    window: { from: number; to: number },
  ): Promise<{ points: [number, number][] } | { unread: string }>;
  /** The course, up to `now`, of what the alert's own expression compares: one query, and one more by version where that is another. */
  course(
    service: Service,
    alert: { name: string; labels: Record<string, string>; startsAt: number },
    now: number,
  ): Promise<Course>;
}

/** What the bus is told: the type of a fact, when it happened (epoch ms), and a reference to it. */
export type Notice = { type: string; at: number; detail: Record<string, unknown> };
export interface Bus {
  /** How many of these, from the first on, one call takes. At least 1. */
  takes(notices: Notice[]): number;
  /** One call. What became of each notice, in their order; throws UpstreamError when the call failed as a whole. */
  put(notices: Notice[]): Promise<({ accepted: true } | { accepted: false; problem: string })[]>;
  close(): Promise<void>;
}

/** The places where images are kept. */
export interface Registry {
  /**
   * What an image says of the commit it was built from (OCI's `revision` and `source`); undefined when it says nothing, is not there, or
   * its registry is not one that may be asked. Throws UpstreamError.
   */
  origin(image: Image): Promise<{ revision: string; source?: string } | undefined>;
}

/** One line of a service's log. `trace` is a stack trace when it carries one. */
export type LogLine = { at: number; service: string; level: string; text: string; trace?: string };

/** The place where services log. Never throws: `unread` is a sentence about what could not be read. */
export interface Logs {
  /** The earliest lines in [from, to), at most `limit`; none for a service without a place for them. */
  lines(
    service: Service,
    window: { from: number; to: number; limit: number },
  ): Promise<{ lines: LogLine[]; unread?: string }>;
}

/** Structured log: one JSON line an entry. */
export interface Log {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}
