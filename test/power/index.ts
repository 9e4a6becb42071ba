import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand, standardIo, wholeNumber } from "../../infra/host/command.ts";
import { ConfigurationError } from "../../infra/host/errors.ts";
import { cuts } from "./cuts.ts";
import { untraceable } from "./trace.ts";

const help = `usage: npm run power -- [options]

Writes to a new data directory under strace, cuts the power after each call of the kernel, and opens what a disk has left that keeps only what was synced.
  --seeds N  how often some of the rest is left as well, sector by sector (10)
  --every N  after each Nth call (1)

Exit codes: 0 everything that was acknowledged is there, 1 something is lost, 2 wrong usage.`;

const options = {
  seeds: { type: "string", default: "10" },
  every: { type: "string", default: "1" },
} as const;

process.exitCode = await runCommand(
  { name: "power", help, options },
  { argv: process.argv.slice(2), io: standardIo() },
  ({ values: { seeds, every } }) => {
    const reason = untraceable();
    if (reason !== undefined) throw new ConfigurationError(reason);
    const scratch = mkdtempSync(join(tmpdir(), "countersteer-power-"));
    try {
      const how = { seeds: wholeNumber("--seeds", seeds, 0), every: wholeNumber("--every", every) };
      const { lost, said, tried } = cuts(scratch, how);
      console.log([...lost, `${tried} power cuts, ${said} acknowledged, ${lost.length} losses`].join("\n"));
      return lost.length > 0 ? 1 : 0;
    } finally {
      rmSync(scratch, { recursive: true });
    }
  },
);
