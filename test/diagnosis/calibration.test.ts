import assert from "node:assert/strict";
import { test } from "node:test";
import { double, assert as holds, property } from "fast-check";
import { fitCalibration } from "../../infra/train/calibrate.ts";
import type { Result } from "../../infra/train/figures.ts";
import { parseConfig } from "../../shared/config.ts";
import { calibrate, calibrated } from "../../shared/diagnosis/calibration.ts";
import { judge } from "../../shared/diagnosis/judge.ts";
import { rank } from "../../shared/diagnosis/rank.ts";
import { diagnosed, shop } from "../ordinary/shop.ts";
import { caseOf, css, highErrors, minute, type Ordinary, receipt, step } from "../ordinary/weigh.ts";
import { policy } from "../support/world.ts";

const given = caseOf({
  commits: [css, receipt],
  deploys: [[receipt[0], 6 * minute]],
  alert: highErrors,
  series: [step(5 * minute, 0.002, 0.2)],
} satisfies Ordinary);

test("a calibration keeps the order, and the probabilities still sum to 1", () => {
  const verdict = judge(given);
  const order = verdict.ranked.map(({ commit }) => commit.sha);
  holds(
    property(
      double({ min: 0.05, max: 5, noNaN: true }),
      double({ min: -10, max: 10, noNaN: true }),
      (scale, shift) => {
        const { ranked, noSuspect } = calibrate(verdict, { scale, shift });
        assert.deepEqual(
          ranked.map(({ commit }) => commit.sha),
          order,
        );
        assert.ok(ranked.every(({ p }, index) => index === 0 || p <= ranked[index - 1]!.p + 1e-12));
        assert.ok(Math.abs(ranked.reduce((sum, { p }) => sum + p, noSuspect) - 1) < 1e-9);
        assert.ok(noSuspect >= 0);
      },
    ),
  );
});

test("scale 1 and shift 0 change nothing, and a negative shift makes it less sure", () => {
  const [first] = judge(given).ranked;
  const same = calibrate(judge(given), { scale: 1, shift: 0 }).ranked[0]!;
  assert.ok(Math.abs(same.p - first!.p) < 2e-3);
  const { suspects, none } = rank({ ...given, calibration: { scale: 1, shift: -2 } });
  assert.ok(suspects[0]!.score < first!.p);
  assert.ok(none > judge(given).noSuspect);
});

/** Windows of which the share `right(p)` is right, told with p. */
const history = (right: (p: number) => number, free = 0.01): Result[] =>
  [0.3, 0.5, 0.7, 0.8, 0.9, 0.97].flatMap((p) =>
    Array.from({ length: 60 }, (_, index) => ({
      ...{ group: "", chosen: 4, p, free },
      place: index < Math.round(60 * right(p)) ? 0 : 3,
    })),
  );

test("a history that is told too surely is calibrated down, on cases that the fit did not see", () => {
  const fitted = fitCalibration(history((p) => p * 0.6))!;
  assert.ok(calibrated(fitted.calibration, 0.9) < 0.65, JSON.stringify(fitted));
  assert.ok(fitted.after < fitted.before / 2, JSON.stringify(fitted));
  assert.equal(fitted.safe, undefined);
});

test("a history that is told too modestly is calibrated up, and from some bar on it is safe", () => {
  const fitted = fitCalibration(history((p) => Math.min(1, p + 0.3)))!;
  assert.ok(calibrated(fitted.calibration, 0.8) > 0.85, JSON.stringify(fitted));
  assert.ok(fitted.safe !== undefined && fitted.safe.share > 0.1, JSON.stringify(fitted));
});

test("windows without their culprit that are told surely leave no bar safe", () => {
  assert.equal(fitCalibration(history(() => 1, 0.97))!.safe, undefined);
});

test("nineteen cases are too few", () => {
  assert.equal(fitCalibration(history((p) => p).slice(0, 19)), undefined);
  assert.notEqual(fitCalibration(history((p) => p).slice(0, 20)), undefined);
});

const configOf = (calibration: string) =>
  parseConfig(`services:
  - { name: shop, match: [service="shop"], repository: acme/shop, environments: [production], channel: C00, approvers: [U00],
      policy: { mode: approve, calibration: ${calibration} } }`);

test("the two numbers are read from the policy, and refused where they are none", () => {
  const read = configOf("{ scale: 0.4, shift: -0.2 }");
  assert.ok("config" in read);
  assert.deepEqual(read.config.services[0]?.policy.calibration, { scale: 0.4, shift: -0.2 });
  for (const wrong of ["{ scale: 0, shift: 0 }", "{ scale: 1 }", "0.5", "{ scale: 1, shift: .inf }"])
    assert.ok("problems" in configOf(wrong), wrong);
});

test("the loop diagnoses by the calibration of the policy", async (t) => {
  const scene = (calibration?: { scale: number; shift: number }) =>
    shop(t, {
      landings: [
        { message: "start", files: { "a.js": "1\n" }, ago: 9e8 },
        { message: "pay: round up", files: { "src/pay.js": "2\n" }, ago: 9e6 },
      ],
      deploys: [
        ["start", 8e8],
        ["pay: round up", 4 * minute],
      ],
      alert: { name: "PayFails", annotations: { summary: "pay fails" } },
      ...(calibration && { configured: { policy: { ...policy, calibration } } }),
    });
  const plain = (await diagnosed(await scene())).diagnosis.suspects[0]!;
  const less = (await diagnosed(await scene({ scale: 1, shift: -4 }))).diagnosis.suspects[0]!;
  assert.equal(less.sha, plain.sha);
  assert.ok(plain.score > 0.899 && less.score < 0.7, `${plain.score} ${less.score}`);
});
