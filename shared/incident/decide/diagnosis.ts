import type { CommandOf } from "../commands.ts";
import { firstCommitProblem } from "../diagnosis/first-commits.ts";
import { flagFirst } from "../diagnosis/flags.ts";
import { ownProblem } from "../diagnosis/own-changes.ts";
import { changesBetween, isLookDue, nextLook, type Reviewable } from "../diagnosis/review.ts";
import { awaitedDeploy, withUndeployed } from "../diagnosis/undeployed.ts";
import type { Event } from "../events.ts";
import {
  type Diagnosis,
  type Fix,
  type In,
  type Incident,
  isActive,
  isUnsettled,
  type Reason,
  type Remedy,
  type Review,
} from "../model.ts";
import { percent } from "../percent.ts";
import type { Policy } from "../policy.ts";
import { isSameRemedy, remedyKey } from "../remedies/remedies.ts";

type RecordDiagnosis = CommandOf<"RecordDiagnosis">;
type Problem = { reason: Reason; detail: string };

/** A first diagnosis, or another one while nothing is approved. */
export const recordDiagnosis = (incident: Incident, command: RecordDiagnosis, policy: Policy): Event[] => {
  if (incident.status !== "opened" && incident.status !== "proposed") return [];
  if (!isLookDue(incident, command.at, command.basis)) return [];
  const diagnosis = withBestFirst(command.diagnosis, policy.minConfidence);
  return incident.status === "opened"
    ? diagnose(incident, { ...command, diagnosis }, policy)
    : revise(incident, { ...command, diagnosis }, policy);
};

/** The diagnosis with the likeliest remedy first, where the one that stands first is below the bar and another is not. */
const withBestFirst = (diagnosis: Diagnosis, bar: number): Diagnosis => {
  const { remedies } = diagnosis;
  const [first] = remedies;
  const best = remedies.toSorted((a, b) => b.score - a.score)[0];
  if (first === undefined || best === undefined || first.score >= bar || best.score < bar) return diagnosis;
  return { ...diagnosis, remedies: [best, ...remedies.filter((remedy) => remedy !== best)] };
};

const reviewOf = (incident: Reviewable, { at, basis, known }: RecordDiagnosis, policy: Policy): Review => {
  const lookAt = nextLook(incident, at, policy);
  return {
    ...(lookAt !== undefined && { lookAt }),
    ...(basis !== undefined && { basis }),
    ...(known !== undefined && { known }),
  };
};

const diagnose = (incident: In<"opened">, command: RecordDiagnosis, policy: Policy): Event[] => {
  const { at, diagnosis, questions, fix } = command;
  const review = reviewOf(incident, command, policy);
  const asked = questions !== undefined && questions.length > 0 ? { questions } : {};
  const known = { ...asked, ...review };
  const diagnosed: Event = { type: "IncidentDiagnosed", at, diagnosis, due: at + policy.stepMs, ...known };
  const isObserved = policy.mode === "observe";
  if (fix !== undefined && !isObserved) return [diagnosed, fixFound(fix, at, policy)];
  const own = ownProblem(diagnosis, policy.minConfidence);
  if (own !== undefined && !isObserved)
    return [diagnosed, { type: "IncidentEscalated", at, reason: "own_remedy", detail: own }];
  const problem = problemOf(diagnosis, policy);
  const detail = problem && flagFirst(diagnosis, problem.detail);
  const doubt =
    detail === undefined ? awaitedNow(incident, command, policy) : withUndeployed(diagnosis, detail);
  if (doubt !== undefined && review.lookAt !== undefined) {
    const due = review.lookAt + policy.stepMs;
    return [{ type: "LookPostponed", at, diagnosis, detail: doubt, due, ...known }];
  }
  if (isObserved) return [diagnosed, { type: "IncidentClosed", at, outcome: "observed" }];
  if (problem === undefined || detail === undefined) return [diagnosed];
  return [diagnosed, { type: "IncidentEscalated", at, reason: problem.reason, detail }];
};

/** Returns the reason why a likely change waits for another look. */
const awaitedNow = (
  incident: Reviewable,
  { at, diagnosis }: RecordDiagnosis,
  policy: Policy,
): string | undefined => {
  const awaited = awaitedDeploy(diagnosis);
  const isFirstToCome = nextLook(incident, at, policy) === nextLook(incident, incident.openedAt, policy);
  return awaited === undefined || (awaited.briefly && !isFirstToCome) ? undefined : awaited.detail;
};

