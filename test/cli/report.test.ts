import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { report } from "../../infra/cli/report/command.ts";
import { archiveDir, writeArchive } from "../../infra/host/adapters/archive.ts";
import { sqliteStore } from "../../shared/adapters/sqlite/store.ts";
import type { Event } from "../../shared/incident/events.ts";
import { createProcess } from "../../shared/process.ts";
import { alert, id, notify, opened, policy, proposed, resolved, verified } from "../support/incident.ts";
import { scratch } from "../support/scratch.ts";
import { silent } from "../support/world.ts";

const day = 24 * 60 * 60 * 1000;
const now = Date.UTC(2026, 10, 29);

/** A data directory with an incident that went away by itself, one archived that was verified, and four deploys. */
const dataDir = async (t: TestContext): Promise<string> => {
  const dir = await scratch(t);
  const store = await sqliteStore({ path: join(dir, "countersteer.db") });
  const { handle } = createProcess({ store, clock: () => 0, log: silent, policyOf: () => policy });
  const begin = now - 2 * day;
  await handle(id, notify([alert({ startsAt: begin })], { at: begin }));
  const end = begin + 600_000;
  await handle(id, notify([resolved({ startsAt: begin, endsAt: end })], { at: end }));
  for (const hours of [1, 2, 3, 4]) {
    const where = { service: "payment-gateway", environment: "production" };
    await store.recordDeploy({
      ...{ ...where, sha: String(hours).repeat(40), at: now - hours * 3_600_000 },
      status: hours === 4 ? "failed" : "succeeded",
    });
  }
  await store.close();
  const before = now - 5 * day;
  const facts = [opened({ onsetAt: before }), proposed(), verified()].map((fact, index) => ({
    ...fact,
    at: before + index * 60_000,
  }));
  const archived = facts.map((fact: Event, index) => ({
    incident: "cart/production",
    version: index + 1,
    fact,
  }));
  writeArchive(archiveDir(dir), now, archived);
  return dir;
};

const run = async (dir: string, ...argv: string[]) => {
  const [out, err]: [string[], string[]] = [[], []];
  const io = { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) };
  const code = await report(argv, io, { env: { DATA_DIR: dir }, now });
  return { code, out: out.join(""), err: err.join("") };
};

test("the report tells how incidents ended, what became of proposals and how long it took, archives included", async (t) => {
  const { code, out } = await run(await dataDir(t));
  assert.equal(code, 0);
  assert.equal(
    out,
    `2026-10-30 to 2026-11-29: 2 incidents
     1  recovered
     1  verified
A person was needed in none of them, and none paged.

1 proposal: 0 approved, 0 merged.
  right      1 verified
  wrong      0 did not help, 0 ruled out, 0 rejected
  not known  0
3 deploys, of which 1 brought a change that a verified revert took back: 33 % change failure rate.

Medians:
  first alert to pull request     60 s
  start of the trouble to its end 2 min
    where a merged remedy did it  2 min

Proposals with at least this probability, and how many of those that were judged were right:
   50 %  1 of 1
   60 %  1 of 1
   70 %  1 of 1
   80 %  1 of 1
   90 %  1 of 1
No bar for mode auto: at none of them were 95 of 100 right in 20 or more.

service          incidents  verified  wrong  needed a person
cart                     1         1      0                0
payment-gateway          1         0      0                0
`,
  );
});

test("--json is one object, and --since narrows the time", async (t) => {
  const dir = await dataDir(t);
  const { out } = await run(dir, "--json", "--since", "3d");
  const told = JSON.parse(out);
  assert.deepEqual([told.all.rounds, told.since, told.until], [1, now - 3 * day, now]);
  assert.match((await run(dir, "--since", "1h")).out, /^2026-11-28 to 2026-11-29: 0 incidents\n/);
});

test("a wrong time and a store that is not there are one sentence each", async (t) => {
  assert.deepEqual(await run(await dataDir(t), "--since", "soon"), {
    ...{ code: 2, out: "" },
    err: 'report: --since is a time such as 12h, 30d or 8w, not "soon" (see --help)\n',
  });
  const empty = await scratch(t);
  const { code, err } = await run(empty);
  assert.deepEqual(
    [code, err],
    [
      1,
      `${join(empty, "countersteer.db")} is not there: set DATA_DIR to the data of the server, or TABLE_NAME to its table\n`,
    ],
  );
});
