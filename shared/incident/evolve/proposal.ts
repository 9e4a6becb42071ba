import { withVote } from "../approval/votes.ts";
import { culpritOf } from "../diagnosis/ruled-out.ts";
import type { EventOf } from "../events.ts";
import { type Incident, takenUp } from "../model.ts";
import { remedyKey } from "../remedies/remedies.ts";
import { settled, unasked, withAnswered } from "./parts.ts";

export const proposed = (incident: Incident, event: EventOf<"RemedyProposed">): Incident => {
  if (incident.status !== "diagnosed") return incident;
  const { replaced, ...rest } = settled(incident);
  const { remedy, pull, due, look } = event;
  const moved = replaced?.why;
  return {
    ...{ ...rest, status: "proposed", asked: false, remedy, pull, due },
    ...(look && { look }),
    ...(moved !== undefined && { moved }),
  };
};

export const chosen = (incident: Incident, { choice, by, due }: EventOf<"RemedyChosen">): Incident => {
  if (incident.status !== "proposed") return incident;
  const { remedy, pull, look: _, ...rest } = unasked(incident);
  const taken = [...takenUp(incident), choice];
  return { ...rest, status: "diagnosed", taken, replaced: { remedy, pull, by }, due };
};

/** The ruled-out remedy's pull request is closed, and the next one is prepared, if any. */
export const ruledOut = (incident: Incident, event: EventOf<"RemedyRuledOut">): Incident => {
  if (incident.status !== "proposed") return incident;
  const { remedy, pull, look: _, ...rest } = unasked(incident);
  const { by, diagnosis, choice, due } = event;
  const sha = culpritOf(remedy);
  return {
    ...{ ...rest, status: "diagnosed", diagnosis, replaced: { remedy, pull, by }, due },
    ...(choice !== undefined && { taken: [...takenUp(incident), choice] }),
    dropped: [...(incident.dropped ?? []), remedyKey(remedy)],
    ...(sha !== undefined && { ruledOut: [...(incident.ruledOut ?? []), sha] }),
  };
};

export const asked = (incident: Incident, event: EventOf<"ApprovalRequested">): Incident => {
  if (incident.status !== "proposed") return incident;
  const { message, terms, asked: names } = event;
  const told = terms && (names === undefined ? terms : { ...terms, asked: names });
  return { ...settled(incident), asked: true, message, ...(told && { terms: told }) };
};

export const approved = (incident: Incident, event: EventOf<"RemedyApproved">): Incident => {
  if (incident.status !== "proposed") return incident;
  const { by, at, head, diff, due, votes, quiet } = event;
  const terms = event.terms ?? incident.terms;
  const approval = { by, at, head, diff, ...(votes && { votes }), ...(quiet && { quiet }) };
  return {
    ...{ ...unasked(withAnswered(incident, event)), status: "approved", approval, due },
    ...(terms && { terms }),
  };
};

export const approvedOnce = (incident: Incident, event: EventOf<"ApprovalGiven">): Incident => {
  if (incident.status !== "proposed") return incident;
  const { vote, terms } = event;
  const votes = withVote(incident.votes ?? [], vote);
  return { ...withAnswered(incident, event), votes, ...(terms && { terms }) };
};

export const takenBack = (incident: Incident, { person }: EventOf<"ApprovalTakenBack">): Incident => {
  if (incident.status !== "proposed") return incident;
  return { ...incident, votes: (incident.votes ?? []).filter((vote) => vote.person !== person) };
};

export const commandAnswered = (incident: Incident, { comment }: EventOf<"CommandAnswered">): Incident =>
  "pull" in incident && incident.pull !== undefined ? { ...incident, answered: comment } : incident;

export const voided = (incident: Incident, event: EventOf<"ApprovalVoided">): Incident => {
  const { detail, pull, due, overtaken } = event;
  if (incident.status !== "proposed" && incident.status !== "approved") return incident;
  return {
    ...{ ...unasked(incident), status: "proposed", asked: false, moved: detail, pull, due },
    ...(overtaken && { overtaken }),
  };
};

export const outdated = (incident: Incident, { detail, again, due }: EventOf<"RemedyOutdated">): Incident => {
  if (incident.status !== "proposed" && incident.status !== "approved") return incident;
  const { remedy, pull, ...rest } = unasked(incident);
  const replaced = { remedy, pull, by: "", why: detail, ...(again && { again }) };
  return { ...rest, status: "diagnosed", replaced, due };
};

export const lookRequested = (incident: Incident, { at, by }: EventOf<"LookRequested">): Incident =>
  incident.status === "proposed" ? { ...incident, lookAt: at, lookBy: by } : incident;

export const messagePosted = (
  incident: Incident,
  { message, instead }: EventOf<"MessagePosted">,
): Incident => {
  if (incident.status === "none") return incident;
  // The same message with another chart stands for the same deleted one as before.
  const isSame = instead === undefined || instead.ts === message.ts;
  return { ...incident, message: isSame ? message : { ...message, before: instead.ts } };
};
