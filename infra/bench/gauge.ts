import { subscribe } from "node:diagnostics_channel";
import { isMainThread } from "node:worker_threads";

/** Loaded before a server (`--import`): answers over IPC what the whole process has used so far, its threads included. */
export type Usage = { cpuMicros: number; peakBytes: number; commits: number; appends: number };

if (isMainThread && process.send !== undefined) {
  const seen = { commits: 0, appends: 0 };
  subscribe("countersteer:sqlite.commit", (message) => {
    seen.commits++;
    seen.appends += (message as { appends: number }).appends;
  });
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    process.send?.({
      cpuMicros: user + system,
      peakBytes: process.resourceUsage().maxRSS * 1024,
      ...seen,
    } satisfies Usage);
  });
  process.on("disconnect", () => process.exit());
}
