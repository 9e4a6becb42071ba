import { firing } from "../alerts/alerts.ts";
import { isOpen, isStoppable } from "../approval/question.ts";
import { missingVotes, type Terms, type Vote, withVote } from "../approval/votes.ts";
import type { CommandOf } from "../commands.ts";
import type { Event } from "../events.ts";
import { type Incident, isActive, isUnsettled } from "../model.ts";
import type { Policy } from "../policy.ts";

const partsOf = ({ comment, terms }: { comment?: number; terms?: Terms }) => ({
  ...(comment !== undefined && { comment }),
  ...(terms && { terms }),
});

/** A vote that completes the requirement approves; any other is counted once. */
export const approve = (incident: Incident, command: CommandOf<"Approve">, policy: Policy): Event[] => {
  const { at, vote, required } = command;
  if (!isOpen(incident, command, at) || incident.held !== undefined) return [];
  const known = incident.votes ?? [];
  const votes = withVote(known, vote);
  const missing = missingVotes(votes, required);
  if (missing.length > 0) {
    if (known.some((one) => isSameVote(one, vote))) return [];
    return [{ type: "ApprovalGiven", at, vote, missing, ...partsOf(command) }];
  }
  const { head, diff } = incident.pull;
  const quiet = !firing(incident.alerts) && !incident.truncated;
  return [
    {
      ...{ type: "RemedyApproved", at, by: votes.map(({ by }) => by).join(" and "), head, diff },
      ...{ due: at + policy.stepMs, votes },
      ...(quiet && { quiet }),
      ...partsOf(command),
    },
  ];
};

const isSameVote = (a: Vote, b: Vote): boolean =>
  a.person === b.person && a.door === b.door && a.of.join() === b.of.join();

/** Only a vote that was given on GitHub can be taken back there. One of an approval voids it. */
export const takeBack = (
  incident: Incident,
  { at, person, by, detail }: CommandOf<"TakeBack">,
  policy: Policy,
): Event[] => {
  const holds = (votes: Vote[] = []) =>
    votes.some((vote) => vote.person === person && vote.door === "github");
  if (incident.status === "proposed" && holds(incident.votes))
    return [{ type: "ApprovalTakenBack", at, person, by, detail }];
  if (incident.status !== "approved" || !holds(incident.approval.votes)) return [];
  return [{ type: "ApprovalVoided", at, detail, pull: incident.pull, due: at + policy.approvalMs }];
};

/** The no of one approver wins over an approval as long as nothing is merged. */
export const reject = (incident: Incident, command: CommandOf<"Reject">): Event[] => {
  const { at, detail, by } = command;
  if (!isStoppable(incident, command, at)) return [];
  return [{ type: "IncidentClosed", at, outcome: "rejected", detail, by }];
};

export const answerCommand = (
  incident: Incident,
  { at, comment, by, text, code }: CommandOf<"AnswerCommand">,
): Event[] => {
  if (!isActive(incident) && !isUnsettled(incident)) return [];
  if (!("pull" in incident) || incident.pull === undefined || comment <= (incident.answered ?? 0)) return [];
  return [{ type: "CommandAnswered", at, comment, by, text, ...(code && { code }) }];
};
