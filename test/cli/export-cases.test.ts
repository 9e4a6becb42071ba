import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { backtest } from "../../infra/cli/diagnosis/backtest.ts";
import { exportFacts } from "../../infra/cli/export.ts";
import { postmortemCommand } from "../../infra/cli/postmortem.ts";
import { archiveDir, writeArchive } from "../../infra/host/adapters/archive.ts";
import { sqliteStore } from "../../shared/adapters/sqlite/store.ts";
import type { Event } from "../../shared/incident/events.ts";
import { gitSync } from "../support/git-runner.ts";
import { opened, proposed, revertOf, verified } from "../support/incident.ts";
import { scratch } from "../support/scratch.ts";

test("own incidents that a revert ended become cases, which backtest judges", async (t) => {
  const dir = await scratch(t);
  await (await sqliteStore({ path: join(dir, "countersteer.db") })).close();
  const clone = join(dir, "clone");
  gitSync(dir, ["init", "-q", "-b", "main", clone]);
  const shas = ["read me", "settle JPY in whole numbers", "colour"].map((subject) => {
    writeFileSync(join(clone, "fx.js"), subject);
    gitSync(clone, ["add", "."]);
    gitSync(clone, ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", subject]);
    return gitSync(clone, ["rev-parse", "HEAD"]).toString().trim();
  });
  const [, culprit = ""] = shas;
  const at = Date.now() + 60_000;
  const facts = (sha: string): Event[] =>
    [opened(), { ...proposed(), remedy: revertOf({ sha }) } as Event, verified()].map((fact, index) => ({
      ...fact,
      at: at + index * 1000,
    }));
  const stored = (incident: string, sha: string) =>
    facts(sha).map((fact, index) => ({ incident, version: index + 1, fact }));
  const records = [...stored("cart/production", culprit), ...stored("other/production", "f".repeat(40))];
  writeArchive(archiveDir(dir), at, records);
  const run = async (...argv: string[]) => {
    const [out, err]: [string[], string[]] = [[], []];
    const io = { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) };
    const code = await exportFacts(argv, io, { DATA_DIR: dir });
    return { code, out: out.join(""), err: err.join("") };
  };

  const { code, out, err } = await run("--cases", "--repo", clone);
  assert.deepEqual([code, err], [0, "1 case; of 1 more the clone lacks the culprit\n"]);
  const { id, service, candidates, ...one } = JSON.parse(out);
  assert.deepEqual([id, service, one.culprit, one.kind], ["cart/production 1", "cart", culprit, "incident"]);
  assert.deepEqual(
    candidates.map(({ sha, files }: { sha: string; files: string[] }) => [sha, files]),
    shas.toReversed().map((sha) => [sha, ["fx.js"]]),
  );
  assert.match(one.symptom, /^PaymentErrorsHigh /);
  const file = join(dir, "cases.jsonl");
  writeFileSync(file, out);
  const told: string[] = [];
  const io = { out: (text: string) => void told.push(text), err: (text: string) => void told.push(text) };
  assert.equal(await backtest(["--cases", file], io), 0);
  assert.match(told.join(""), /1 cases?, top-1/);

  const draft: string[] = [];
  const put = { out: (text: string) => void draft.push(text), err: (text: string) => void draft.push(text) };
  assert.equal(await postmortemCommand(["cart/production"], put, { DATA_DIR: dir }), 0);
  assert.match(draft.join(""), /^# cart in production: /);
  assert.equal(await postmortemCommand(["no/where"], put, { DATA_DIR: dir }), 1);

  assert.equal(
    (await run("--cases")).err,
    "export: give a clone of the repository with --repo (see --help)\n",
  );
  assert.equal((await run("--cases", "--repo", clone, "--service", "fees")).err, "0 cases\n");
});
