import assert from "node:assert/strict";
import { test } from "node:test";
import { isSame, sameTrouble } from "../../shared/diagnosis/evidence/recurrence.ts";
import { judge } from "../../shared/diagnosis/judge.ts";
import type { Case } from "../../shared/diagnosis/model.ts";
import { rank } from "../../shared/diagnosis/rank.ts";
import type { Event } from "../../shared/incident/events.ts";
import { earlierRounds } from "../../shared/incident/rounds/earlier.ts";
import type { Commit } from "../../shared/ports/history.ts";
import {
  alert,
  approved,
  asked,
  deployed,
  diagnosed,
  escalated,
  merged,
  opened,
  proposed,
  revertOf,
  sha,
  verified,
} from "../support/incident.ts";

const day = 24 * 3_600_000;
const now = 100 * day;
const taken = { ...revertOf(), title: "round amounts to minor units" };

const reverted = [opened(), diagnosed(), proposed(), asked(), approved(), merged(), deployed(), verified()];
const recovered: Event = { type: "IncidentClosed", at: 50, outcome: "recovered" };
const openedAgain = (round: number): Event => opened({ round, at: 1000 * round });

test("the rounds that ended well are told, the latest first, with what ended them", () => {
  const log = [...reverted, openedAgain(2), recovered, openedAgain(3), escalated(), openedAgain(4)];
  assert.deepEqual(
    earlierRounds(log, 4).map((one) => [one.ended, one.endedAt]),
    [
      ["recovered", 50],
      ["reverted", 90],
    ],
  );
  const [last] = earlierRounds(reverted, 2);
  assert.equal(last?.ended === "reverted" && last.remedy.sha, sha("c"));
  assert.equal(last?.ended === "reverted" && last.merge, sha("f"));
  assert.deepEqual(earlierRounds(log, 1), []);
});

test("an incident that is written twice and one whose log begins in the middle tell what they hold", () => {
  assert.deepEqual(earlierRounds([], 3), []);
  assert.deepEqual(earlierRounds(reverted.slice(3), 2), []);
});

test("two alerts are the same by name and by what is wrong, wherever it is", () => {
  const yen = alert({ labels: { currency: "JPY", pod: "a-1", severity: "page" } });
  assert.ok(isSame(yen, alert({ labels: { currency: "JPY", pod: "b-2", severity: "warn" } })));
  assert.ok(isSame(yen, alert({ labels: {} })));
  assert.ok(!isSame(yen, alert({ labels: { currency: "EUR" } })));
  assert.ok(!isSame(yen, alert({ name: "DiskFull", labels: yen.labels })));
  assert.deepEqual(sameTrouble([{ alerts: [yen] }], [alert({ status: "resolved" })]), []);
  assert.equal(sameTrouble([{ alerts: [yen] }], [alert({ labels: {} })]).length, 1);
});

const commit = (letter: string, over: Partial<Commit> = {}): Commit => ({
  ...{ sha: sha(letter), parents: [sha("0")], title: `change ${letter}`, message: `change ${letter}` },
  ...{ author: "", at: now - 2 * 3_600_000, url: "", paths: [`docs-${letter}/a.go`] },
  ...over,
});
const before = {
  ...{
    alerts: [alert()],
    endedAt: now - 3 * day,
    ended: "reverted" as const,
    remedy: taken,
    merge: sha("f"),
  },
};
const given = (over: Partial<Case>): Case => ({
  ...{ service: "payment-gateway", alerts: [alert({ startsAt: now })], onsetAt: now, deploys: [] },
  ...{ commits: [commit("1"), commit("2"), commit("3")], history: [sha("1"), sha("2"), sha("3")] },
  ...over,
});
const deployOf = (letter: string, at: number) => ({
  ...{ service: "payment-gateway", environment: "production", sha: sha(letter) },
  ...{ status: "succeeded" as const, at },
});
const chance = (one: Case, letter: string): number =>
  judge(one).ranked.find(({ commit }) => commit.sha === sha(letter))!.p;

