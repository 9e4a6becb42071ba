import { sameTrouble } from "../../shared/diagnosis/evidence/recurrence.ts";
import type { Case } from "../../shared/diagnosis/model.ts";
import { UpstreamError } from "../../shared/errors.ts";
import { earlierRounds } from "../../shared/incident/earlier.ts";
import type { Alert } from "../../shared/incident/model.ts";
import { repositoryOf, type Work } from "../step.ts";

/** Earlier rounds that are told of, and of how many of them the change that was taken back is looked at: one request each. */
const limits = { rounds: 20, culprits: 2 };

type Trouble = { id: string; service: string; round: number; alerts: Alert[] };

/** When the same alerts fired before, and what ended it. A first round has no past, and asks for none. */
export const earlier = async (
  { store, history, serviceOf }: Pick<Work, "store" | "history" | "serviceOf">,
  { id, service, round, alerts }: Trouble,
): Promise<{ earlier: NonNullable<Case["earlier"]>; ours: string[]; unread: string[] }> => {
  if (round <= 1) return { earlier: [], ours: [], unread: [] };
  const all = earlierRounds(await store.log(id), round);
  const ours = all.flatMap((round) => (round.ended === "reverted" ? [round.merge] : []));
  const rounds = sameTrouble(all, alerts).slice(0, limits.rounds);
  const asked = rounds.filter(({ ended }) => ended === "reverted").slice(0, limits.culprits);
  const unread: string[] = [];
  const read = await Promise.all(
    rounds.map(async (round) => {
      if (round.ended !== "reverted" || !asked.includes(round)) return round;
      try {
        return {
          ...round,
          culprit: await history.commit(repositoryOf({ serviceOf }, service, round.remedy), round.remedy.sha),
        };
      } catch (error) {
        if (!(error instanceof UpstreamError)) throw error;
        unread.push(
          `${round.remedy.sha.slice(0, 12)}, whose revert ended this alert before, could not be looked at: ${error.message}`,
        );
        return round;
      }
    }),
  );
  return { earlier: read, ours, unread };
};
