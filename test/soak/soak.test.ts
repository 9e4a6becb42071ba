import assert from "node:assert/strict";
import { test } from "node:test";
import { scratch } from "../support/scratch.ts";
import { grown, keptDays, soak } from "./soak.ts";

const skip = process.platform !== "linux" && "open files are counted on Linux only";

test("nothing grows while troubles come and go, once as much is archived as comes", { skip }, async (t) => {
  const soaked = await soak(await scratch(t), { days: 14, roundsADay: 6, services: 4 });
  assert.deepEqual(grown(soaked, 0), []);
  assert.equal(soaked.rounds, 84);
  assert.equal(soaked.archives, 14 - keptDays);
});
