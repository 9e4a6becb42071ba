import assert from "node:assert/strict";
import { test } from "node:test";
import { gather } from "../../functions/diagnose/gather.ts";
import { memoryStore } from "../../shared/adapters/memory.ts";
import { flagEvidence } from "../../shared/diagnosis/evidence/flags.ts";
import { judge } from "../../shared/diagnosis/judge.ts";
import type { Flip } from "../../shared/diagnosis/model.ts";
import { findOnset } from "../../shared/diagnosis/onset/onset.ts";
import { type Case, rank } from "../../shared/diagnosis/rank.ts";
import { alert, sha } from "../support/incident.ts";
import { culprit, service, world } from "../support/world.ts";

const minute = 60_000;
const now = 3 * 24 * 60 * minute;
const flip = (flag: string, before: number, over: Partial<Flip> = {}): Flip => ({
  ...{ flag, service: "payment-gateway", change: "off → on", at: now - before * minute },
  ...over,
});
const given = (over: Partial<Case> = {}): Case => ({
  ...{ service: "payment-gateway", alerts: [alert({ startsAt: now })], onsetAt: now, deploys: [] },
  ...{ commits: [{ ...culprit, at: now - 30 * minute }], history: [culprit.sha] },
  ...over,
});
const line = (before: number, text: string) => ({
  ...{ at: now - before * 1000, service: "payment-gateway", level: "error", text },
});
const named = (over: Partial<Case>) => {
  const one = given(over);
  return flagEvidence(one, findOnset(one)).map(({ flip: { flag } }) => flag);
};

test("a flag changed shortly before the trouble speaks for none of the commits, the more the nearer it is", () => {
  const none = (flags: Flip[]) => judge(given({ flags })).noSuspect;
  assert.ok(none([flip("a", 1)]) > none([flip("a", 30)]));
  assert.ok(none([flip("a", 30)]) > none([]));
  assert.equal(none([flip("a", 23 * 60)]), none([]));
  assert.equal(none([flip("a", -5)]), none([]), "it came after");
  assert.ok(none([flip("a", 1, { service: "search" })]) < none([flip("a", 1)]));
  const fx = { service: "fx" };
  assert.equal(
    judge(given({ flags: [flip("a", 1, fx)], dependsOn: ["fx"] })).noSuspect,
    judge(given({ flags: [flip("a", 1)], dependsOn: ["fx"] })).noSuspect,
  );
});

test("a flag that says nothing any more is not named, and says nothing of logs and metrics that nobody read", () => {
  assert.deepEqual(named({ flags: [flip("late", 23 * 60), flip("old", 25 * 60)] }), []);
  assert.deepEqual(judge(given({ flags: [flip("late", 23 * 60)] })).against, []);
});

test("each flag counts once, by the change that tells most, and the three likeliest are named", () => {
  const steps = [flip("rollout", 20), flip("rollout", 10), flip("rollout", 2)];
  assert.deepEqual(named({ flags: [...steps, flip("b", 5), flip("c", 8), flip("d", 9)] }), [
    "rollout",
    "b",
    "c",
  ]);
  assert.equal(judge(given({ flags: steps })).noSuspect, judge(given({ flags: steps.slice(2) })).noSuspect);
});

test("flags stand in one distribution with the commits: what speaks for no change at all lowers them as it lowers the commits", () => {
  const of = (over: Partial<Case>) => {
    const { noSuspect, flips, ranked } = judge(given(over));
    const flagged = flips.reduce((sum, { p }) => sum + p, 0);
    return { commit: ranked[0]!.p, flags: flips.map(({ p }) => p), flagged, none: noSuspect - flagged };
  };
  const [without, one, two] = [[], [flip("a", 3)], [flip("a", 3), flip("b", 3)]].map((flags) =>
    of({ flags }),
  );
  const close = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-9, `${a} ${b}`);
  close(two!.flags[0]!, two!.flags[1]!);
  close(one!.none / one!.commit, without!.none / without!.commit);
  close(two!.flags[0]! / two!.none, one!.flags[0]! / one!.none);
  const logs = [line(-5, "getaddrinfo ENOTFOUND api.partner.example"), line(-900, "up")];
  const outside = of({ flags: [flip("a", 3)], logs });
  assert.ok(outside.none > one!.none);
  assert.ok(outside.flagged < one!.flagged);
});

test("a flag whose name is in the new log lines is told beside all others", () => {
  const logs = [line(-5, "ledger_v2: no rates for JPY"), line(-6, "ledger_v2: no rates for JPY")];
  const flags = [flip("cache", 1), flip("ledger_v2", 400)];
  assert.deepEqual(named({ flags }), ["cache"]);
  assert.deepEqual(named({ flags, logs }), ["cache", "ledger_v2"]);
});

test("a diagnosis holds its flags with their share and where to find them, and notes why", () => {
  const url = "https://flags.test/new-rates";
  const { flags, notes, none } = rank(given({ flags: [flip("new-rates", 3, { url })] }));
  const reason =
    "the flag “new-rates” of payment-gateway was changed (off → on) 3 min before the trouble began";
  assert.deepEqual(flags, [{ flag: "new-rates", score: flags![0]!.score, reason, url }]);
  assert.ok(flags![0]!.score > 0.5 && flags![0]!.score < none);
  assert.deepEqual(notes, [reason]);
  assert.equal("flags" in rank(given()), false);
});

test("flags of the service and of what it depends on are gathered, with one read of the store each", async () => {
  const { work } = world();
  const store = memoryStore();
  const place = { environment: "production", change: "on" };
  for (const [name, flag, at] of [
    ["payment-gateway", "own", now - minute],
    ["payment-gateway", "old", now - 50 * 60 * minute],
    ["fx", "theirs", now - 2 * minute],
    ["search", "foreign", now - minute],
  ] as const)
    await store.recordFlip({ ...place, service: name, flag, at });
  let reads = 0;
  const changes: typeof store.changes = (...of) => {
    reads++;
    return store.changes(...of);
  };
  const deploys: typeof store.deploys = (...of) => {
    reads++;
    return store.deploys(...of);
  };
  const own = service({ dependsOn: ["fx"] });
  const found = await gather(
    {
      ...work,
      store: { ...store, changes, deploys },
      serviceOf: (name) => (name === "fx" ? service({ name: "fx" }) : own),
    },
    { service: "payment-gateway", environment: "production", onsetAt: now },
  );
  assert.deepEqual(
    found.flags?.map(({ flag }) => flag),
    ["own", "theirs"],
  );
  assert.equal(reads, 2);
  assert.equal(found.commits[0]?.sha, sha("c"));
});
