import type { Configured } from "../../shared/config.ts";
import type { SecondOpinion } from "../../shared/diagnosis/model.ts";
import { isSound, questionOf } from "../../shared/diagnosis/opinion.ts";
import { type Case, rank, verdictOn } from "../../shared/diagnosis/rank.ts";
import { ConflictError, messageOf, UpstreamError } from "../../shared/errors.ts";
import type { Diagnosis } from "../../shared/incident/model.ts";
import type { Work } from "../step.ts";

/** The diagnosis of a case, with a second opinion where one is asked for. */
export const rankWithOpinion = async (
  work: Pick<Work, "opinions" | "store" | "clock">,
  policy: Configured["policy"],
  given: Case,
): Promise<Diagnosis> => {
  const { unread, ...heard } = await secondOpinion(work, given, policy);
  return rank({ ...given, ...heard, unread: [...(given.unread ?? []), ...unread] });
};

type Asked = { opinion?: SecondOpinion; unread: string[] };
const day = 24 * 60 * 60 * 1000;

/**
 * The second opinion on a case, where a model is set up and its budget of the day is not spent. It is never needed: one that is late, or
 * does not stand, is told and counts for nothing.
 */
const secondOpinion = async (
  { opinions, store, clock }: Pick<Work, "opinions" | "store" | "clock">,
  given: Case,
  { minConfidence, autoConfidence }: Configured["policy"],
): Promise<Asked> => {
  if (opinions === undefined) return { unread: [] };
  const { verdict } = verdictOn(given);
  if (!verdict.ranked.some(({ live }) => live !== undefined)) return { unread: [] };
  if (!(await isWithin(opinions.budget, store, clock())))
    return none("was not asked for: the questions of the day are spent");
  try {
    const { sent, opinion } = await opinions.ask(questionOf(given, verdict));
    if (opinion === undefined) return none("has another form than was asked for");
    if (!isSound(opinion, sent, verdict))
      return none("does not count: it names or quotes what was not shown");
    return {
      opinion: { ...opinion, model: opinions.model, bar: Math.max(minConfidence, autoConfidence) },
      unread: [],
    };
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    return none(`was not given: ${messageOf(error)}`);
  }
};

const none = (what: string): Asked => ({ unread: [`the second opinion ${what}`] });

/** Counts one question of the day. Of two at one instant one may be left out. */
const isWithin = async (budget: number, store: Work["store"], at: number): Promise<boolean> => {
  const today = Math.floor(at / day);
  const { version, value } = await store.register("opinions");
  const asked = value?.day === today ? value.asked : 0;
  if (asked >= budget) return false;
  try {
    await store.setRegister("opinions", version, { day: today, asked: asked + 1 });
    return true;
  } catch (error) {
    if (error instanceof ConflictError) return false;
    throw error;
  }
};
