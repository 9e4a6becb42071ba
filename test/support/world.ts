import { announce } from "../../functions/announce/announce.ts";
import { followUp } from "../../functions/announce/follow-up.ts";
import type { Work } from "../../functions/step.ts";
import { runner } from "../../functions/steps.ts";
import { killSwitch } from "../../functions/stop/kill-switch.ts";
import { stoppable, stoppableMerging, stoppableRedeploys } from "../../functions/stop/stoppable.ts";
import { policyOf, serviceOf } from "../../infra/host/settings/services.ts";
import { memoryStore } from "../../shared/adapters/memory.ts";
import type { Config, Configured } from "../../shared/config.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { FileChange, ListedChange, Tree } from "../../shared/git/model.ts";
import { blobId } from "../../shared/git/object-ids.ts";
import type { Command } from "../../shared/incident/commands.ts";
import { type Alert, type Incident, isActive, isWatched, type Pull } from "../../shared/incident/model.ts";
import type { Policy } from "../../shared/incident/policy.ts";
import { asOf } from "../../shared/policy/emergency.ts";
import { parseMatcher } from "../../shared/policy/match.ts";
import type { Accounts, Authors, Said } from "../../shared/ports/accounts.ts";
import type { AccountKind, Chat, View } from "../../shared/ports/chat.ts";
import type { Commit, History, OpenPull, Since, Undone } from "../../shared/ports/history.ts";
import type { Log } from "../../shared/ports/log.ts";
import type { Merging } from "../../shared/ports/merging.ts";
import type { Course, Metrics, Reading } from "../../shared/ports/metrics.ts";
import type { Picture } from "../../shared/ports/picture.ts";
import type { MergeResult, Proposal, PullNow, Pulls, Reopening } from "../../shared/ports/pulls.ts";
import type { DeployRun, Order, Redeploys } from "../../shared/ports/redeploys.ts";
import type { Image } from "../../shared/ports/registry.ts";
import type { Store } from "../../shared/ports/store.ts";
import type { Trees } from "../../shared/ports/trees.ts";
import { createProcess } from "../../shared/process.ts";
import { freeGates } from "./gates.ts";
import { hear } from "./hear.ts";
import { alert, approve, id, sha } from "./incident.ts";

/** The whole core over ports written by hand, which record their calls; time moves by assignment. */
export type World = ReturnType<typeof world>;

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

export const policy: Policy = {
  mode: "approve",
  minConfidence: 0.3,
  autoConfidence: 0.3,
  lookAgainMs: [],
  changePrior: 0.7,
  stepMs: 60_000,
  approvalMs: 600_000,
  deployMs: 600_000,
  verifyMs: 600_000,
  cooldownMs: 604_800_000,
  deadlineMs: 10_000_000,
};

export const service = (over: Partial<Configured> = {}): Configured => ({
  ...{
    name: "payment-gateway",
    repository: "acme/payments",
    branch: "main",
    paths: [],
    environments: ["production"],
  },
  ...{ channel: "C1", approvers: ["UANN"], verify: { holdMs: 5_000 }, environmentLabel: "environment" },
  match: [parseMatcher('service="payment-gateway"')!],
  policy,
  ...over,
});

const plainRule = { labels: {}, forMs: 0, keepFiringMs: 0, everyMs: 60_000 };

export const silent: Log = { info() {}, warn() {}, error() {} };

export type WorldGiven = {
  configured?: Configured;
  /** Services beside it. */
  others?: Configured[];
  people?: Config["people"];
  store?: Store;
};

