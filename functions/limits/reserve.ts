import { ConflictError } from "../../shared/errors.ts";
import type { In } from "../../shared/incident/model.ts";
import type { ActionRecord } from "../../shared/ports/store.ts";
import type { Work } from "../step.ts";
import { isCounted, type Limits, overLimit, recent } from "./refusal.ts";

const attempts = 20;

/** Counts the merge before it is made, once, so that two at the same time cannot both be the last allowed; or says why not. */
export const reserve = async (
  { store, clock }: Pick<Work, "store" | "clock">,
  limits: Limits,
  { service, id, round, pull }: In<"approved">,
): Promise<string | undefined> => {
  if (!isCounted(limits)) return undefined;
  const mine: ActionRecord = { service, incident: id, round, head: pull.head, at: clock() };
  for (let attempt = 1; ; attempt++) {
    const { version, value } = await store.register("actions");
    const counted = recent(value, mine.at);
    if (counted.some((one) => isSame(one, mine))) return undefined;
    const refused = overLimit(limits, counted, mine.at);
    if (refused !== undefined) return refused;
    try {
      await store.setRegister("actions", version, [...counted, mine]);
      return undefined;
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt >= attempts) throw error;
    }
  }
};

const isSame = (a: ActionRecord, b: ActionRecord): boolean =>
  a.incident === b.incident && a.round === b.round && a.head === b.head;
