import assert from "node:assert/strict";
import { test } from "node:test";
import type { Origin } from "../../shared/diagnosis/model.ts";
import { remedies } from "../../shared/diagnosis/remedies.ts";
import type { Judged } from "../../shared/diagnosis/verdict.ts";
import { sha } from "../support/incident.ts";

const judged = (
  letter: string,
  p: number,
  over: { by?: "deploy" | "landing"; at?: number; origin?: Origin } = {},
) => {
  const { by = "deploy", at = 100, origin } = over;
  return {
    commit: { sha: sha(letter), title: `change ${letter}` },
    ...{ p, evidence: [], ...(origin === undefined ? {} : { origin }) },
    live: { at, by, ...(by === "deploy" ? { service: "s", deploy: { sha: sha("d"), from: sha("a") } } : {}) },
  } as unknown as Judged;
};
const offered = (...ranked: Judged[]) =>
  remedies({ ranked }).map((one) =>
    one.kind === "revert" ? [one.from?.[0] ?? "", one.sha[0], one.score] : [],
  );

test("two changes of one deploy that are about as likely: the deploy first, then each of them", () => {
  assert.deepEqual(offered(judged("c", 0.4), judged("d", 0.3), judged("b", 0.125)), [
    ["a", "d", 0.825],
    ["", "c", 0.4],
    ["", "d", 0.3],
  ]);
});

test("one that stands out comes first, and its deploy is offered when that helps noticeably more", () => {
  assert.deepEqual(offered(judged("c", 0.5), judged("d", 0.125), judged("b", 0.0625)), [
    ["", "c", 0.5],
    ["a", "d", 0.6875],
  ]);
  assert.deepEqual(offered(judged("c", 0.75), judged("d", 0.0625)), [["", "c", 0.75]]);
});

test("changes that no deploy brought together are offered one by one", () => {
  const landing = { by: "landing" as const };
  assert.deepEqual(offered(judged("c", 0.4, landing), judged("d", 0.3, landing), judged("b", 0.1, landing)), [
    ["", "c", 0.4],
    ["", "d", 0.3],
  ]);
});

test("nothing is offered when another service's change is the likeliest, and never one of another service", () => {
  const origin = { service: "fx", of: { service: "fx", repository: "acme/fx", approvers: [] } };
  const of = { origin, at: 50 };
  assert.deepEqual(offered(judged("f", 0.5, of), judged("c", 0.4)), []);
  assert.deepEqual(offered(judged("c", 0.5), judged("f", 0.4, of)), [["", "c", 0.5]]);
});

test("with no suspect there is nothing to offer", () => assert.deepEqual(offered(), []));
