import type { EnvironmentOptions, Part } from "../environment.ts";
import { type Disk, mountDisk } from "./disk.ts";
import { type Gate, startGate } from "./gate.ts";
import { startTwins, type Twins } from "./twins.ts";

/** The places where something can go wrong; each is there once the environment has started. */
export type Disturbances = {
  github?: Gate;
  prometheus?: Gate;
  twins?: Twins;
  disk?: Disk | { why: string };
  stop(): Promise<void>;
};

/** Places of disturbance, and the options by which an environment goes through them. */
export const createDisturbances = (
  host: "embedded" | "aws-local",
): { disturbances: Disturbances; options: Pick<EnvironmentOptions, "through" | "dataDir"> } => {
  const disturbances: Disturbances = {
    async stop() {
      const { github, prometheus, twins, disk } = disturbances;
      const parts = [github, prometheus, twins, disk !== undefined && "stop" in disk ? disk : undefined];
      await Promise.allSettled(parts.map((part) => part?.stop()));
    },
  };
  const through = async (part: Part, url: string): Promise<string> => {
    if (part === "alerts") {
      disturbances.twins = await startTwins(url);
      return disturbances.twins.url;
    }
    const gate = await startGate(url);
    disturbances[part] = gate;
    return gate.url;
  };
  const dataDir = async (dir: string): Promise<void> => {
    disturbances.disk =
      host === "embedded" ? await mountDisk(dir) : { why: "on AWS the table has no disk of ours" };
  };
  return { disturbances, options: { through, dataDir } };
};
