import assert from "node:assert/strict";
import { test } from "node:test";
import { describe, parseConfig } from "../../shared/config.ts";

export const base = `baseUrl: https://countersteer.example.com
services:
  - name: checkout
    match: [service="checkout"]
    repository: acme/checkout
    branch: main
    paths: [services/checkout/]
    environments: [production, staging]
    channel: C024BE91L
    approvers: [U024BE7LH, U024BE7LI]
    policy: { mode: approve, minConfidence: 0.5 }
    verify: { hold: 5m }
    dependsOn: [fx-rates]
  - name: fx-rates
    match: [service="fx-rates"]
    repository: acme/fx-rates
    environments: [production]
    channel: C024BE91L
`;

/** The lines of check-config when `written` stands in the place of `right`. */
export const said = (right: string, written: string): string[] => {
  assert.ok(base.includes(right), right);
  const parsed = parseConfig(base.replace(right, written));
  return "problems" in parsed ? describe("c", parsed.problems).split("\n") : [];
};

/** A mistake that stands in the place of the right text, and the lines of check-config about it. */
export type Mistake = { mistake: string; right: string; written: string; says: string[] };

/** Each mistake is told so. */
export const tellsEach = (mistakes: Mistake[]): void => {
  for (const { mistake, right, written, says } of mistakes)
    test(`${mistake}: said with its place and what to do`, () =>
      assert.deepEqual(said(right, written), says));
};
