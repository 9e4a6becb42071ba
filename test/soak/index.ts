import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand, standardIo, wholeNumber } from "../../infra/host/command.ts";
import { grown, soak } from "./soak.ts";

const help = `usage: npm run soak -- [options]

Lets troubles come and go for many days of virtual time in one process, on one database, and archives what is old. Then it compares what is stored, open and
held in memory halfway and at the end.
  --days N      days (60)
  --rounds N    rounds a day (200)
  --services N  services that take turns (50)

Exit codes: 0 nothing grew by more than 5 %, 1 something did, 2 wrong usage.`;

const options = {
  days: { type: "string", default: "60" },
  rounds: { type: "string", default: "200" },
  services: { type: "string", default: "50" },
} as const;
const share = 0.05;

process.exitCode = await runCommand(
  { name: "soak", help, options },
  { argv: process.argv.slice(2), io: standardIo() },
  async ({ values: { days, rounds, services } }) => {
    const dir = mkdtempSync(join(tmpdir(), "countersteer-soak-"));
    const begun = performance.now();
    try {
      const soaked = await soak(dir, {
        days: wholeNumber("--days", days, 12),
        roundsADay: wholeNumber("--rounds", rounds),
        services: wholeNumber("--services", services),
      });
      const seconds = Math.round((performance.now() - begun) / 1000);
      const growth = grown(soaked, share);
      console.log(JSON.stringify(soaked.sizes.at(-1)));
      console.log(
        [...growth, `${soaked.rounds} rounds in ${seconds} s, ${growth.length} sizes grew`].join("\n"),
      );
      return growth.length > 0 ? 1 : 0;
    } finally {
      rmSync(dir, { recursive: true });
    }
  },
);
