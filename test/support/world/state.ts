import type { FileChange, ListedChange, Tree } from "../../../shared/git/model.ts";
import type { Authors, Said } from "../../../shared/ports/accounts.ts";
import type { AccountKind, View } from "../../../shared/ports/chat.ts";
import type { Commit, OpenPull, Since, Undone } from "../../../shared/ports/history.ts";
import type { Course, Reading } from "../../../shared/ports/metrics.ts";
import type { Picture } from "../../../shared/ports/picture.ts";
import type { MergeResult, Proposal, PullNow, Reopening } from "../../../shared/ports/pulls.ts";
import type { DeployRun, Order } from "../../../shared/ports/redeploys.ts";
import { freeGates } from "../gates.ts";
import { sha } from "../incident.ts";

export const culprit: Commit = {
  sha: sha("c"),
  parents: [sha("b")],
  title: "round payments to minor units",
  message: "round payments to minor units",
  author: "Ann",
  at: 5_000,
  url: "http://github.test/c",
  paths: ["src/fx.js"],
  patch: "-const minor = 1\n+const minor = payments",
};

const tree = (content: string): Tree => new Map([["src/fx.js", { mode: "100644", sha: content }]]);

/** All that the ports of a world show and record. */
const newState = () => ({
  now: 20_000,
  commits: [culprit],
  snapshot: {
    commit: culprit,
    head: sha("e"),
    headTree: sha("1"),
    base: tree("bad"),
    ours: tree("bad"),
    theirs: tree("good"),
    since: { head: { sha: sha("e"), tree: sha("1") }, age: 1, commits: [], files: [] } as Since,
    pulls: [] as OpenPull[],
  },
  /** The file changes of the GitOps commit, and the commits that names stand for. */
  files: [] as FileChange[],
  named: new Map<string, Commit>(),
  /** The branch's files, and what a query that holds these words says. */
  texts: new Map<string, string>(),
  values: new Map<string, number>(),
  origins: new Map<string, { revision: string; source?: string }>(),
  proposals: [] as Proposal[],
  pulls: new Map<string, PullNow>(),
  opened: 0,
  checks: [] as string[],
  comments: new Map<string, string>(),
  commented: 0,
  /** The charts of comments, in a sentence each. */
  illustrated: [] as string[],
  /** Drafts of post-mortems by their place and marker. */
  drafts: new Map<string, { title: string; text: string }>(),
  messages: new Map<string, View>(),
  posted: 0,
  replies: new Map<string, string>(),
  whispers: [] as string[],
  pictures: [] as Picture[],
  merges: 0,
  /** The authors of the culprit, the members of groups and teams, and the people who may never decide. */
  authors: { logins: ["ann-on-github"], isComplete: true } as Authors,
  pushers: { logins: [], isComplete: true } as Authors,
  teams: {} as Record<string, string[]>,
  groups: {} as Record<string, string[]>,
  standings: {} as Record<string, AccountKind>,
  /** Ids of the same person, by the one that a click names. */
  listedAs: {} as Record<string, string>,
  codeowners: undefined as string | undefined,
  said: { reviews: [], commands: [] } as Said,
  /** GitHub's own conditions, and what it was told to merge by itself. */
  gates: freeGates,
  armed: undefined as string | undefined,
  armRefused: undefined as string | undefined,
  isSameMerged: true,
  /** Happens on GitHub in the instant before it merges. */
  beforeMerge: () => {},
  /** The result of merging, as long as it is set. */
  refusal: undefined as MergeResult | undefined,
  changed: [] as string[],
  /** The branch does not hold what was merged. */
  forcePushed: false,
  reopened: undefined as Reopening | undefined,
  undone: undefined as Undone | undefined,
  /** The workflow that deploys, the redeploys that were ordered, and the run of the latest; `listed`: GitHub lists it. */
  workflow: undefined as { digest: string; text: string } | undefined,
  orders: [] as Order[],
  run: { id: 41, url: "http://github.test/runs/41", state: "running", detail: "queued" } as DeployRun,
  listed: true,
  times: [] as number[],
  inBetween: [] as ListedChange[] | undefined,
  reading: { result: "quiet", since: 0 } as Reading,
  course: { forMs: 0, series: [] } as Course,
  /** Throws from the named call, as long as it is set. */
  failing: {} as Record<string, Error>,
});

/** The state of a world, and what throws from a named call as long as that is set. */
export type Holder = {
  state: ReturnType<typeof newState>;
  trap: (name: string) => void;
  /** The latest status of each head. */
  statuses: Map<string, string>;
};

/** A world's state as it is at first. */
export const holdState = (): Holder => {
  const state = newState();
  const trap = (name: string): void => {
    const error = state.failing[name];
    if (error !== undefined) throw error;
  };
  return { state, trap, statuses: new Map() };
};
