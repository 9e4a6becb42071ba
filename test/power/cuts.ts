import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../../shared/errors.ts";
import { chanceOf } from "../simulation/chance.ts";
import { lostIn, type Said } from "./check.ts";
import { createDisk } from "./disk.ts";
import { traced } from "./trace.ts";

export type Cuts = { lost: string[]; said: number; tried: number };

const script = join(import.meta.dirname, "writer.ts");

/**
 * Traces a process that writes to a new data directory, and cuts the power after each thing that it said to be done, and after each
 * `every`th call: once with nothing left that was not synced, and `seeds` times with some of it.
 */
export const cuts = (scratch: string, { seeds, every }: { seeds: number; every: number }): Cuts => {
  const root = join(scratch, "disk");
  mkdirSync(root);
  const data = join("var", "data");
  const disk = createDisk(root);
  const said: Said[] = [];
  const found: Cuts = { lost: [], said: 0, tried: 0 };
  for (const [index, one] of traced(root, script, [join(root, data)]).entries()) {
    disk.take(one);
    const { call } = one;
    if (call.does === "say")
      said.push(
        ...call.text
          .trim()
          .split("\n")
          .map((line): Said => JSON.parse(line)),
      );
    if (call.does !== "say" && index % every !== 0) continue;
    for (let seed = 0; seed <= seeds; seed++) {
      const target = join(scratch, `cut-${index}-${seed}`);
      disk.cut(target, seed === 0 ? undefined : chanceOf(seed, `cut ${index}`));
      for (const what of lost(join(target, data), said))
        found.lost.push(`after call ${index} (${call.does}), seed ${seed}: ${what}`);
      found.tried += 1;
      rmSync(target, { recursive: true });
    }
  }
  return { ...found, said: said.length };
};

const lost = (dataDir: string, said: Said[]): string[] => {
  try {
    return lostIn(dataDir, said).map((one) => JSON.stringify(one));
  } catch (error) {
    return [`it does not open: ${messageOf(error)}`];
  }
};
