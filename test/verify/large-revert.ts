import { revertCommand } from "../../infra/cli/revert/command.ts";

export type Reverted = { result: string; tree?: string; requests: number; reason?: string; peakMiB: number };

/** One revert of `acme/shop`, and the most memory that this process ever held. */
const told: string[] = [];
await revertCommand(["acme/shop", process.argv[2] ?? "", "--json"], process.env, {
  out: (text) => told.push(text),
  err: (text) => process.stderr.write(text),
});
const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024);
const reverted: Reverted = { ...JSON.parse(told.join("")), peakMiB };
process.send?.(reverted);
process.disconnect?.();
