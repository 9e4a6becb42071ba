import { ConflictError } from "../../shared/errors.ts";
import type { DrillRecord, Store } from "../../shared/ports/store.ts";

/** Drills that are kept, the latest: a drill is over within the hour. */
const mostKept = 20;
const tries = 5;

type Change = (drill: DrillRecord | undefined) => DrillRecord | undefined;

/** Changes one drill and stores it. `change` returns undefined where nothing is to be noted. Throws ConflictError after some tries. */
export const changeDrill = async (
  store: Pick<Store, "register" | "setRegister">,
  id: string,
  change: Change,
): Promise<DrillRecord | undefined> => {
  for (let attempt = 1; ; attempt++) {
    const { version, value = [] } = await store.register("drills");
    const known = value.find((one) => one.id === id);
    const changed = change(known);
    if (changed === undefined || changed === known) return known;
    try {
      const others = value.filter((one) => one !== known);
      await store.setRegister("drills", version, [changed, ...others].slice(0, mostKept));
      return changed;
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === tries) throw error;
    }
  }
};