/** Why nothing is proposed. The people of another service decide about its change, so a likely one is referred to them. */
const problemOf = (diagnosis: Diagnosis, { minConfidence }: Policy): Problem | undefined => {
  const [best] = diagnosis.remedies;
  const [first] = diagnosis.suspects;
  if (best === undefined && first?.of !== undefined)
    return first.score >= minConfidence ? undefined : { reason: "elsewhere", detail: ofAnother(diagnosis) };
  if (best !== undefined && best.score >= minConfidence) return undefined;
  const firstCommit = firstCommitProblem(diagnosis);
  if (firstCommit !== undefined) return { reason: "no_suspect", detail: firstCommit };
  if (best === undefined)
    return { reason: "no_suspect", detail: "no change of this service is recent enough to be the cause" };
  const detail = `the likeliest remedy has ${percent(best.score)}, the policy asks for ${percent(minConfidence)}`;
  return { reason: "low_confidence", detail };
};

/** Names the service of the first suspect, when that is another one. */
export const ofAnother = ({ suspects: [first] }: Diagnosis): string => {
  if (first?.of === undefined) return "";
  const { service, repository, approvers } = first.of;
  const people = approvers.length === 0 ? "its people" : `its approvers (${approvers.join(", ")})`;
  return `the likeliest change, ${first.sha.slice(0, 12)} “${first.title}” (${percent(first.score)}), is ${service}'s, in ${repository}: ${people} decide about it`;
};

/** The pull request gives way only when the first suspect is another one, and no person has chosen it. */
const revise = (incident: In<"proposed">, command: RecordDiagnosis, policy: Policy): Event[] => {
  const { at, diagnosis, fix } = command;
  if (fix !== undefined) return [fixFound(fix, at, policy)];
  const review = reviewOf(incident, command, policy);
  const found = changesBetween(incident.diagnosis, diagnosis);
  const changes = found.length > 0 ? found : nothingNew(incident);
  const revised = { type: "DiagnosisRevised", at, changes, ...review } as const;
  if (isReplaced(incident, diagnosis, policy))
    return [{ ...revised, diagnosis, taken: [0], replace: true, due: at + policy.stepMs }];
  return [{ ...revised, ...kept(incident, diagnosis), due: incident.due }];
};

/** A person who asked for a look is told also when it found the same. */
const nothingNew = ({ lookBy }: In<"proposed">): string[] =>
  lookBy === undefined ? [] : [`nothing new was found in the look that ${lookBy} asked for`];

const isReplaced = (
  incident: In<"proposed">,
  { suspects: [first], remedies: [best] }: Diagnosis,
  policy: Policy,
) =>
  (incident.taken ?? []).length <= 1 &&
  first !== undefined &&
  best !== undefined &&
  first.sha !== incident.diagnosis.suspects[0]?.sha &&
  best.score >= policy.minConfidence &&
  !isSameRemedy(best, incident.remedy) &&
  !(incident.dropped ?? []).includes(remedyKey(best));

/** The diagnosis with the remedy that is proposed among its remedies, and where it stands there. */
const kept = (incident: In<"proposed">, diagnosis: Diagnosis): { diagnosis: Diagnosis; taken: number[] } => {
  const taken = incident.taken ?? [0];
  if (taken.length > 1) return { diagnosis: { ...diagnosis, remedies: incident.diagnosis.remedies }, taken };
  const index = diagnosis.remedies.findIndex((remedy) => isSameRemedy(remedy, incident.remedy));
  if (index >= 0) return { diagnosis, taken: [index] };
  const remedies: Remedy[] = [incident.remedy, ...diagnosis.remedies];
  return { diagnosis: { ...diagnosis, remedies }, taken: [0] };
};

const fixFound = (fix: Fix, at: number, policy: Policy): Event => ({
  ...{ type: "FixFound", at, fix },
  due: at + (isLive(fix) ? policy.verifyMs : fix.kind === "pull" ? policy.approvalMs : policy.deployMs),
});

/** Whether what people did needs no deploy any more. */
export const isLive = ({ kind }: Fix): boolean => kind === "rollback" || kind === "flag" || kind === "scale";

/** Records a fix by people while nothing of ours is approved, also after the end; their pull request may be merged later. */
export const recordFix = (
  incident: Incident,
  { at, fix }: CommandOf<"RecordFix">,
  policy: Policy,
): Event[] => {
  const isOpen =
    incident.status === "diagnosed" ||
    incident.status === "proposed" ||
    (incident.status === "opened" && incident.thin !== undefined) ||
    (incident.status === "merged" && incident.fix?.kind === "pull" && fix.kind !== "pull");
  const isLate = isUnsettled(incident) && incident.merge === undefined && incident.pull !== undefined;
  return isOpen || (isLate && fix.kind === "revert") ? [fixFound(fix, at, policy)] : [];
};

/** Only questions that are not known yet: the question is fixed when its alert joins. */
export const recordQuestions = (
  incident: Incident,
  { at, questions }: CommandOf<"RecordQuestions">,
): Event[] => {
  if (!isActive(incident)) return [];
  const fresh = questions.filter(({ alert }) => !incident.questions?.some((one) => one.alert === alert));
  return fresh.length === 0 ? [] : [{ type: "QuestionsRecorded", at, questions: fresh }];
};
