import type { Intent } from "../../shared/incident/commands.ts";
import type { In } from "../../shared/incident/model.ts";
import { askedBeside } from "../propose/shared-pull.ts";
import type { Work } from "../step.ts";

/**
 * Two incidents may ask about one pull request when both opened it at the same moment. The approved one has the other wait for it, which
 * counts that one's people in, and only then merges.
 */
export const handedOver = async (work: Work, incident: In<"approved">): Promise<Intent | undefined> => {
  const { id, pull } = incident;
  const others = await askedBeside(work, incident);
  if (others.length === 0) return undefined;
  const at = work.clock();
  await Promise.all(
    others.map((other) =>
      work.handle(other.id, {
        ...{ type: "RecordReferral", at, round: other.round, to: id },
        detail: "the same change is asked about there",
      }),
    ),
  );
  const named = others.map((other) => other.id).join(", ");
  return {
    type: "Delay",
    step: "merge",
    detail: `approved, and #${pull.number} is merged once the people of ${named} are counted in`,
    until: at,
  };
};
