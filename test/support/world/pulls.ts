import { UpstreamError } from "../../../shared/errors.ts";
import type { Pull } from "../../../shared/incident/model.ts";
import type { Merging } from "../../../shared/ports/merging.ts";
import type { PullNow, Pulls } from "../../../shared/ports/pulls.ts";
import type { Redeploys } from "../../../shared/ports/redeploys.ts";
import { sha } from "../incident.ts";
import type { Holder } from "./state.ts";

const current = (state: Holder["state"], pull: Pull): PullNow =>
  [...state.pulls.values()].find((now) => now.pull.number === pull.number)!;

const open = ({ by: _, closedByUs: __, closedAt: ___, conflicts: ____, ...now }: PullNow): PullNow => now;

export const pullsOf = ({ state, trap, statuses }: Holder): Pulls => ({
  async findPull(_, branch) {
    return state.pulls.get(branch);
  },
  async openPull(_, proposal) {
    const { branch } = proposal;
    trap("openPull");
    state.proposals.push(proposal);
    const known = state.pulls.get(branch);
    if (known?.state === "open" && known.conflicts && known.pull.number !== proposal.instead)
      throw new UpstreamError("github", `${branch}: ${known.pull.head} on it is not this revert`, {
        retryable: false,
      });
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
    return current(state, pull);
  },
  async reopened() {
    return state.reopened;
  },
  async setCheck(_, check) {
    trap("setCheck");
    const words = `${check.state} ${check.state === "failure" ? check.description : ""}`;
    if (check.unlessSet && statuses.get(check.head) === words) return;
    statuses.set(check.head, words);
    state.checks.push(`${check.head.slice(0, 1)} ${check.state}`);
  },
  async merge(_, pull) {
    trap("merge");
    if (state.refusal !== undefined) return state.refusal;
    state.beforeMerge();
    const now = current(state, pull);
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
    const now = current(state, pull);
    if (now.state === "open")
      state.pulls.set(pull.branch, { ...now, state: "closed", closedByUs: true, closedAt: state.now });
  },
});

export const mergingOf = ({ state, trap }: Holder): Merging => ({
  async gates() {
    trap("gates");
    return state.gates;
  },
  async updateBranch(_, pull) {
    const now = current(state, pull);
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
});

export const redeploysOf = ({ state, trap }: Holder): Redeploys => ({
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
});
