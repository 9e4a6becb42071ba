import type { Intent, Scale } from "../../shared/incident/model.ts";
import type { Proposing } from "./revert.ts";

/** Opens the pull request that sets the field. Nothing diagnoses a scaling remedy yet, so a person is told. */
export const scale = async (_: Proposing, remedy: Scale): Promise<Intent> => ({
  type: "Escalate",
  reason: "refused",
  detail: `${remedy.title}: scaling is not proposed by itself yet`,
});
