import assert from "node:assert/strict";
import { played } from "../played.ts";
import {
  css,
  hour,
  type Landing,
  lines,
  minute,
  noise,
  type Ordinary,
  receipt,
  second,
  step,
} from "../weigh.ts";
import type { Sibling } from "./row.ts";

const pool: Landing = ["vouchers: smaller pool", { "src/vouchers.js": "+const voucherPool = 3;" }, 2 * hour];
const vouchers: Ordinary["alert"] = {
  ...{ name: "VouchersFail", ago: 3 * minute },
  annotations: { summary: "vouchers fail" },
};
const stepOf = (ago: number) =>
  step(ago, 0.002, 0.3, { metric: "VouchersFail's ratio", alert: "VouchersFail" });

const cases: [sibling: string, given: Ordinary][] = [
  [
    "the alert and the culprit share a word",
    { commits: [css, pool], deploys: [[pool[0], 4 * minute]], alert: vouchers },
  ],
  [
    "the alert's metric steps 20 s after it",
    {
      ...{ commits: [pool, receipt], alert: vouchers, series: [stepOf(3 * minute)] },
      deploys: [[receipt[0], 3 * minute + 20 * second]],
    },
  ],
  [
    "new log lines hold a name of the culprit",
    {
      ...{ commits: [css, pool, receipt], deploys: [[receipt[0], 5 * minute]], alert: vouchers },
      logs: [...noise, ...lines(3 * minute, "voucherPool is empty")],
    },
  ],
];

/** The same incident where none of the service's deploys is told, and where all are. */
export const confirmed: Sibling[] = cases.map(([sibling, given]) => ({
  sibling,
  play: async (host) => {
    const chanceOf = async (one: Ordinary): Promise<number> => {
      const { diagnosis } = await played(one, host.world);
      await host.close();
      return diagnosis.suspects.find(({ title }) => title === pool[0])?.score ?? 0;
    };
    const [before, after] = [await chanceOf({ ...given, over: { deploys: [] } }), await chanceOf(given)];
    assert.ok(before > 0.1 && after >= before, `${before} → ${after}`);
  },
}));
