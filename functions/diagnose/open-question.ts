import { sameTrouble } from "../../shared/diagnosis/evidence/recurrence.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { Diagnosis, In, Remedy } from "../../shared/incident/model.ts";
import { isSamePull } from "../../shared/incident/remedies/remedies.ts";
import { type Unanswered, unanswered } from "../../shared/incident/rounds/earlier.ts";
import type { PullNow } from "../../shared/ports/pulls.ts";
import { repositoryOf, type Work } from "../step.ts";

type Asked = Pick<In<"opened">, "id" | "service" | "round" | "alerts">;

type Question = Unanswered & { now: PullNow };
type Looking = Pick<Work, "store" | "pulls" | "serviceOf">;

/** The last question, when its pull request can still be merged. */
export const openQuestion = async (work: Looking, asked: Asked): Promise<Question | undefined> => {
  const question = await lastQuestion(work, asked);
  return question?.now.conflicts ? undefined : question;
};

/**
 * The question of the round before that nobody answered, when the same alert fires and its pull request is as it was: open, or closed by
 * Countersteer because the alert had gone away. It may conflict with its branch by now.
 */
export const lastQuestion = async (
  work: Looking,
  { id, service, round, alerts }: Asked,
): Promise<Question | undefined> => {
  if (round <= 1) return undefined;
  const question = unanswered(await work.store.log(id), round);
  if (question === undefined || sameTrouble([question], alerts).length === 0) return undefined;
  try {
    const place = repositoryOf(work, service, question.remedy);
    const now = await work.pulls.pull(place, question.pull);
    const isSame = now.pull.head === question.pull.head && now.pull.base === place.branch;
    const isOurs = now.state === "open" || (now.state === "closed" && now.closedByUs === true);
    return isOurs && isSame ? { ...question, now } : undefined;
  } catch (error) {
    if (error instanceof UpstreamError && !error.retryable) return undefined;
    throw error;
  }
};

/** The diagnosis with the remedy of the open question first, its culprit among the suspects, and a note about it. */
export const withQuestion = (
  diagnosis: Diagnosis,
  question: Unanswered & { now: Pick<PullNow, "state"> },
): Diagnosis => {
  const { remedy, suspect, pull, endedAt, now } = question;
  const state = now.state === "open" ? "it is still open" : "it was closed when the alert went away";
  const others = diagnosis.remedies.filter((one) => !isSamePull(one, remedy));
  const note = `pull request #${pull.number} was asked about before this alert fired again, nobody answered by ${new Date(endedAt).toISOString().slice(0, 16)}Z, and ${state}: it comes first again`;
  const isMissing = suspect !== undefined && !diagnosis.suspects.some(({ sha }) => sha === suspect.sha);
  return {
    ...(isMissing ? withSuspect(diagnosis, suspect) : diagnosis),
    remedies: [{ ...remedy, score: Math.max(remedy.score, scoreOf(diagnosis, remedy)) }, ...others],
    notes: [note, ...(diagnosis.notes ?? [])],
  };
};

/** The probability of the change by today's diagnosis. */
const scoreOf = ({ suspects }: Diagnosis, remedy: Remedy): number =>
  suspects.find(({ sha }) => remedy.kind === "revert" && sha === remedy.sha)?.score ?? 0;

/** The others share what the suspect of before leaves. */
const withSuspect = (diagnosis: Diagnosis, suspect: Diagnosis["suspects"][number]): Diagnosis => {
  const left = 1 - suspect.score;
  const suspects = diagnosis.suspects.map((one) => ({ ...one, score: one.score * left }));
  return { ...diagnosis, suspects: [suspect, ...suspects], none: diagnosis.none * left };
};
