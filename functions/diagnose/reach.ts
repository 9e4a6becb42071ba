import type { Configured } from "../../shared/config.ts";

/** Services beside the alerting one whose changes and signals are read. */
const mostOthers = 5;

/** The services whose trouble may be felt in this one: those of its `dependsOn`, then those that traces show it to call. */
export const inReach = (
  { name, dependsOn = [] }: Pick<Configured, "name" | "dependsOn">,
  called: string[],
): string[] => [...new Set([...dependsOn, ...called])].filter((other) => other !== name).slice(0, mostOthers);
