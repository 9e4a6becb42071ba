import { isOpen } from "../approval/question.ts";
import type { CommandOf } from "../commands.ts";
import { awaitedDeploy } from "../diagnosis/undeployed.ts";
import type { Event } from "../events.ts";
import { type Incident, takenUp } from "../model.ts";
import type { Policy } from "../policy.ts";

export const recordProposal = (
  incident: Incident,
  command: CommandOf<"RecordProposal">,
  policy: Policy,
): Event[] => {
  if (incident.status !== "diagnosed") return [];
  const { at, remedy, pull, guarded, look } = command;
  const due = at + policy.approvalMs;
  const proposed: Event = { type: "RemedyProposed", at, remedy, pull, due, ...(look && { look }) };
  const bar = Math.max(policy.minConfidence, policy.autoConfidence);
  // The bar holds for one change at a time, not for all that a deploy brought, and words alone never act.
  const isMeasured =
    remedy.kind === "scale" || (remedy.kind === "revert" && !remedy.from && remedy.measured === true);
  const isPersons = remedy.kind === "revert" && remedy.first?.why !== undefined;
  // Alerts that a truncated notification left out may be about something else, and so may a deploy that is told late.
  const isWhole = !incident.truncated && awaitedDeploy(incident.diagnosis) === undefined;
  // The policy of another service that shares the change may ask people.
  const isUnwatched = incident.wasHeld === undefined && !guarded && incident.sharers === undefined;
  const automatic =
    policy.mode === "auto" && isWhole && !isPersons && isUnwatched && isMeasured && remedy.score >= bar;
  if (!automatic) return [proposed];
  const { head, diff } = pull;
  return [proposed, { type: "RemedyApproved", at, by: "policy:auto", head, diff, due: at + policy.stepMs }];
};

export const recordRequest = (
  incident: Incident,
  { at, message, head, asked, link, terms }: CommandOf<"RecordRequest">,
): Event[] => {
  if (incident.status !== "proposed" || incident.asked || incident.held !== undefined) return [];
  if (head !== incident.pull.head) return [];
  return [
    {
      ...{ type: "ApprovalRequested", at, message },
      ...(asked && asked.length > 0 && { asked }),
      ...(link !== undefined && { link }),
      ...(terms && { terms }),
    },
  ];
};

export const recordMessage = (
  incident: Incident,
  { at, message, instead }: CommandOf<"RecordMessage">,
): Event[] => {
  if (incident.status === "none" || incident.message?.ts !== instead?.ts) return [];
  return [{ type: "MessagePosted", at, message, ...(instead && { instead }) }];
};

/** Each remedy is taken up once. People can reopen the closed pull request of an earlier one. */
export const choose = (incident: Incident, command: CommandOf<"Choose">, policy: Policy): Event[] => {
  const { at, choice, by } = command;
  if (!isOpen(incident, command, at)) return [];
  const remedy = incident.diagnosis.remedies[choice];
  if (remedy === undefined || takenUp(incident).includes(choice)) return [];
  return [{ type: "RemedyChosen", at, choice, remedy, by, due: at + policy.stepMs }];
};

export const lookAgain = (incident: Incident, command: CommandOf<"LookAgain">): Event[] => {
  const { at, by } = command;
  return isOpen(incident, command, at) ? [{ type: "LookRequested", at, by }] : [];
};

export const recordMove = (
  incident: Incident,
  { at, detail, pull, overtaken }: CommandOf<"RecordMove">,
  policy: Policy,
): Event[] => {
  if (!isProposed(incident, pull.number) || isVoided(incident, { detail, pull })) return [];
  const due = at + policy.approvalMs;
  return [
    {
      ...{ type: "ApprovalVoided", at, detail, pull, due },
      ...(overtaken && { overtaken }),
      ...unlessApproved(incident),
    },
  ];
};

/** Two that look at the same time see the same move; nobody was asked in between. */
const isVoided = (
  incident: Incident,
  { detail, pull }: Pick<CommandOf<"RecordMove">, "detail" | "pull">,
): boolean =>
  incident.status === "proposed" &&
  !incident.asked &&
  incident.moved === detail &&
  incident.pull.head === pull.head &&
  incident.pull.base === pull.base;

export const recordConflict = (
  incident: Incident,
  { at, pull, detail, again }: CommandOf<"RecordConflict">,
  policy: Policy,
): Event[] => {
  if (!isProposed(incident, pull)) return [];
  const due = at + policy.stepMs;
  return [{ type: "RemedyOutdated", at, detail, due, ...(again && { again }), ...unlessApproved(incident) }];
};

/** Nobody had approved anything, which is then not told to be void. */
export const unlessApproved = (incident: Incident): { unapproved?: true } =>
  incident.status === "proposed" && (incident.votes ?? []).length === 0 ? { unapproved: true } : {};

const isProposed = (incident: Incident, pull: number): boolean =>
  (incident.status === "proposed" || incident.status === "approved") && incident.pull.number === pull;