export const world = ({
  configured = service(),
  others = [],
  people,
  store = memoryStore(),
}: WorldGiven = {}) => {
  let config: Config | undefined;
  const configuration = (): Config =>
    config ?? { services: [configured, ...others], ...(people && { people }) };
  /** Until it is configured anew, every other name is the one service. */
  const named = (name: string): Configured =>
    config === undefined ? (others.find((one) => one.name === name) ?? configured) : serviceOf(config, name);
  const state = {
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
  };
  const trap = (name: string): void => {
    const error = state.failing[name];
    if (error !== undefined) throw error;
  };
  const current = (pull: Pull): PullNow =>
    [...state.pulls.values()].find((now) => now.pull.number === pull.number)!;

  const open = ({ by: _, closedByUs: __, closedAt: ___, conflicts: ____, ...now }: PullNow): PullNow => now;

  const history: History = {
    async commits() {
      trap("commits");
      return state.commits;
    },
    async shas() {
      return state.commits.map(({ sha }) => sha);
    },
    async change(_, name) {
      trap("change");
      const { commit, base, ours, since, pulls } = state.snapshot;
      const paths = new Set([...base.keys(), ...ours.keys()]);
      const files = [...paths]
        .filter((path) => base.get(path)?.sha !== ours.get(path)?.sha)
        .map((path) => ({
          path,
          status: !ours.has(path) ? "removed" : base.has(path) ? "modified" : "added",
        }));
      return { commit: { ...commit, sha: name }, since: { ...since, files }, pulls };
    },
    async commit() {
      return state.snapshot.commit;
    },
    async find(_, name) {
      return state.named.get(name);
    },
    async landed() {
      return undefined;
    },
    async dependents() {
      return undefined;
    },
    async between() {
      return state.commits;
    },
    async contains(_, { ancestor, descendant }) {
      if (descendant === "main") return !state.forcePushed;
      return ancestor === descendant || (ancestor === sha("f") && descendant === sha("a"));
    },
    async undone() {
      return state.undone;
    },
    async changedPaths() {
      return state.changed;
    },
  };

  const trees: Trees = {
    async before() {
      return state.snapshot.theirs;
    },
    async changed() {
      return undefined;
    },
    async sides() {
      return state.snapshot;
    },
    async tip() {
      return state.snapshot;
    },
    async blob() {
      throw new Error("no blob is read in an unmodified revert");
    },
    async texts() {
      return state.files;
    },
    async files(_, { wanted }) {
      const texts = [...state.texts].filter(([path]) => wanted(path));
      return {
        ...{ head: sha("e"), headTree: sha("1") },
        files: new Map(
          texts.map(([path, text]) => [path, { mode: "100644", sha: blobId(Buffer.from(text)), text }]),
        ),
      };
    },
  };

  const pulls: Pulls = {
    async findPull(_, branch) {
      return state.pulls.get(branch);
    },
    async openPull(_, proposal) {
      const { branch } = proposal;
      trap("openPull");
      state.proposals.push(proposal);
      const known = state.pulls.get(branch);
      if (known !== undefined && known.pull.number !== proposal.instead) {
        state.pulls.set(branch, { ...open(known), state: "open" });
        return known.pull;
      }
      state.opened += 1;
      const pull = {
        number: state.opened,
        url: `http://github.test/acme/payments/pull/${state.opened}`,
        branch,
        head: sha(state.opened === 1 ? "d" : "9"),
        base: "main",
        baseSha: sha("e"),
        diff: "digest",
      };
      state.pulls.set(branch, { pull, state: "open", paths: ["src/fx.js"] });
      trap("openPull after it was applied");
      return pull;
    },
    async pull(_, pull) {
      return current(pull);
    },
    async reopened() {
      return state.reopened;
    },
    async setCheck(_, check) {
      trap("setCheck");
      state.checks.push(`${check.head.slice(0, 1)} ${check.state}`);
    },
    async merge(_, pull) {
      trap("merge");
      if (state.refusal !== undefined) return state.refusal;
      state.beforeMerge();
      const now = current(pull);
      if (now.pull.head !== pull.head) return { result: "moved", detail: `#${pull.number} has moved` };
      if (now.state === "open") {
        state.merges += 1;
        state.pulls.set(pull.branch, {
          ...now,
          state: "merged",
          mergeSha: sha("f"),
          by: "countersteer[bot]",
        });
      }
      trap("merge after it was applied");
      return { result: "merged", sha: sha("f"), by: "countersteer[bot]" };
    },
    async comment(_, __, notes) {
      trap("comment");
      for (const { marker, markdown, picture } of notes) {
        if (state.comments.has(marker)) continue;
        if (picture !== undefined) state.illustrated.push(picture.alt);
        state.comments.set(marker, markdown);
        state.commented += 1;
      }
    },
    async writeDraft({ repository }, { marker, title, on, text }) {
      trap("writeDraft");
      const at = `${repository}${on === undefined ? "" : `#${on}`} ${marker}`;
      if (!state.drafts.has(at)) state.drafts.set(at, { title, text: await text() });
    },
    async closePull(_, pull) {
      trap("closePull");
      const now = current(pull);
      if (now.state === "open")
        state.pulls.set(pull.branch, { ...now, state: "closed", closedByUs: true, closedAt: state.now });
    },
  };

  const merging: Merging = {
    async gates() {
      trap("gates");
      return state.gates;
    },
    async updateBranch(_, pull) {
      const now = current(pull);
      state.pulls.set(pull.branch, { ...now, pull: { ...now.pull, head: sha("8") } });
      state.gates = { ...state.gates, state: "clean" };
    },
    async arm(_, __, how) {
      trap("arm");
      if (state.armRefused !== undefined) return state.armRefused;
      state.armed = how;
      return undefined;
    },
    async disarm() {
      trap("disarm");
      state.armed = undefined;
    },
    async isSameMerged() {
      return state.isSameMerged;
    },
  };

  const redeploys: Redeploys = {
    async workflow() {
      trap("workflow");
      return state.workflow;
    },
    async startDeploy(_, order) {
      trap("startDeploy");
      state.orders.push(order);
      trap("startDeploy after it was applied");
      return { id: state.run.id, url: state.run.url };
    },
    async findDeploy(_, { id }) {
      trap("findDeploy");
      return state.listed && state.orders.some((order) => order.id === id) ? state.run : undefined;
    },
    async readDeploy() {
      trap("readDeploy");
      return state.run;
    },
    async changedFiles() {
      return state.inBetween;
    },
    async deployTimes() {
      return state.times;
    },
  };

  const chat: Chat = {
    async post(channel, view) {
      hear(view);
      trap("post");
      const known = [...state.messages].find(([, posted]) => posted.marker === view.marker);
      const ts = known?.[0] ?? `${++state.posted}.0`;
      state.messages.set(ts, view);
      trap("post after it was applied");
      return { channel, ts };
    },
    async update({ ts }, view) {
      hear(view);
      trap("update");
      state.messages.set(ts, view);
    },
    async upload(picture) {
      trap("upload");
      return `F${state.pictures.push(picture)}`;
    },
    async reply(_, notes) {
      for (const { lines } of notes) hear({ lines });
      for (const { marker, lines } of notes)
        state.replies.set(marker, lines.map(({ label, text }) => `${label}: ${text}`).join("\n"));
    },
    async whisper(_, user, text) {
      state.whispers.push(`${user}: ${text}`);
    },
    async askReason() {},
    async listedAs(user) {
      trap("listedAs");
      return state.listedAs[user] ?? user;
    },
    async standing({ id }) {
      trap("standing");
      return state.standings[id] ?? "member";
    },
    async isApprover(user, approvers) {
      trap("isApprover");
      return approvers.some((one) => one === user || state.groups[one]?.includes(user));
    },
    async names(ids) {
      return ids.map((id) => id.slice(1).toLowerCase());
    },
    async linkTo({ channel, ts }) {
      return `http://slack.test/archives/${channel}/p${ts}`;
    },
  };

  const accounts: Accounts = {
    async authors() {
      trap("authors");
      return state.authors;
    },
    async pushers() {
      return state.pushers;
    },
    async isMember({ org, slug }, login) {
      trap("isMember");
      return state.teams[`${org}/${slug}`]?.includes(login) ?? false;
    },
    async said() {
      trap("said");
      return state.said;
    },
    async codeowners() {
      return state.codeowners;
    },
  };

  const metrics: Metrics = {
    rules: async () => [{ ...plainRule, expr: "payments_failing > 0", active: [] }],
    recordings: async () => ({}),
    range: async (_, query, grid) => {
      const { reading } = state;
      if (reading.result === "unknown")
        throw new UpstreamError("prometheus", reading.detail, { retryable: true });
      const instants = Array.from({ length: grid.count }, (_, index) => grid.start + index * grid.stepMs);
      const quietAt = reading.result === "quiet" ? reading.since : Number.POSITIVE_INFINITY;
      const isFiring = query === "payments_failing > 0";
      const points = instants
        .filter((at) => !isFiring || at < quietAt)
        .map((at): [number, number] => [at, 1]);
      return points.length === 0 ? [] : [{ labels: {}, points }];
    },
    value: async (_, query) => {
      const value = [...state.values].find(([part]) => query.includes(part))?.[1];
      return value === undefined ? { unread: `${query} returns nothing` } : { value };
    },
    values: async (_, query) => ({ unread: `${query} returns nothing` }),
    course: async () => state.course,
  };

  const clock = () => state.now;
  const process = createProcess({
    ...{ store, clock, log: silent },
    policyOf: (name) => (config === undefined ? named(name).policy : policyOf(config, name)),
  });
  const stop = killSwitch({ store });
  const work: Work = {
    store,
    history,
    trees,
    killSwitch: stop,
    pulls: stoppable(pulls, stop),
    merging: stoppableMerging(merging, stop),
    redeploys: stoppableRedeploys(redeploys, stop),
    accounts,
    chat,
    metrics,
    clock,
    nonce: () => "nonce",
    configuration: () => asOf(configuration(), state.now),
    serviceOf: named,
    servicesIn: (repository) => configuration().services.filter((one) => one.repository === repository),
    handle: process.handle,
    pageOf: (id) => `http://countersteer.test/incidents/${id}`,
  };
  const run = runner(process, work);
  const tell = announce(process, work, { follow: followUp });

  /** Two copies of every wake-up at the same instant, until nothing moves, then the announcement, twice as well. */
  const settle = async (one = id): Promise<Incident> => {
    for (;;) {
      const seen = await store.load(one);
      if (!isWatched(seen.incident)) break;
      const moved = await Promise.all([run(seen), run(seen)]);
      if (!moved.some((handled) => handled !== undefined && handled.events.length > 0)) break;
      const after = (await store.load(one)).incident;
      if (isActive(after) && after.delay !== undefined) break;
    }
    const seen = await store.load(one);
    await Promise.allSettled([tell(seen), tell(seen)]);
    return (await store.load(one)).incident;
  };

  const approveNow = (by = "UANN", head = sha("d")) =>
    process.handle(id, approve(by, { at: state.now, head, of: "the approvers of payment-gateway" }));
  const deploy = (commit = sha("f"), status: "succeeded" | "failed" = "succeeded") =>
    store.recordDeploy({
      service: "payment-gateway",
      environment: "production",
      sha: commit,
      status,
      at: state.now,
    });

  return {
    ...{ state, services: configuration().services },
    /** The registry that deploy reports are held against, by an image's digest. */
    registry: { origin: async ({ digest = "" }: Image) => state.origins.get(digest) },
    /** Puts another configuration in the place of the present one. */
    configure: (next: Config) => {
      config = next;
    },
    store,
    process,
    work,
    settle,
    handle: (command: Command) => process.handle(id, command),
    alerts: (alerts: Alert[], truncated = false) =>
      process.handle(id, { type: "RecordAlerts", at: state.now, alerts, truncated }),
    approve: approveNow,
    reject: (detail: string, by = "UANN") =>
      process.handle(id, { type: "Reject", at: state.now, round: 1, head: sha("d"), by, detail }),
    deploy,
    /** Asks, approves, merges, and deploys the merge at `at`. */
    bringLive: async (at: number): Promise<Incident> => {
      await settle();
      await approveNow();
      await settle();
      state.now = at;
      await deploy();
      return settle();
    },
  };
};

export const burning = alert({ startsAt: 10_000, annotations: { summary: "payments fail for minor units" } });
