import type { Work } from "../../functions/step.ts";
import { messageOf } from "../../shared/errors.ts";
import { refName } from "../../shared/git/ref-name.ts";
import type { Pull } from "../../shared/incident/model.ts";
import { questionOfDrill } from "../../shared/policy/drill.ts";
import type { Chat, View } from "../../shared/ports/chat.ts";
import type { Merging } from "../../shared/ports/merging.ts";
import type { Proposal, Pulls } from "../../shared/ports/pulls.ts";
import type { Service } from "../../shared/ports/service.ts";
import { markdown } from "../../shared/text/markdown.ts";

/** Something that would have failed, had it been an incident. */
export type Failure = { system: string; text: string };
export type Opened = { service: Service; pull: Pull };

/** The port, with every failure of it noted once. */
export const noting = <T extends object>(port: T, system: string, failures: Failure[]): T =>
  new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return async (...given: unknown[]): Promise<unknown> => {
        try {
          return await Reflect.apply(member, target, given);
        } catch (error) {
          const text = messageOf(error);
          if (!failures.some((one) => one.text === text)) failures.push({ system, text });
          throw error;
        }
      };
    },
  });

const banner = markdown`This is a drill of Countersteer. It is closed when the drill is over. Do not merge it.`;

/** The branch of a drill; every write to a repository goes to one of these. */
export const branchOf = (id: string, branch: string) =>
  refName(`countersteer/drill-${id}-${branch.replace(/^countersteer\//, "")}`);

const isOurs = (id: string, { branch }: Pull): boolean => branch.startsWith(`countersteer/drill-${id}-`);

/** Pull requests of a drill: drafts from branches of its own, never merged, and no other is written to. */
export const dryPulls = (pulls: Pulls, id: string, opened: Opened[]): Pulls => ({
  findPull: (service, branch) => pulls.findPull(service, branchOf(id, branch)),
  openPull: async (service, proposal) => {
    const pull = await pulls.openPull(service, asDrill(id, proposal));
    if (!opened.some((one) => one.pull.number === pull.number)) opened.push({ service, pull });
    return pull;
  },
  pull: (service, pull) => pulls.pull(service, pull),
  reopened: (place, pull) => pulls.reopened(place, pull),
  async setCheck() {},
  merge: async () => ({ result: "refused", detail: "a drill merges nothing", instruction: "end the drill" }),
  async comment() {},
  async writeDraft() {},
  async closePull(place, pull) {
    if (isOurs(id, pull)) await pulls.closePull(place, pull);
  },
});

const asDrill = (id: string, proposal: Proposal): Proposal => ({
  ...proposal,
  branch: branchOf(id, proposal.branch),
  title: `[Drill] ${proposal.title}`,
  body: markdown`${banner}\n\n${proposal.body}`,
  labels: ["countersteer", "countersteer/drill"],
  draft: true,
});

/** GitHub's conditions are read, and nothing is armed. */
export const dryMerging = (merging: Merging): Merging => ({
  gates: async (service, pull) => {
    const gates = await merging.gates(service, pull);
    // It is a draft only because this is a drill.
    return gates.state === "draft" ? { ...gates, state: "clean" } : gates;
  },
  async updateBranch() {},
  arm: async () => "a drill merges nothing",
  async disarm() {},
  isSameMerged: async () => false,
});

/** The drill's own channel: every message says that it is a drill, mentions nobody, and its buttons name the drill. */
export const dryChat = (chat: Chat, id: string, channel: string): Chat => {
  const shown = ({ mentions: _, stop: __, retry: ___, ...view }: View): View => ({
    ...view,
    marker: `drill ${id}/${view.marker}`,
    headline: `Drill: ${view.headline}`,
    ...(view.lead && { lead: ["This is a drill. ", ...view.lead] }),
    lines: [{ label: "This is a drill", text: "nothing is wrong, and nothing is merged" }, ...view.lines],
    ...(view.buttons && { buttons: { ...view.buttons, incident: questionOfDrill(id) } }),
  });
  return {
    post: (_, view, since) => chat.post(channel, shown(view), since),
    update: (message, view) => chat.update(message, shown(view)),
    reply: (message, notes) =>
      chat.reply(
        message,
        notes.map(({ mentions: _, broadcast: __, marker, ...note }) => ({
          ...note,
          marker: `drill ${id}/${marker}`,
        })),
      ),
    async whisper() {},
    upload: (picture) => chat.upload(picture),
    async askReason() {},
    listedAs: (user, listed) => chat.listedAs(user, listed),
    standing: (user) => chat.standing(user),
    isApprover: (user, approvers) => chat.isApprover(user, approvers),
    names: (ids) => chat.names(ids),
    linkTo: (message) => chat.linkTo(message),
  };
};

/** The work of a drill: its reads are real, and its writes are the drill's own. */
export const dryWork = (
  work: Work,
  { id, channel, failures, opened }: { id: string; channel: string; failures: Failure[]; opened: Opened[] },
): Work => {
  const { paging: _, silences: __, annotations: ___, redeploys: ____, activeAlerts: _____, ...rest } = work;
  return {
    ...rest,
    history: noting(work.history, "github", failures),
    trees: noting(work.trees, "github", failures),
    accounts: noting(work.accounts, "github", failures),
    ...(work.changes && { changes: noting(work.changes, "github", failures) }),
    pulls: noting(dryPulls(work.pulls, id, opened), "github", failures),
    merging: noting(dryMerging(work.merging), "github", failures),
    chat: noting(dryChat(work.chat, id, channel), "slack", failures),
    ...(work.decisions && { decisions: noting(work.decisions, "opa", failures) }),
  };
};
