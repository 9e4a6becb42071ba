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
    return { found: [], notes: [`its pull requests could not be read (${error.message})`] };
  }
};
