import type { EventOf } from "../events.ts";
import { type Diagnosis, type In, type Incident, isActive, type Remedy, type Review } from "../model.ts";
import { isSamePull, isSameRemedy, remedyKey } from "../remedies/remedies.ts";
import { settled, unasked } from "./parts.ts";

export const diagnosed = (incident: Incident, event: EventOf<"IncidentDiagnosed">): Incident => {
  if (incident.status !== "opened") return incident;
  return {
    ...{ ...looked(incident, event), status: "diagnosed", diagnosis: event.diagnosis, due: event.due },
    ...(event.questions && { questions: event.questions }),
  };
};

export const postponed = (incident: Incident, event: EventOf<"LookPostponed">): Incident => {
  if (incident.status !== "opened") return incident;
  const { diagnosis, detail, due } = event;
  return {
    ...{ ...looked(incident, event), status: "opened", thin: { diagnosis, detail }, due },
    ...(event.questions && { questions: event.questions }),
  };
};

const reviewOf = ({ lookAt, basis, known }: Review): Review => ({
  ...(lookAt !== undefined && { lookAt }),
  ...(basis !== undefined && { basis }),
  ...(known !== undefined && { known }),
});

/** The incident after a look: with the records that it rests on, and without the diagnosis before. */
const looked = (incident: In<"opened">, event: Review) => {
  const { delay: _, thin: __, lookAt: ___, ...rest } = incident;
  return { ...rest, ...reviewOf(event) };
};

export const revised = (incident: Incident, event: EventOf<"DiagnosisRevised">): Incident => {
  if (incident.status !== "proposed") return incident;
  const { diagnosis, taken, due } = event;
  const { lookAt: _, lookBy: _____, ...rest } = incident;
  const review = reviewOf(event);
  if (!event.replace)
    return { ...rest, ...review, remedy: scoredBy(diagnosis, rest.remedy), diagnosis, taken };
  const { remedy, pull, look: __, ...before } = unasked(incident);
  const { lookAt: ___, lookBy: ____, ...kept } = before;
  return {
    ...{ ...kept, ...review, status: "diagnosed", diagnosis, taken, due },
    replaced: { remedy, pull, by: reviser },
    dropped: [...(incident.dropped ?? []), remedyKey(remedy)],
  };
};
/** The remedy with the probability that the newer diagnosis gives it: one message never tells two. */
const scoredBy = ({ remedies }: Diagnosis, remedy: Remedy): Remedy => {
  const same =
    remedies.find((one) => isSameRemedy(one, remedy)) ?? remedies.find((one) => isSamePull(one, remedy));
  return same === undefined ? remedy : { ...remedy, score: same.score };
};

/** The author of a replacement that no person chose. */
const reviser = "Countersteer, which knows more now";

export const referred = (incident: Incident, { to, detail, due }: EventOf<"IncidentReferred">): Incident => {
  const referral = { to, detail };
  if (incident.status === "diagnosed") return { ...settled(incident), status: "referred", referral, due };
  if (incident.status !== "proposed") return incident;
  const { remedy: _, pull: __, look: ___, ...before } = unasked(incident);
  return { ...before, status: "referred", referral, due };
};

/** The incident as it was diagnosed: it proposes the remedy itself. */
export const referralReturned = (incident: Incident, { due }: EventOf<"ReferralReturned">): Incident => {
  if (incident.status !== "referred") return incident;
  const { referral: _, ...rest } = settled(incident);
  return { ...rest, status: "diagnosed", due };
};

export const referralSettled = (incident: Incident, { at, due }: EventOf<"ReferralSettled">): Incident => {
  if (incident.status !== "referred") return incident;
  return { ...settled(incident), status: "deployed", deploy: { at }, due };
};

export const questionsRecorded = (
  incident: Incident,
  { questions }: EventOf<"QuestionsRecorded">,
): Incident => {
  if (!isActive(incident)) return incident;
  return { ...incident, questions: [...(incident.questions ?? []), ...questions] };
};