test("what brings back the change whose revert ended the same alert comes first, and says so", () => {
  for (const again of [
    {
      title: 'Reapply "round amounts"',
      message: `Reapply "round amounts"\n\nThis reverts commit ${sha("f")}.`,
    },
    { title: "x", message: `x\n\n(cherry picked from commit ${sha("c")})` },
    { title: `Reland: ${taken.title} (#41)`, message: "" },
    { title: `Revert "Revert "${taken.title}""`, message: "" },
  ]) {
    const commits = [commit("1"), commit("2"), commit("3", again)];
    const [first] = rank(given({ commits, earlier: [before] })).suspects;
    assert.equal(first?.sha, sha("3"), again.title);
    assert.ok(
      first.reasons.some((reason) =>
        /^brings back cccccccccccc “round amounts.*ended PaymentErrorsHigh 3 d earlier$/.test(reason),
      ),
      first.reasons.join("\n"),
    );
    const odds = (p: number) => p / (1 - p);
    assert.ok(
      odds(chance(given({ commits, earlier: [before] }), "3")) > 2 * odds(chance(given({ commits }), "3")),
    );
  }
});

test("a change that comes again counts less the longer it ran well before, and when it differs from what was taken back", () => {
  const patch = "+const minor = 2";
  const culprit = commit("c", { patch });
  const again = { title: `Reland: ${taken.title}`, patch };
  const odds = (ranMs: number, over: Partial<Commit> = {}): number => {
    const commits = [commit("1"), commit("2"), commit("3", { ...again, ...over })];
    const deploys = [deployOf("0", now - 3 * day), deployOf("3", now - ranMs)];
    const p = chance(given({ commits, deploys, earlier: [{ ...before, culprit }] }), "3");
    const bare = chance(given({ commits, deploys }), "3");
    return p / (1 - p) / (bare / (1 - bare));
  };
  const hour = 3_600_000;
  assert.ok(odds(hour / 2) > odds(6 * hour));
  assert.ok(odds(6 * hour) > odds(30 * hour));
  assert.ok(odds(hour / 2) > odds(hour / 2, { patch: "+const minor = 0" }));
});

test("what touches the files of it is likelier than without that past, the fewer others touch them the more", () => {
  const culprit = commit("c", { paths: ["src/rates.ts"] });
  const touching = { paths: ["src/rates.ts", "src/other.ts"] };
  const alone = [commit("1"), commit("2"), commit("3", touching)];
  const many = [commit("1", touching), commit("2", touching), commit("3", touching)];
  const past = [{ ...before, culprit }];
  const gain = (commits: Commit[]): number =>
    chance(given({ commits, earlier: past }), "3") / chance(given({ commits }), "3");
  assert.ok(gain(alone) > 1.1);
  assert.ok(gain(alone) > gain(many));
  const { suspects, notes } = rank(given({ commits: alone, earlier: past }));
  assert.ok(
    suspects
      .find((one) => one.sha === sha("3"))
      ?.reasons.some((reason) => reason.startsWith("touches src/rates.ts, as did cccccccccccc")),
  );
  assert.ok(
    notes?.includes(
      "PaymentErrorsHigh ended when cccccccccccc “round amounts to minor units” was taken back, 3 d earlier",
    ),
  );
});

test("an alert that ended by itself again and again, or by scaling, makes no change the likelier answer", () => {
  const alone = { alerts: [alert()], endedAt: now - day, ended: "recovered" as const };
  const none = (earlier: Case["earlier"]): number => judge(given({ earlier: earlier! })).noSuspect;
  assert.ok(none([alone]) > none([]));
  assert.ok(none([alone, alone, alone]) > none([alone]));
  assert.ok(
    rank(given({ earlier: [alone, alone] })).notes?.includes(
      "PaymentErrorsHigh ended by itself 2 times before, last 24 h earlier",
    ),
  );
  const remedy = {
    kind: "scale" as const,
    target: "Deployment/shop/api",
    field: "replicas" as const,
    to: "6",
    reasons: [],
    title: "",
    score: 1,
  };
  const scaled = { alerts: [alert()], endedAt: now - day, ended: "scaled" as const, remedy };
  assert.ok(none([scaled]) > none([]));
  assert.ok(
    rank(given({ earlier: [scaled] })).notes?.includes(
      "PaymentErrorsHigh ended when Deployment/shop/api was scaled, 24 h earlier",
    ),
  );
});
