import type { Gates } from "../../shared/ports/merging.ts";

/** A repository that asks for nothing beside the approval. */
export const freeGates: Gates = {
  ...{ state: "clean", reviews: 0, codeOwners: false, required: [], upToDate: false, others: [] },
  checks: { failing: [], running: [] },
  autoMerge: { allowed: false, on: false },
};
