import assert from "node:assert/strict";
import { test } from "node:test";
import { withDeployerClock } from "../../shared/diagnosis/candidates/deploy-clock.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";
import { diagnosed, hour, minute, now, shop } from "./shop.ts";

const day = 24 * hour;
/** A deploy of `ago`, heard `late` after it, by a clock that is `ahead`; on receipt it is set right as far as it shows by itself. */
const deployed = (
  sha: string,
  ago: number,
  { late = 20_000, ahead = hour }: { late?: number; ahead?: number } = {},
): DeployRecord => {
  const heard = { at: now - ago + late, told: now - ago + ahead };
  const isClear = heard.told > heard.at && late <= 30 * minute && ahead % hour === 0;
  return {
    ...{ service: "payment-gateway", environment: "production", sha: sha.repeat(40), status: "succeeded" },
    ...{ at: isClear ? now - ago : Math.min(heard.told, heard.at), heard },
  };
};
const agoOf = (deploys: DeployRecord[], sha: string): number =>
  (now - (deploys.find((one) => one.sha.startsWith(sha))?.at ?? 0)) / minute;

const usual = [deployed("1", 3 * day), deployed("2", 2 * day), deployed("3", day)];

for (const late of [31, 43, 59, 61, 90, 200])
  test(`a clock that is an hour ahead, and a report that comes ${late} min late`, () => {
    const { deploys, notes } = withDeployerClock(
      [...usual, deployed("4", 4 * hour, { late: late * minute })],
      now,
    );
    assert.equal(agoOf(deploys, "4"), 240);
    assert.match(notes.join(), /clock is 1 h ahead, by most of its reports/);
  });

test("two hours ahead are taken off, too", () => {
  const two = { ahead: 2 * hour };
  const { deploys } = withDeployerClock(
    [
      ...[deployed("1", 3 * day, two), deployed("2", 2 * day, two)],
      deployed("3", 5 * hour, { ...two, late: 75 * minute }),
    ],
    now,
  );
  assert.deepEqual(
    ["1", "2", "3"].map((sha) => agoOf(deploys, sha)),
    [4320, 2880, 300],
  );
});

for (const [name, deploys] of [
  ["a clock that is right", usual.map((one) => ({ ...one, heard: { at: one.at + 20_000, told: one.at } }))],
  ["a clock that goes seven minutes ahead", [deployed("1", day, { ahead: 7 * minute })]],
  [
    "one report of four that is an hour ahead",
    [...[4, 3, 2].map((days) => deployed(String(days), days * day, { ahead: 0 })), deployed("1", day)],
  ],
  ["records of an earlier release", usual.map(({ heard: _, ...one }) => one)],
] satisfies [string, DeployRecord[]][])
  test(`nothing is taken off: ${name}`, () => {
    assert.deepEqual(withDeployerClock(deploys, now), { deploys, notes: [] });
  });

test("the clock of one service's deployer says nothing of another's", () => {
  const others = [3, 2, 1].map((days) => ({ ...deployed("9", days * day, { ahead: 0 }), service: "mail" }));
  const late = deployed("4", 4 * hour, { late: 43 * minute });
  const { deploys } = withDeployerClock([...others, ...usual, late], now);
  assert.equal(agoOf(deploys, "4"), 240);
  assert.equal(agoOf(deploys, "9"), 24 * 60);
});

/** Heard 20 min ago for 17 min after that: by a clock that is 17 min ahead, or an hour ahead and 43 min late. */
const doubtful: DeployRecord = {
  ...deployed("4", 20 * minute),
  at: now - 20 * minute,
  heard: { at: now - 20 * minute, told: now - 3 * minute },
};
for (const [onset, isSaid] of [
  [now - 40 * minute, true],
  [now - 62 * minute, true],
  [now - 64 * minute, false],
  [now - 19 * minute, false],
] as const)
  test(`one report does not show by how much its clock is ahead, which is ${isSaid ? "said" : "no matter"} where the trouble began ${(now - onset) / minute} min ago`, () => {
    const { deploys, notes } = withDeployerClock([doubtful], onset);
    assert.deepEqual(deploys, [doubtful]);
    assert.deepEqual(
      notes,
      isSaid
        ? [
            "the deploy of 444444444444 was told for 11:57:00 when it was 11:40:00: the deployer's clock is ahead, and one report does not show by how much. It counts from 11:40:00, and may have been at 10:57:00, before the trouble began",
          ]
        : [],
    );
  });

test("the change of a deploy that was told late, by a clock an hour ahead, is the suspect", async (t) => {
  const titles = ["start", "labels in A6", "receipts by mail", "geo: new address"] as const;
  const ages = [9 * day, 3.1 * day, 1.1 * day, 3 * hour];
  const landings = titles.map((message, at) => ({
    ...{ message, ago: ages[at]!, files: { [`src/part${at}.js`]: `exports.part = "${message}";\n` } },
  }));
  const heard = (ago: number, late: number) => ({ heard: { at: now - ago + late, told: now - ago + hour } });
  const stage = await shop(t, {
    landings,
    deploys: [
      ["start", 8 * day, heard(8 * day, 10_000)],
      ["labels in A6", 3 * day, heard(3 * day, 10_000)],
      ["receipts by mail", day, heard(day, 10_000)],
      // Went live 95 min ago and was told 43 min later, for 17 min after that: on receipt it counted as just done.
      ["geo: new address", 52 * minute, heard(95 * minute, 43 * minute)],
    ],
    alert: { name: "PaymentErrors", ago: 90 * minute, annotations: { summary: "payments fail" } },
  });
  const { diagnosis } = await diagnosed(stage);
  assert.equal(diagnosis.suspects[0]?.title, "geo: new address");
  assert.match(diagnosis.suspects[0]?.reasons.join("\n") ?? "", /5 min before the trouble began/);
  assert.match(diagnosis.notes?.join("\n") ?? "", /told for 11:25:00, is taken for 10:25:00/);
});
