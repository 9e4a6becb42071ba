import type { Commit } from "../../ports/history.ts";
import { revertedShas } from "../../remedy/revert/revert-messages.ts";
import type { Live } from "../in-production/live.ts";

/** Tells which commits were taken back by a revert that was live at the onset. A revert that only landed clears nobody. */
export const isTakenBack = (commits: Commit[], live: Map<string, Live>): ((commit: Commit) => boolean) => {
  const shas = commits.map(({ sha }) => sha);
  const reverted = new Set(
    commits.filter(({ sha }) => live.has(sha)).flatMap(({ message }) => revertedShas(message, shas)),
  );
  return ({ sha }) => reverted.has(sha);
};
