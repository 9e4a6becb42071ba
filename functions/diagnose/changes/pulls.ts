import { UpstreamError } from "../../../shared/errors.ts";
import type { Changes, ListedPull } from "../../../shared/ports/changes.ts";
import type { Service } from "../../../shared/ports/service.ts";

/** The merged pull requests. Without permission to read them the diagnosis goes on, and says so. */
export const readPulls = async (
  changes: Changes,
  target: Service,
): Promise<{ found: ListedPull[]; notes: string[] }> => {
  try {
    return { found: await changes.mergedPulls(target), notes: [] };
  } catch (error) {
    if (!(error instanceof UpstreamError) || error.retryable) throw error;
    const missed = "their texts and labels were not looked at, and a rebased one counts commit by commit";
    return {
      found: [],
      notes: [`the pull requests of ${target.repository} could not be read (${error.message}), so ${missed}`],
    };
  }
};
